/**
 * The four questions of the human study in the SwD paper (arXiv 2503.16397, figures 7 and 13 to 15). Each asks for the
 * better picture, so that "left" always speaks for the left one.
 */
export const questions = [
  { id: 'relevance', name: 'Relevance', ask: 'Which shows the prompt better?' },
  { id: 'aesthetics', name: 'Aesthetics', ask: 'Which looks better?' },
  { id: 'complexity', name: 'Complexity', ask: 'Which has more detail?' },
  { id: 'defects', name: 'Defects', ask: 'Which has fewer defects?' },
] as const

export type QuestionId = (typeof questions)[number]['id']

export const questionIds = questions.map(({ id }) => id)

export const answers = ['left', 'equal', 'right'] as const

export type Answer = (typeof answers)[number]

export type Side = 'left' | 'right'
