import { loadVocabulary, type PromptWord, type Understanding, type Vocabulary } from '../../understand/index'
import { find, make } from '../shared/dom'
import { pageWaits } from '../shared/page-waits'
import { createPromptMarks } from './prompt-marks'

export interface PromptHints {
  /** The model's own examples, shown while there is nothing else to say. */
  offer(examples: readonly string[]): void
  /** The form was filled by a link or an example. */
  refresh(): void
  /** The prompt as the model knows it, and what to say about it. It waits a moment for the vocabulary. */
  toDraw(prompt: string): Promise<{ readonly prompt: string; readonly warnings: readonly string[] }>
}

export interface PromptHintsOptions {
  readonly model: URL
  /** Draws this prompt at once. */
  readonly draw: (prompt: string) => void
}

const examplesShown = 5
const completionsShown = 5
/** Unknown words that are told of at a time: the row has one line. */
const unknownShown = 2
/** Between two letters, and after a word that has stopped growing. */
const soonMs = 150
const pauseMs = 1_200

/**
 * The row below the prompt, always one line high: examples; while a word is typed, how it may go on; then which words the
 * model does not know, with near ones to take, or what it draws for an emoji or a word of another language.
 */
export function createPromptHints({ model, draw }: PromptHintsOptions): PromptHints {
  const input = find('prompt', HTMLInputElement)
  const words = find('hint', HTMLElement)
  const chips = find('examples', HTMLElement)
  const marks = createPromptMarks(input)
  const fingers = matchMedia('(pointer: coarse)')
  const loading = loadVocabulary({ model }).catch(() => undefined) // It is drawn without; the model is what matters.
  let vocabulary: Vocabulary | undefined
  let examples: readonly string[] = []
  let timers: readonly ReturnType<typeof setTimeout>[] = []

  void loading.then((loaded) => {
    vocabulary = loaded
    showExamples()
    void settle()
  })

  function write(prompt: string): void {
    input.value = prompt
    input.focus()
    input.setSelectionRange(prompt.length, prompt.length)
    void settle()
  }

  function stopTimers(): void {
    for (const timer of timers) clearTimeout(timer)
  }

  function chip(label: string, name: string, run: () => void): HTMLButtonElement {
    const button = make('button', '', label)
    button.type = 'button'
    if (name) button.setAttribute('aria-label', name)
    button.addEventListener('click', run)
    return button
  }

  function show(kind: 'examples' | 'completions' | 'words', said: string, ...buttons: HTMLButtonElement[]): void {
    const focused = chips.contains(document.activeElement)
    chips.dataset.kind = kind
    chips.setAttribute('aria-label', { examples: 'Examples', completions: 'Go on with', words: 'Take instead' }[kind])
    if (words.textContent !== said) words.textContent = said
    chips.replaceChildren(...buttons)
    if (!fingers.matches) leaveOutWhatIsCut()
    if (focused) input.focus()
  }

  /** Fingers find that the row scrolls; nothing tells a pointer. */
  function leaveOutWhatIsCut(): void {
    const row = chips.parentElement as HTMLElement
    while (chips.childElementCount > 1 && row.scrollWidth > row.clientWidth) chips.lastElementChild?.remove()
  }

  function showExamples(): void {
    const surprise = vocabulary?.surprise ?? (examples.length > 0 ? oneOf(examples) : undefined)
    const chance = surprise && chip('Surprise me', '', () => draw(surprise()))
    if (chance) chance.className = 'surprise'
    const shown = examples.slice(0, examplesShown).map((example) => chip(example, '', () => draw(example)))
    show('examples', '', ...(chance ? [chance] : []), ...shown)
  }

  function showCompletions(): void {
    const found = vocabulary?.complete(input.value, completionsShown) ?? []
    if (found.length === 0 || input.selectionEnd !== input.value.length) showExamples()
    else show('completions', '', ...found.map(({ text, prompt }) => chip(text, '', () => write(prompt))))
  }

  function replace(word: PromptWord, by: string): void {
    write(input.value.slice(0, word.start) + by + input.value.slice(word.end))
  }

  function showWords({ unknown, words: all }: Understanding): void {
    const replaced = all.filter(({ kind }) => kind === 'emoji' || kind === 'foreign')
    if (unknown.length === 0 && replaced.length === 0) {
      showExamples()
      return
    }
    const first = unknown.slice(0, unknownShown)
    const buttons = first.flatMap((word) =>
      word.near.map((near) => chip(near, `Take ${near} for ${word.text}`, () => replace(word, near))),
    )
    // “Try” stands last: what to try follows it.
    const said = [replacedWords(replaced), unknownWords(unknown, buttons.length > 0)].filter(Boolean).join(' ')
    show('words', said, ...buttons)
  }

  /** Reads the prompt; `typing`: its last word is not finished, and nothing is said of it yet. */
  async function settle(typing = false): Promise<void> {
    const prompt = input.value
    const read = await vocabulary?.understand(prompt).catch(() => undefined)
    if (!read || input.value !== prompt) return
    const finished = ({ end }: PromptWord): boolean => !typing || end < prompt.length
    const unknown = read.unknown.filter(finished)
    marks.show(unknown)
    if (typing && chips.dataset.kind === 'completions') return
    showWords({ ...read, unknown, words: read.words.filter(finished) })
  }

  input.addEventListener('input', () => {
    stopTimers()
    const typing = /[\p{L}\p{M}\p{N}]$/u.test(input.value)
    if (typing) showCompletions()
    marks.show([])
    timers = typing
      ? [setTimeout(() => settle(true), soonMs), setTimeout(() => settle(), pauseMs)]
      : [setTimeout(() => settle(), 0)]
  })
  addEventListener('resize', () => {
    if (chips.dataset.kind === 'examples' && !chips.contains(document.activeElement)) showExamples()
  })
  input.addEventListener('keydown', (event) => {
    const [first] = chips.querySelectorAll('button')
    if (event.key !== 'ArrowDown' || !first) return
    event.preventDefault()
    first.focus()
  })
  chips.addEventListener('keydown', (event) => {
    const all = [...chips.querySelectorAll('button')]
    const at = all.indexOf(document.activeElement as HTMLButtonElement)
    const next = { ArrowRight: all[at + 1], ArrowLeft: all[at - 1], ArrowUp: input }[event.key]
    if (!next) return
    event.preventDefault()
    next.focus()
  })

  return {
    offer(offered) {
      examples = offered
      if (chips.dataset.kind !== 'words' && chips.dataset.kind !== 'completions') showExamples()
    },
    refresh: () => void settle(),
    async toDraw(prompt) {
      stopTimers()
      const reading = loading.then((loaded) => loaded?.understand(prompt)).catch(() => undefined)
      const read = await Promise.race([
        reading,
        new Promise<undefined>((resolve) => setTimeout(resolve, pageWaits.wordsMs)),
      ])
      if (read && input.value.trim() === prompt) {
        marks.show(read.unknown)
        showWords(read)
      }
      return { prompt: read?.prompt ?? prompt, warnings: read && read.unknown.length > 0 ? [warning(read)] : [] }
    },
  }
}

function oneOf(examples: readonly string[]): () => string {
  return () => examples[Math.floor(Math.random() * examples.length)] ?? ''
}

function quoted(words: readonly PromptWord[]): string {
  return words.map(({ text }) => `“${text}”`).join(', ')
}

function unknownWords(unknown: readonly PromptWord[], some: boolean): string {
  if (unknown.length === 0) return ''
  return `Does not know ${quoted(unknown)}.${some ? ' Try' : ''}`
}

/** “gato” (Spanish) is drawn as “cat”. */
function replacedWords(replaced: readonly PromptWord[]): string {
  const names = new Intl.DisplayNames(['en'], { type: 'language' })
  return replaced
    .map(
      ({ text, becomes, language }) =>
        `“${text}”${language ? ` (${names.of(language)})` : ''} is drawn as “${becomes}”.`,
    )
    .join(' ')
}

function warning({ unknown }: Understanding): string {
  return `The model never learned ${quoted(unknown)}: what it drew for that is a guess.`
}
