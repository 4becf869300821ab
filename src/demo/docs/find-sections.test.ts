import { expect, it } from 'vitest'
import { findSections, type Section } from './find-sections'

const sections: Section[] = [
  { url: 'storage.html', page: 'Storage', title: 'Storage', text: 'Weights are kept in IndexedDB.' },
  {
    url: 'vite.html#build',
    page: 'Vite',
    title: 'Build',
    text: `${'many words '.repeat(30)}about a worker in a store.`,
  },
  { url: 'worker.html', page: 'Your own worker', title: 'Your own worker', text: 'In a file of an app.' },
]
const urls = (query: string): string[] => findSections(sections, query).map(({ url }) => url)

it('finds beginnings of words, those of titles first', () => {
  expect(urls('work')).toEqual(['worker.html', 'vite.html#build'])
  expect(urls('STOR')).toEqual(['storage.html', 'vite.html#build'])
  expect(urls('ore')).toEqual([])
})

it('asks for all words, wherever they are', () => {
  expect(urls('vite worker')).toEqual(['vite.html#build'])
  expect(urls('storage worker')).toEqual([])
})

it('finds nothing for nothing, and takes no sign for a pattern', () => {
  expect(urls(' ')).toEqual([])
  expect(urls('(')).toEqual([])
  expect(urls('indexeddb.')).toEqual(['storage.html'])
})

it('shows what is around a word', () => {
  const [found] = findSections(sections, 'worker build')
  expect(found?.excerpt).toMatch(/^… .*worker in a store\.$/)
  expect(found?.excerpt.length).toBeLessThan(170)
})
