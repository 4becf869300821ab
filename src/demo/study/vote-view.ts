import { find, make } from '../shared/dom'
import { type Answer, answers, type QuestionId, questions } from './questions'

export interface VoteView {
  /** Shows both pictures at once, when both are decoded. */
  showPair(pair: { prompt: string; left: Uint8Array<ArrayBuffer>; right: Uint8Array<ArrayBuffer> }): Promise<void>
  showPlace(place: string, done: number, of: number): void
  showAnswers(given: ReadonlyMap<QuestionId, Answer>): void
  /** Makes room for the longest prompt, so that nothing moves between pairs. */
  reserve(prompts: readonly string[]): void
  focusQuestion(id: QuestionId): void
  focusNext(): void
  /** For those who hear the page. */
  say(words: string): void
  nextBackground(): void
  clear(): void
}

const labels: Record<Answer, string> = { left: 'Left', equal: 'Equal', right: 'Right' }

/** The pair and its questions; what they mean is the business of voting.ts. */
export function createVoteView(
  onAnswer: (id: QuestionId, answer: Answer) => void,
  onBackgroundClicked: () => void,
): VoteView {
  const pair = find('pair', HTMLElement)
  const places = [find('left', HTMLElement), find('right', HTMLElement)]
  const prompt = find('prompt', HTMLElement)
  const next = find('next', HTMLButtonElement)
  const progress = find('progress', HTMLProgressElement)
  const backgrounds = [...find('behind', HTMLFieldSetElement).querySelectorAll('input')]
  const radios = new Map<QuestionId, HTMLInputElement[]>()
  let urls: string[] = []

  find('questions', HTMLElement).append(...questions.map(questionRow))
  const behind = find('behind', HTMLFieldSetElement)
  let clicked = false
  behind.addEventListener('pointerdown', () => (clicked = true))
  behind.addEventListener('keydown', () => (clicked = false))
  behind.addEventListener('change', () => {
    showBackground()
    // A mouse needs no focus there, and the keys are wanted for the questions.
    if (clicked) onBackgroundClicked()
  })

  function questionRow({ id, name, ask }: (typeof questions)[number]): HTMLElement {
    const choices = answers.map((answer) => {
      const input = make('input')
      Object.assign(input, { type: 'radio', name: id, value: answer })
      input.addEventListener('change', () => onAnswer(id, answer))
      return { input, label: make('label', '', input, make('span', '', labels[answer])) }
    })
    radios.set(
      id,
      choices.map(({ input }) => input),
    )
    const row = make(
      'fieldset',
      'question',
      make('legend', '', make('b', '', name), ` ${ask}`),
      make('div', 'choice', ...choices.map(({ label }) => label)),
    )
    row.dataset.testid = `question-${id}`
    return row
  }

  function showBackground(): void {
    pair.dataset.behind = backgrounds.find(({ checked }) => checked)?.value ?? 'white'
  }

  return {
    async showPair({ prompt: words, left, right }) {
      const made = [left, right].map((bytes) => URL.createObjectURL(new Blob([bytes])))
      const images = await Promise.all(made.map(loadImage))
      prompt.textContent = words || '(no prompt)'
      for (const [i, image] of images.entries()) {
        image.alt = i === 0 ? 'Left picture' : 'Right picture'
        image.draggable = false // Dragged out, it would show more than one should know.
        places[i]?.replaceChildren(image)
      }
      for (const url of urls) URL.revokeObjectURL(url)
      urls = made
    },
    showPlace(place, done, of) {
      find('place', HTMLElement).textContent = place
      progress.value = done / of
    },
    showAnswers(given) {
      for (const [id, inputs] of radios) for (const input of inputs) input.checked = given.get(id) === input.value
      next.disabled = given.size < radios.size
    },
    reserve(prompts) {
      const longest = prompts.reduce((most, each) => (each.length > most.length ? each : most), '')
      find('longest', HTMLElement).textContent = longest
    },
    focusQuestion(id) {
      const inputs = radios.get(id) ?? []
      const input = inputs.find(({ checked }) => checked) ?? inputs[0]
      input?.focus({ preventScroll: true })
    },
    focusNext() {
      next.focus({ preventScroll: true })
    },
    say(words) {
      find('said', HTMLElement).textContent = words
    },
    nextBackground() {
      const at = backgrounds.findIndex(({ checked }) => checked)
      const following = backgrounds[(at + 1) % backgrounds.length]
      if (following) following.checked = true
      showBackground()
    },
    clear() {
      for (const place of places) place.replaceChildren()
      for (const url of urls) URL.revokeObjectURL(url)
      urls = []
      prompt.textContent = ''
    },
  }
}

async function loadImage(url: string): Promise<HTMLImageElement> {
  const image = new Image()
  image.src = url
  await image.decode()
  return image
}
