/** The one layout: the demo's header, the menu, the text, and the headings of the page. */
import { relative } from '../markdown.js'

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

export const render = ({ content, title, address: here, pages, policy, version }) => {
  const to = (url) => relative(here, url)
  const sections = group(pages)
  const menu = [...sections].map(
    ([section, members]) => `<h2>${section}</h2><ul>${members
      .filter((member) => member.menu)
      .map(({ url, title: name }) => {
        const current = url === here ? ' aria-current="page"' : ''
        return `<li><a href="${to(url)}"${current}>${escape(name)}</a></li>`
      })
      .join('')}</ul>`,
  )
  // Of the API each name: its sections are few.
  const level = here.startsWith('api/') ? '3' : '2'
  const headings = [...content.matchAll(/<h([23]) id="([^"]+)"[^>]*>(.*?)<\/h\1>/gs)]
    .filter(([, found]) => found === level)
    .map(([, , id, text]) => `<li><a href="#${id}">${text.replace(/<[^>]+>/g, '')}</a></li>`)
    .join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · scalewise</title>
<link rel="icon" type="image/svg+xml" href="${to('../icon.svg')}">
<link rel="stylesheet" href="${to('base.css')}">
<link rel="stylesheet" href="${to('docs.css')}">
<script type="module" src="${to('docs.js')}"></script>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header class="top">
<a class="brand" href="${to('index.html')}"><svg viewBox="0 0 24 24" aria-hidden="true"><rect x="2" y="2" width="20" height="20" rx="4"/><rect x="2" y="8" width="14" height="14" rx="3"/><rect x="2" y="14" width="8" height="8" rx="2" class="solid"/></svg><span>scalewise</span></a>
<span class="version">${version}</span>
<search><label class="hidden" for="search">Search the documents</label><input id="search" type="search" placeholder="Search" autocomplete="off" data-index="${to('search.json')}" hidden></search>
<a class="demo" href="${to('../index.html')}">Demo</a>
<button type="button" id="theme" class="plain" aria-label="Theme" hidden></button>
</header>
<div class="columns">
<details class="menu" open><summary>Menu</summary><nav aria-label="Documents">${menu.join('\n')}</nav></details>
<main id="text" tabindex="-1">
<div id="found" role="region" aria-label="Found" aria-live="polite" hidden></div>
<article>
${content}
</article>
</main>
${headings ? `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${headings}</ul></nav>` : ''}
</div>
</body>
</html>
`
}

/** By section, in the order of the menu. Node 20 has no Map.groupBy. */
function group(pages) {
  const sections = new Map()
  for (const page of pages) sections.set(page.section, [...(sections.get(page.section) ?? []), page])
  return sections
}
