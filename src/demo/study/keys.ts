import type { Answer } from './questions'

export type KeyAction =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'next' | 'undo' | 'skip' | 'question before' }
  | { readonly kind: 'background' }

const actions: Readonly<Record<string, KeyAction>> = {
  '1': { kind: 'answer', answer: 'left' },
  '2': { kind: 'answer', answer: 'equal' },
  '3': { kind: 'answer', answer: 'right' },
  ArrowLeft: { kind: 'answer', answer: 'left' },
  ArrowDown: { kind: 'answer', answer: 'equal' },
  ArrowRight: { kind: 'answer', answer: 'right' },
  ArrowUp: { kind: 'question before' },
  Enter: { kind: 'next' },
  u: { kind: 'undo' },
  s: { kind: 'skip' },
  b: { kind: 'background' },
}

/** What a key does while voting; with a modifier it belongs to the browser. A key that is held down counts once. */
export function keyAction(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat'>,
): KeyAction | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return undefined
  return actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
}
