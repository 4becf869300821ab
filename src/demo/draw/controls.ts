import type { ScaleSchedule } from '../../index'
import { find, make } from '../shared/dom'
import { counted, sides } from '../shared/words'
import { parseSeed, type Recipe, shortRandomSeed } from './link'

/** What of a model the form offers. */
export interface Offer {
  readonly schedules: Readonly<Record<string, ScaleSchedule>>
  readonly defaultSchedule: string
  readonly styles: readonly { readonly id: string; readonly label: string }[]
}

export interface Controls {
  /** Fills the lists from the model, keeping what was chosen where the model has it too. */
  offer(model: Offer): void
  /** The form as a recipe, or what is wrong with it. An unlocked seed is replaced by a random one. */
  read(): Recipe | { readonly problem: string }
  /** The form as it stands, the seed included; undefined while its seed is none. */
  current(): Recipe | undefined
  write(recipe: Partial<Recipe>): void
  /** Keeps the seed from now on, as expected after opening a link to a picture. */
  lock(locked: boolean): void
  locked(): boolean
}

/** Chosen in a link before the model came; used as soon as the model offers it, and then no more. */
interface Wish {
  style?: string
  schedule?: string
}

export function createControls(): Controls {
  const prompt = find('prompt', HTMLInputElement)
  const style = find('style', HTMLSelectElement)
  const schedule = find('schedule', HTMLSelectElement)
  const seed = find('seed', HTMLInputElement)
  const problem = find('seed-problem', HTMLElement)
  const dice = find('dice', HTMLButtonElement)
  const lockButton = find('lock', HTMLButtonElement)
  const counts = [...find('count', HTMLElement).querySelectorAll('input')]
  const wish: Wish = {}
  /** The model's; undefined until a model offers its lists. */
  let defaultSchedule: string | undefined
  let fresh = true

  const isLocked = (): boolean => lockButton.getAttribute('aria-pressed') === 'true'
  const setLocked = (locked: boolean): void => {
    lockButton.setAttribute('aria-pressed', String(locked))
    lockButton.innerHTML = lockSign(locked)
    lockButton.title = locked
      ? 'This seed stays. Press for a new one each time'
      : 'A new seed each time. Press to keep this one'
  }
  const accept = (): void => {
    seed.removeAttribute('aria-invalid')
    seed.removeAttribute('aria-describedby')
    problem.hidden = true
  }
  const setSeed = (value: bigint): void => {
    seed.value = String(value)
    accept()
    fresh = true
  }
  const form = (number: bigint): Recipe => ({
    prompt: prompt.value.trim(),
    style: wish.style ?? style.value,
    seed: number,
    schedule: wish.schedule ?? schedule.value,
    count: Number(counts.find((choice) => choice.checked)?.value ?? 1),
  })

  dice.innerHTML = diceSign
  dice.addEventListener('click', () => setSeed(shortRandomSeed()))
  lockButton.addEventListener('click', () => setLocked(!isLocked()))
  seed.addEventListener('input', () => {
    accept()
    setLocked(true) // Whoever types a seed wants that one.
  })
  setLocked(false)
  setSeed(shortRandomSeed())

  return {
    offer(model) {
      const kept = { style: wish.style ?? style.value, schedule: wish.schedule ?? schedule.value }
      style.replaceChildren(option('', 'As written'), ...model.styles.map(({ id, label }) => option(id, label)))
      schedule.replaceChildren(
        ...Object.entries(model.schedules).map(([name, steps]) => option(name, `${name}: ${scheduleWords(steps)}`)),
      )
      defaultSchedule = model.defaultSchedule
      choose(style, kept.style, '')
      choose(schedule, kept.schedule, defaultSchedule)
      style.disabled = false
      schedule.disabled = false
      delete wish.style
      delete wish.schedule
    },
    read() {
      if (!isLocked() && !fresh) setSeed(shortRandomSeed())
      const number = parseSeed(seed.value)
      if (number === undefined) {
        seed.setAttribute('aria-invalid', 'true')
        seed.setAttribute('aria-describedby', problem.id)
        problem.textContent = 'A whole number from 0 to 18446744073709551615, please.'
        problem.hidden = false
        seed.focus()
        return { problem: 'A seed is a whole number from 0 to 18446744073709551615. Type one, or press the dice.' }
      }
      fresh = false
      return form(number)
    },
    current() {
      const number = parseSeed(seed.value)
      return number === undefined ? undefined : form(number)
    },
    write(recipe) {
      if (recipe.prompt !== undefined) prompt.value = recipe.prompt
      if (recipe.seed !== undefined) setSeed(recipe.seed)
      if (defaultSchedule === undefined) {
        if (recipe.style !== undefined) wish.style = recipe.style
        if (recipe.schedule !== undefined) wish.schedule = recipe.schedule
      } else {
        if (recipe.style !== undefined) choose(style, recipe.style, '')
        if (recipe.schedule !== undefined) choose(schedule, recipe.schedule, defaultSchedule)
      }
      for (const choice of counts) if (Number(choice.value) === recipe.count) choice.checked = true
    },
    lock: setLocked,
    locked: isLocked,
  }
}

/** A link may name what this model has not. */
function choose(select: HTMLSelectElement, wanted: string, otherwise: string): void {
  select.value = [...select.options].some(({ value }) => value === wanted) ? wanted : otherwise
}

function option(value: string, label: string): HTMLOptionElement {
  const element = make('option', '', label)
  element.value = value
  return element
}

/** 5 scales, 8 to 16 cells. Equal sizes: 4 scales of 16 cells. */
function scheduleWords(steps: ScaleSchedule): string {
  const widths = steps.map((step) => sides(step.size)[1])
  const least = Math.min(...widths)
  const most = Math.max(...widths)
  const many = counted(steps.length, 'step')
  return least === most ? `${many} at ${most} cells` : `${many}, ${least} to ${most} cells`
}

const diceSign =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="3.5" y="3.5" width="17" height="17" rx="4"/>' +
  '<g class="dots"><circle cx="8.5" cy="8.5" r="1.4"/><circle cx="15.5" cy="15.5" r="1.4"/>' +
  '<circle cx="12" cy="12" r="1.4"/></g></svg>'

function lockSign(locked: boolean): string {
  const shackle = locked ? 'M8 11V7.5a4 4 0 0 1 8 0V11' : 'M8 11V7.5a4 4 0 0 1 7.6-1.7'
  return (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="5" y="11" width="14" height="9.5" rx="2.5"/>' +
    `<path d="${shackle}"/></svg>`
  )
}
