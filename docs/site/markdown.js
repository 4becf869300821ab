/** What the site's Markdown does beyond CommonMark: links between the repository's files, and what the policy forbids. */
import { posix } from 'node:path'
import anchor from 'markdown-it-anchor'

/** As GitHub names headings, so that links into a page are the same there and here. */
const slug = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

/** A site address as seen from another page of the site. */
export const relative = (from, to) => posix.relative(posix.dirname(from), to) || '.'

/**
 * @param md markdown-it
 * @param {(source: string) => string | undefined} pageOf address of a file's page
 * @param {(source: string) => string} asset takes a picture into the site and returns its address
 */
export function extend(md, pageOf, asset) {
  md.use(anchor, { slugify: slug, tabIndex: false })
  md.core.ruler.push('site', ({ tokens, env }) => {
    const page = env.address
    for (const [at, token] of tokens.entries()) {
      if (token.type === 'inline') inline(token.children, env.source, page)
      // A style attribute needs 'unsafe-inline'.
      const style = token.attrGet('style')
      if (style) {
        token.attrs = token.attrs.filter(([name]) => name !== 'style')
        token.attrJoin('class', style.replace('text-align:', ''))
      }
      if (env.source.endsWith('ERRORS.md') && token.type === 'td_open' && tokens[at - 1].type === 'tr_open') {
        // Every error by its name, as errors.html#workercrashed.
        for (const child of tokens[at + 1].children ?? [])
          if (child.type === 'code_inline') child.attrSet('id', child.content.toLowerCase())
      }
    }
  })

  function inline(children, source, page) {
    const open = []
    for (const token of children) {
      if (token.type === 'image') {
        const src = token.attrGet('src')
        if (!/^[a-z]+:/.test(src)) token.attrSet('src', relative(page, asset(resolve(source, src))))
        token.attrSet('loading', 'lazy')
      } else if (token.type === 'link_open') {
        const here = target(token.attrGet('href'), source, page)
        open.push(here === undefined)
        if (here !== undefined) token.attrSet('href', here)
        else Object.assign(token, { tag: 'span', attrs: [['class', 'file'], ['title', 'In the repository']] })
      } else if (token.type === 'link_close' && open.pop()) token.tag = 'span'
    }
  }

  /** Undefined for a file that is no page: it is in the repository alone. */
  function target(href, source, page) {
    if (/^[a-z]+:|^#/.test(href)) return href
    const [path, hash] = href.split('#')
    const url = pageOf(resolve(source, decodeURI(path)))
    return url && relative(page, url) + (hash ? `#${hash}` : '')
  }

  // Wide tables scroll by themselves.
  md.renderer.rules.table_open = () => '<div class="wide" tabindex="0"><table>\n'
  md.renderer.rules.table_close = () => '</table></div>\n'

  const resolve = (source, path) => posix.join(posix.dirname(source), path)

  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, at, options, env, self) => {
    const { info, content } = tokens[at]
    const [language, what] = info.split(/\s+/)
    // Prism does not know it.
    if (language === 'svelte') tokens[at].info = 'html'
    // What scrolls is reached by keys.
    const code = fence(tokens, at, options, env, self).replace('<pre', '<pre tabindex="0"')
    if (what === 'live') return `${code}${live(language, content, relative(env.address, 'docs.js'))}`
    return what ? `<figure class="code"><figcaption>${what}</figcaption>${code}</figure>` : code
  }
}

/** The example itself, below its code. Nothing is fetched before its button is pressed. */
function live(language, content, script) {
  const models = posix.join(posix.dirname(script), '../models/')
  const button = (words) => `<button type="button" class="strong" data-run>${words}</button>`
  if (language !== 'html') return `<div class="live" data-live="probe">${button('Run it')}<pre tabindex="0" hidden></pre></div>`
  const [, prompt = ''] = /\sprompt="([^"]*)"/.exec(content) ?? []
  // Its script is the page's own.
  const waiting = content
    .replace(/<script.*?<\/script>\s*/s, '')
    .replace(/\sprompt="[^"]*"/, '')
    .replaceAll('"/models/', `"${models}`)
  return `<form class="live" data-live="element">
<label>Prompt <input type="text" name="prompt" value="${prompt}" maxlength="200"></label>
${button('Draw it')}
${waiting}
<p role="status"></p>
</form>`
}
