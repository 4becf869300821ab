import type { PromptWord } from '../../understand/index'
import { find, make } from '../shared/dom'

export interface PromptMarks {
  /** Underlines these words of the prompt. */
  show(words: readonly PromptWord[]): void
}

/**
 * A copy of the prompt behind it, of which only the lines below words are seen: an input has no text to mark. It moves
 * with the input's own; for screen readers the row below the prompt says the same.
 */
export function createPromptMarks(input: HTMLInputElement): PromptMarks {
  const copy = find('prompt-marks', HTMLElement)
  const follow = (): void => {
    copy.scrollLeft = input.scrollLeft
  }
  input.addEventListener('scroll', follow)
  return {
    show(words) {
      const text = input.value
      let from = 0
      const parts: (string | Node)[] = []
      for (const { start, end } of words) {
        parts.push(text.slice(from, start), make('mark', '', text.slice(start, end)))
        from = end
      }
      copy.replaceChildren(...(words.length > 0 ? [...parts, text.slice(from)] : []))
      follow()
    },
  }
}
