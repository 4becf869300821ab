/** Broken manifests, from a seed: the tiny model's with values removed, retyped, made wild, or bytes of its text changed. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'

type Path = readonly (string | number)[]

const text = readFileSync('models/tiny/manifest.json', 'utf8')

/** Every place in a JSON value, the top included. */
function places(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
  return [at, ...[...keys].flatMap((key) => places((value as Record<string, unknown>)[key], [...at, key]))]
}

const everywhere = places(JSON.parse(text))

/** The value at a place becomes another; `undefined` removes it. */
function changed(root: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value
  const copy = structuredClone(root) as Record<string | number, unknown>
  if (typeof copy !== 'object' || copy === null) return root
  if (rest.length === 0 && value === undefined) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1)
    else delete copy[key]
  } else copy[key] = changed(copy[key], rest, value)
  return copy
}

/** JSON has neither NaN nor infinities: 1e999 is how a file says them. It stands as text until the very end. */
const INFINITY = '\u0001Infinity'
const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => [inner], 'deep')

const wild: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[undefined, null, true, false, '', ' ', 'none such', '../../secret', '__proto__', 'x'.repeat(100_000)],
    ...[0, -0, 1, -1, 2, 3, 0.5, 1e-300, 1e300, 2 ** 31, 2 ** 53, 4096, INFINITY, `-${INFINITY}`],
    ...[[], {}, [[]], [null], { length: -1 }, { toString: null }, nested(500)],
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 5 }),
)

const retold: fc.Arbitrary<Buffer> = fc
  .array(fc.tuple(fc.constantFrom(...everywhere), wild), { minLength: 1, maxLength: 3 })
  .map((changes) => {
    const value = changes.reduce((root, [at, value]) => changed(root, at, value), JSON.parse(text) as unknown)
    return Buffer.from((JSON.stringify(value) ?? '').replaceAll(/"(-?)\\u0001Infinity"/g, '$11e999'))
  })

const garbled: fc.Arbitrary<Buffer> = fc
  .tuple(fc.nat(text.length), fc.nat(200), fc.uint8Array({ maxLength: 20 }))
  .map(([at, removed, inserted]) => {
    const bytes = Buffer.from(text)
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)])
  })

/** The same in every run with one seed. */
export function mutants(count: number, seed: number): Buffer[] {
  return fc.sample(fc.oneof({ weight: 4, arbitrary: retold }, { weight: 1, arbitrary: garbled }), {
    numRuns: count,
    seed,
  })
}
