import examplePrompts from '../../../docs/study-prompts.txt?raw'
import type { BackendName } from '../../index'
import { find, make } from '../shared/dom'
import { counted } from '../shared/words'
import { canonicalSeed, parseJson, parseStudy, type Study } from './format'
import { matchPairs } from './pairs'
import { parsePrompts, withSeeds } from './prompts'
import { donePairs, studyId } from './record'
import type { PictureSet } from './sets'
import { createSource } from './source'

export type Sets = readonly [PictureSet, PictureSet]

export interface SetupEvents {
  readonly onStart: (sets: Sets, seed: bigint) => void
  readonly onImport: (study: Study) => void
  /** Votes that are already there, so that the page can offer to continue. */
  readonly stored: (id: string) => Promise<Study | undefined>
}

export interface Setup {
  /** Loads what the page's address names. `begun` is a study whose pictures are gone: it needs the same sets again. */
  open(begun?: Study): void
  /** Forgets the sets and all that names them: the page that shows pairs must not know. */
  clear(): void
}

/** Choosing two sets, the seed of the order, or a file of votes. */
export function createSetup(address: URLSearchParams, { onStart, onImport, stored }: SetupEvents): Setup {
  const prompts = find('prompts', HTMLTextAreaElement)
  const firstSeed = find('first-seed', HTMLInputElement)
  const orderSeed = find('order-seed', HTMLInputElement)
  const start = find('start', HTMLButtonElement)
  const matched = find('matched', HTMLElement)
  const importStatus = find('import-status', HTMLElement)
  const template = find('source', HTMLTemplateElement)
  const backend = (address.get('backend') ?? 'auto') as 'auto' | BackendName
  const sets: { a?: PictureSet | undefined; b?: PictureSet | undefined } = {}

  const sources = (['A', 'B'] as const).map((letter) =>
    createSource(letter, template, draw, (set) => {
      sets[letter === 'A' ? 'a' : 'b'] = set
      void showMatch()
    }),
  )
  find('sources', HTMLElement).append(...sources.map(({ element }) => element))
  prompts.value = examplePrompts.trim()
  orderSeed.value = address.get('seed') ?? randomSeed()
  orderSeed.addEventListener('input', () => void showMatch())

  async function draw(model: string, signal: AbortSignal, onProgress: (words: string) => void): Promise<PictureSet> {
    const first = canonicalSeed(firstSeed.value.trim())
    if (first === undefined) throw new Error('Seed of the first prompt: expected a whole number from 0 to 2^64 − 1.')
    const pictures = withSeeds(parsePrompts(prompts.value), first)
    const words = (drawn: number): string =>
      drawn === 0 ? 'Loading the model.' : `Drew ${drawn} of ${counted(pictures.length, 'picture')}.`
    // Loaded when it is needed: a study of two folders needs no engine.
    const { drawSet } = await import('./model-set')
    return drawSet({ model, backend, pictures, signal, onProgress: (drawn) => onProgress(words(drawn)) })
  }

  /** What can be started with the sets and the seed as they are now; undefined, with the reason on the page, if nothing. */
  async function showMatch(): Promise<void> {
    start.disabled = true
    start.textContent = 'Start'
    const { a, b } = sets
    if (!a || !b) return matched.replaceChildren()
    const { pairs, onlyA, onlyB } = matchPairs(a.pictures, b.pictures)
    const lines: HTMLElement[] = [make('p', '', `${counted(pairs.length, 'pair')} of the same prompt and seed.`)]
    const rest = [...onlyA.map((each) => ['A', each] as const), ...onlyB.map((each) => ['B', each] as const)]
    if (rest.length > 0) {
      const list = rest.map(([letter, { prompt, seed }]) =>
        make('li', '', `${prompt}, seed ${seed} (only in ${letter})`),
      )
      const words = `${counted(rest.length, 'picture')} without a partner, left out`
      lines.push(make('details', '', make('summary', '', words), make('ul', '', ...list)))
    }
    const seed = canonicalSeed(orderSeed.value.trim())
    if (seed === undefined) lines.push(make('p', 'wrong', 'The seed must be a whole number from 0 to 2^64 − 1.'))
    matched.replaceChildren(...lines)
    if (seed === undefined || pairs.length === 0) return
    const before = await stored(studyId({ sets: { a, b }, seed: String(seed) }))
    if (sets.a !== a || sets.b !== b || canonicalSeed(orderSeed.value.trim()) !== seed) return
    const done = before ? donePairs(before).size : 0
    if (done > 0) {
      matched.append(make('p', '', `${done} of them are judged in this browser.`))
      start.textContent = 'Continue'
    }
    start.disabled = false
  }

  start.addEventListener('click', () => {
    const seed = canonicalSeed(orderSeed.value.trim())
    if (sets.a && sets.b && seed !== undefined) onStart([sets.a, sets.b], seed)
  })
  const file = find('import', HTMLInputElement)
  file.addEventListener('change', async () => {
    const chosen = file.files?.[0]
    file.value = ''
    if (!chosen) return
    try {
      onImport(parseStudy(parseJson(await chosen.text(), 'The file of votes')))
      importStatus.textContent = ''
    } catch (error) {
      importStatus.textContent = error instanceof Error ? error.message : String(error)
    }
  })
  // A file dropped beside the two boxes would replace the page.
  for (const name of ['dragover', 'drop']) addEventListener(name, (event) => event.preventDefault())

  return {
    open(begun) {
      if (begun) {
        orderSeed.value = begun.seed
        matched.textContent = 'Your votes are here, but not the pictures. Choose the same two sets to continue.'
      }
      for (const [i, name] of ['a', 'b'].entries()) {
        const wanted = address.get(name)
        if (wanted !== null) void sources[i]?.load(wanted)
      }
    },
    clear() {
      for (const source of sources) source.clear()
      sets.a = sets.b = undefined
      for (const name of ['a', 'b', 'seed']) address.delete(name)
      orderSeed.value = randomSeed()
      void showMatch()
    },
  }
}

/** Short enough to type: 32 bits. */
function randomSeed(): string {
  return String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)
}
