import { find } from '../shared/dom'
import { type PairKey, pairName, type Study } from './format'
import { type KeyAction, keyAction } from './keys'
import { arrange, matchPairs, type PlacedPair } from './pairs'
import { type Answer, type QuestionId, questionIds } from './questions'
import { answersTo, donePairs, studyId, withoutPair, withSkip, withVote } from './record'
import type { SetPicture } from './sets'
import type { Sets } from './setup'
import { createVoteView } from './vote-view'
import type { VoteStore } from './votes'

export interface Voting {
  /** Shows the first pair that is not done. `onDone` gets the study when there is none. */
  open(study: Study, sets: Sets): Promise<void>
  close(): void
}

/** One pair after the other: every answer is stored before the page moves on. */
export function createVoting(store: VoteStore, onDone: (study: Study) => void): Voting {
  const section = find('vote', HTMLElement)
  const view = createVoteView(
    (id, answer) => enqueue(() => vote(id, answer)),
    () => enqueue(async () => focusOpenQuestion()),
  )
  let study: Study | undefined
  let placed: PlacedPair<SetPicture>[] = []
  let shown: PlacedPair<SetPicture> | undefined
  let shownAt = 0
  /** The question that the keys answer. */
  let active: QuestionId = 'relevance'
  /** Pairs that this tab finished, the latest one last: another tab's are not ours to undo. */
  let finished: PairKey[] = []

  let queue: Promise<void> = Promise.resolve()
  /** One after the other, in the order of the keys, however fast they come. */
  function enqueue(action: () => Promise<void>): void {
    queue = queue.then(action).catch((error: unknown) => {
      view.say(error instanceof Error ? error.message : String(error))
    })
  }

  async function change(how: (study: Study) => Study): Promise<Study> {
    const before = study as Study
    study = await store.change(studyId(before), (stored) => how(stored ?? before))
    return study
  }

  async function show(wanted: PlacedPair<SetPicture>): Promise<void> {
    const { a, b, sideOfA } = wanted
    const [left, right] = sideOfA === 'left' ? [a, b] : [b, a]
    await view.showPair({ prompt: a.prompt, left: left.bytes, right: right.bytes })
    shown = wanted
    showState()
    view.say(`${find('place', HTMLElement).textContent}. Prompt: ${a.prompt || 'none'}.`)
    focusOpenQuestion()
    shownAt = performance.now()
  }

  function showState(): void {
    if (!study || !shown) return
    const done = donePairs(study)
    view.showPlace(`Pair ${placed.indexOf(shown) + 1} of ${placed.length}`, done.size, placed.length)
    view.showAnswers(answersTo(study, shown.a))
    find('finish', HTMLButtonElement).hidden = done.size === 0
    find('undo', HTMLButtonElement).disabled = done.size === 0
  }

  async function showNextOpen(): Promise<void> {
    if (!study) return
    study = (await store.study(studyId(study))) ?? study // Another tab may have judged some.
    const done = donePairs(study)
    const open = placed.find(({ a }) => !done.has(pairName(a)))
    if (open) await show(open)
    else onDone(study)
  }

  function focusOpenQuestion(): void {
    if (!study || !shown) return
    const given = answersTo(study, shown.a)
    const open = questionIds.find((id) => !given.has(id))
    if (open) focus(open)
    else view.focusNext()
  }

  function focus(id: QuestionId): void {
    active = id
    view.focusQuestion(id)
  }

  async function vote(question: QuestionId, answer: Answer): Promise<void> {
    if (!shown) return
    const { prompt, seed } = shown.a
    const { sideOfA } = shown
    const ms = Math.round(performance.now() - shownAt)
    await change((before) => withVote(before, { prompt, seed, question, sideOfA, answer, ms }))
    showState()
    focusOpenQuestion()
  }

  async function next(): Promise<void> {
    if (!study || !shown) return
    if (answersTo(study, shown.a).size < questionIds.length) {
      view.say('Answer all four questions first.')
      return focusOpenQuestion()
    }
    finished.push(shown.a)
    await showNextOpen()
  }

  async function skip(): Promise<void> {
    if (!study || !shown) return
    const pair = shown.a
    // Answers that another tab gave meanwhile are no reason to lose them.
    const known = answersTo(study, pair).size
    await change((before) => (answersTo(before, pair).size > known ? before : withSkip(before, pair)))
    finished.push(pair)
    await showNextOpen()
  }

  async function undo(): Promise<void> {
    if (!study) return
    // After a reload this tab has finished none: then the one that stands last in the order.
    const done = donePairs(study)
    const last = finished.pop()
    const pair = last
      ? placed.find(({ a }) => pairName(a) === pairName(last))
      : placed.findLast((each) => each !== shown && done.has(pairName(each.a)))
    if (!pair) return
    await change((before) => withoutPair(before, pair.a))
    await show(pair)
  }

  function key(event: KeyboardEvent): void {
    const action = section.hidden || document.querySelector('dialog[open]') ? undefined : keyAction(event)
    if (!action) return
    const target = event.target as Element | null
    // Enter on a button presses that, and the arrows choose among the backgrounds.
    if (action.kind === 'next' && target?.closest('button, summary, a')) return
    if (event.key.startsWith('Arrow') && target?.closest('#behind')) return
    event.preventDefault()
    if (action.kind === 'background') view.nextBackground()
    else enqueue(() => perform(action))
  }

  async function perform(action: Exclude<KeyAction, { kind: 'background' }>): Promise<void> {
    switch (action.kind) {
      case 'answer':
        return vote(active, action.answer)
      case 'next':
        return next()
      case 'undo':
        return undo()
      case 'skip':
        return skip()
      case 'question before':
        return focus(questionIds[Math.max(0, questionIds.indexOf(active) - 1)] ?? 'relevance')
      default:
        action satisfies never
    }
  }

  document.addEventListener('keydown', key)
  find('questions', HTMLElement).addEventListener('focusin', ({ target }) => {
    active = (target as HTMLInputElement).name as QuestionId
  })
  find('next', HTMLButtonElement).addEventListener('click', () => enqueue(next))
  find('skip', HTMLButtonElement).addEventListener('click', () => enqueue(skip))
  find('undo', HTMLButtonElement).addEventListener('click', () => enqueue(undo))

  return {
    async open(opened, [a, b]) {
      study = opened
      finished = []
      placed = arrange(matchPairs(a.pictures, b.pictures).pairs, BigInt(opened.seed))
      view.reserve(placed.map(({ a: { prompt } }) => prompt))
      await showNextOpen()
    },
    close() {
      study = shown = undefined
      placed = []
      view.clear()
    },
  }
}
