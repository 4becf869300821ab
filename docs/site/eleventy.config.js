/** The documentation site: Markdown files of the repository, as static pages in dist-docs. `npm run docs` runs it. */
import { cpSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import highlight from '@11ty/eleventy-plugin-syntaxhighlight'
import { extend } from './markdown.js'
import { readPages } from './pages.js'
import { sectionsOf } from './search.js'

const output = 'dist-docs'

export default function (eleventy) {
  const pages = readPages()
  const pageOf = new Map(pages.map(({ source, url }) => [source, url]))
  // The demo is the site that this is a part of.
  pageOf.set('index.html', '../index.html')
  const assets = new Map()
  const asset = (source) => {
    const address = `assets/${basename(source)}`
    assets.set(source, address)
    return address
  }
  // Known once all pages are written.
  eleventy.on('eleventy.after', () => {
    for (const [source, address] of assets) cpSync(source, `${output}/${address}`)
  })
  let markdown
  eleventy.addPlugin(highlight)
  eleventy.amendLibrary('md', (md) => {
    markdown = md
    extend(md, (source) => pageOf.get(source), asset)
  })
  eleventy.addGlobalData('pages', pages)
  eleventy.addGlobalData('policy', process.env.DOCS_POLICY)
  eleventy.addGlobalData('version', JSON.parse(readFileSync('package.json', 'utf8')).version)
  for (const { source, url, title, text } of pages) {
    eleventy.addTemplate(`${url}.md`, text, { layout: 'page.11ty.js', permalink: `/${url}`, address: url, source, title })
  }
  eleventy.addTemplate('search.11ty.js', { render: () => JSON.stringify(sectionsOf(pages, markdown)) }, {
    permalink: '/search.json',
  })
  // The demo's colours and controls; what documents need comes after.
  eleventy.addPassthroughCopy({ 'src/demo/shared/style/base.css': 'base.css', 'docs/site/docs.css': 'docs.css' })
  return {
    dir: { input: 'docs/site', includes: 'includes', output },
    // Nothing in a document is a template.
    markdownTemplateEngine: false,
    templateFormats: ['md', '11ty.js'],
  }
}
