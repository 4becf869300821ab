/** A heading of a document and the words below it, as docs/site/search.js writes them. */
export interface Section {
  readonly url: string
  /** Title of its document. */
  readonly page: string
  readonly title: string
  readonly text: string
}

export interface Found extends Section {
  /** What is around the first word that was found, at most some 160 characters. */
  readonly excerpt: string
}

const AROUND = 80

/** Sections that have all words, as beginnings of theirs: those with them in the title first, then in the order given. */
export function findSections(sections: readonly Section[], query: string, most = 12): Found[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
  if (words.length === 0) return []
  const patterns = words.map((word) => new RegExp(`(?<![\\p{L}\\p{N}_])${word}`, 'iu'))
  return sections
    .map((section) => ({ section, rank: rank(section, patterns) }))
    .filter(({ rank }) => rank > 0)
    .sort((one, other) => other.rank - one.rank)
    .slice(0, most)
    .map(({ section }) => ({ ...section, excerpt: excerpt(section.text, patterns) }))
}

/** 0: not all words are there. More for each word that the title has, and that the document's title has. */
function rank({ title, page, text }: Section, patterns: readonly RegExp[]): number {
  const all = `${title} ${page} ${text}`
  if (!patterns.every((pattern) => pattern.test(all))) return 0
  return patterns.reduce((sum, each) => sum + (each.test(title) ? 2 : 0) + (each.test(page) ? 1 : 0), 1)
}

function excerpt(text: string, patterns: readonly RegExp[]): string {
  const at = Math.max(0, ...patterns.map((pattern) => text.search(pattern)).slice(0, 1))
  const from = at <= AROUND ? 0 : text.indexOf(' ', at - AROUND) + 1
  const cut = text.slice(from, at + AROUND)
  return `${from > 0 ? '… ' : ''}${cut}${at + AROUND < text.length ? ' …' : ''}`
}
