import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { encodeParams, PARAMS } from './params'

interface Field {
  readonly name: string
  readonly type: string
  /** Bytes from the start of the struct. */
  readonly offset: number
}

/** The types that the struct may have, with size and alignment in bytes (WGSL specification, "Alignment and Size"). */
const LAYOUT: Readonly<Record<string, { size: number; align: number }>> = {
  u32: { size: 4, align: 4 },
  i32: { size: 4, align: 4 },
  f32: { size: 4, align: 4 },
  vec2u: { size: 8, align: 8 },
  vec2f: { size: 8, align: 8 },
  vec4u: { size: 16, align: 16 },
  vec4f: { size: 16, align: 16 },
}

function structFields(source: string, struct: string): Field[] {
  const code = source.replace(/\/\/.*/g, '')
  const body = new RegExp(`struct ${struct} \\{([^}]*)\\}`).exec(code)?.[1]
  if (body === undefined) throw new Error(`There is no struct ${struct}.`)
  let end = 0
  return body
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '')
    .map((field) => {
      const [name = '', type = ''] = field.split(':').map((part) => part.trim())
      const layout = LAYOUT[type]
      if (!layout) throw new Error(`The layout of '${field}' is not known here. Give LAYOUT its size and alignment.`)
      const offset = Math.ceil(end / layout.align) * layout.align
      end = offset + layout.size
      return { name, type, offset }
    })
}

const wgsl = readFileSync(new URL('../../shaders/params.wgsl', import.meta.url), 'utf8')

it('the uniform struct in WGSL has the fields, in order, type and offset, that TypeScript writes', () => {
  const written = PARAMS.map(([name, type], i): Field => ({ name, type, offset: 4 * i }))
  expect(structFields(wgsl, 'Params')).toEqual(written)
})

it('each value lies where its field is', () => {
  const bytes = encodeParams({
    input: { batch: 1, channels: 2, height: 3, width: 4 },
    output: { batch: 1, channels: 2, height: 5, width: 6 },
    draw: 7,
    sigma: 0.5,
    nextSigma: 0.25,
  }).buffer
  const view = new DataView(bytes)
  const found = structFields(wgsl, 'Params').map(({ name, type, offset }) => [
    name,
    type === 'f32' ? view.getFloat32(offset, true) : view.getUint32(offset, true),
  ])
  expect(Object.fromEntries(found)).toEqual({
    ...{ batch: 1, channels: 2, in_height: 3, in_width: 4, out_height: 5, out_width: 6, draw: 7 },
    ...{ sigma: 0.5, next_sigma: 0.25 },
  })
})

it('the layout follows the rules of alignment', () => {
  expect(
    structFields('struct S { a: u32, b: vec2f, // c: u32,\n c: f32, d: vec4f, }', 'S').map((f) => f.offset),
  ).toEqual([0, 8, 16, 32])
})
