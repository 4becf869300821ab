/** What can be found: each heading with the words below it. The API's pages by their headings alone. */

/** @returns {{ url: string, page: string, title: string, text: string }[]} */
export function sectionsOf(pages, markdown) {
  return pages.flatMap(({ url, title, text, source }) => {
    const found = [{ url, page: title, title, text: '' }]
    const tokens = markdown.parse(text, { address: url, source })
    for (const [at, token] of tokens.entries()) {
      const words = plain(token)
      if (token.type === 'heading_open' && token.tag !== 'h1') {
        found.push({ url: `${url}#${token.attrGet('id')}`, page: title, title: plain(tokens[at + 1]), text: '' })
      } else if (words && tokens[at - 1]?.type !== 'heading_open' && !source.startsWith('docs/api/')) {
        found.at(-1).text += ` ${words}`
      }
    }
    return found.map((section) => ({ ...section, text: section.text.replace(/\s+/g, ' ').trim() }))
  })
}

function plain({ type, content, children }) {
  if (type === 'fence') return content
  return type === 'inline' ? children.map((child) => (child.type.endsWith('break') ? ' ' : child.content)).join('') : ''
}
