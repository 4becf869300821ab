import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openVocabulary, type Understanding, understand, type Vocabulary } from './index'

/** The shipped model's own lists, read from the disk. */
const folder = 'models/emoji'
const asked: string[] = []
const load = async (file: string): Promise<unknown> => {
  asked.push(file)
  return existsSync(`${folder}/${file}`) ? JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) : undefined
}
const emoji = (languages: string[] = []) => openVocabulary(load, languages) as Promise<Vocabulary>
const unknown = ({ unknown }: Understanding) => unknown.map(({ text }) => text)
const drawn = async (prompt: string, ...languages: string[]) =>
  (await (await emoji(languages)).understand(prompt)).prompt

describe('understand: English', () => {
  it.each([
    'a red apple',
    'two cats, please!',
    'My very own picture of a fox wearing sunglasses',
    'A T-shirt and a pair of jeans',
    'elephants running in the rain',
    'a kitty next to a skateboard',
    "a cat's face",
  ])('%s: nothing is unknown, and nothing is fetched', async (prompt) => {
    const vocabulary = await emoji()
    asked.length = 0
    const read = await vocabulary.understand(prompt)
    expect(unknown(read)).toEqual([])
    expect(read.prompt).toBe(prompt)
    expect(asked).toEqual([])
  })

  it('marks what it does not know, where it stands, with things it can draw', async () => {
    const prompt = 'a green submarine, flat'
    const [word] = (await (await emoji()).understand(prompt)).unknown
    expect(prompt.slice(word?.start, word?.end)).toBe('submarine')
    expect(word?.near).toContain('speedboat')
    expect(word?.near.length).toBeLessThanOrEqual(3)
  })

  it.each([
    ['aple', 'apple'],
    ['bananna', 'banana'],
    ['elehpant', 'elephant'],
    ['dgo', 'dog'],
  ])('%s may be meant as %s', async (typed, meant) => {
    const read = await (await emoji()).understand(`a ${typed}`)
    expect(read.unknown[0]?.near[0]).toBe(meant)
  })

  it.each(['', '   ', '?!', '\u200b', 'constructor __proto__ toString', '\ud800', 'q'.repeat(2000)])(
    '%j is read without a fault',
    async (prompt) => {
      const read = await (await emoji()).understand(prompt)
      expect(read.words.every(({ kind }) => kind === 'unknown' || kind === 'known')).toBe(true)
    },
  )

  it('names of objects are no words', async () => {
    expect(unknown(await (await emoji()).understand('constructor valueOf'))).toEqual(['constructor', 'valueOf'])
  })

  it('refuses what is no text', async () => {
    await expect((await emoji()).understand(7 as never)).rejects.toMatchObject({ name: 'InvalidRequest' })
  })
})

describe('understand: emoji', () => {
  it.each([
    ['🐱', 'cat'],
    ['🍎 and 🍌', 'apple and banana'],
    ['🐶🎩', 'dog hat'],
    ['a ❤️', 'a heart'],
    ['2 🍎', 'two apples'],
  ])('%s is drawn as %s', async (prompt, expected) => {
    const read = await (await emoji()).understand(prompt)
    expect(unknown(read)).toEqual([])
    expect(read.prompt).toBe(expected)
  })

  it('takes any skin and says which emoji it does not know', async () => {
    const vocabulary = await emoji()
    expect((await vocabulary.understand('👍🏽')).prompt).toBe((await vocabulary.understand('👍')).prompt)
    expect(unknown(await vocabulary.understand('👍🏽'))).toEqual([])
    expect(unknown(await vocabulary.understand('\u{1FAFF}'))).toEqual(['\u{1FAFF}'])
  })
})

describe('understand: other languages', () => {
  it.each([
    ['es', 'un gato', 'un cat'],
    ['es', 'unos gatos', 'unos cat'],
    ['es', 'manzana verde', 'green apple'],
    ['pt', 'gato', 'cat'],
    ['fr', 'un chien', 'un dog'],
    ['de', 'eine Katze', 'eine cat'],
    ['de', 'Katzen', 'cat'],
    ['it', 'gatto', 'cat'],
    ['tr', 'kedi', 'cat'],
    ['id', 'kucing', 'cat'],
    ['vi', 'con mèo', 'cat'],
    ['ru', 'кошка', 'cat'],
    ['ru', 'кошки', 'cat'],
    ['ar', 'قطة', 'cat'],
    ['ur', 'بلی', 'cat'],
    ['hi', 'बिल्ली', 'cat'],
    ['bn', 'বিড়াল', 'cat'],
    ['zh', '猫', 'cat'],
    ['ja', 'ねこ', 'cat'],
    ['ja', '赤リンゴとバナナ', 'apple'],
    ['ko', '고양이', 'cat'],
  ])('%s: %s', async (language, prompt, expected) => {
    expect(await drawn(prompt, language)).toContain(expected)
    expect(await drawn(prompt)).toContain(expected.split(' ').at(-1))
  })

  it.each(['Barack Obama', 'Bob'])('%s is nothing of another language, nor anything near it', async (name) => {
    const read = await (await emoji(['it', 'de'])).understand(name)
    expect(unknown(read).join(' ')).toBe(name)
    expect(read.prompt).toBe(name)
  })

  it('says which words of another language it does not find', async () => {
    const read = await (await emoji(['es-MX'])).understand('un gato desaprensivo')
    expect(unknown(read)).toEqual(['desaprensivo'])
    expect(read.words.map(({ kind, language }) => [kind, language])).toEqual([
      ['small', undefined],
      ['foreign', 'es'],
      ['unknown', undefined],
    ])
  })

  it('a name of several words is one, as it stands in the prompt', async () => {
    const read = await (await emoji(['es'])).understand('un  perrito   caliente!')
    expect(read.words.map(({ text, becomes }) => [text, becomes])).toEqual([
      ['un', undefined],
      ['perrito   caliente', 'hot dog'],
    ])
    expect(read.prompt).toBe('un hot dog!')
  })

  it('fetches a language once, and does without one that does not come', async () => {
    const vocabulary = await openVocabulary(async (file) => {
      if (file === 'vocabulary.json') return load(file)
      asked.push(file)
      throw new Error('offline')
    })
    asked.length = 0
    expect(unknown((await vocabulary?.understand('кошка')) as Understanding)).toEqual(['кошка'])
    await vocabulary?.understand('кошка')
    expect(asked.filter((file) => file === 'vocabulary.ru.json')).toHaveLength(2)
    const again = await emoji()
    asked.length = 0
    await again.understand('кошка')
    await again.understand('кошка')
    expect(asked).toEqual(['vocabulary.near.json', 'vocabulary.ru.json'])
  })
})

describe('suggestions', () => {
  it('completes the last word, and two words where they are one name', async () => {
    const vocabulary = await emoji()
    expect(vocabulary.complete('a red str').map(({ text }) => text)).toContain('strawberry')
    expect(vocabulary.complete('a red str')[0]?.prompt).toMatch(/^a red str/)
    expect(vocabulary.complete('hot d').map(({ prompt }) => prompt)).toContain('hot dog')
    expect(vocabulary.complete('')).toEqual([])
    expect(vocabulary.complete('a c')).toEqual([])
    expect(vocabulary.complete('xqzz')).toEqual([])
  })

  it('surprises with prompts of which it knows every word', async () => {
    const vocabulary = await emoji()
    const prompts = new Set<string>()
    for (let i = 0; i < 200; i++) prompts.add(vocabulary.surprise())
    expect(prompts.size).toBeGreaterThan(150)
    for (const prompt of prompts) expect(unknown(await vocabulary.understand(prompt)), prompt).toEqual([])
  })
})

describe('files', () => {
  it('a model without a vocabulary has none', async () => {
    expect(await openVocabulary(async () => undefined)).toBeUndefined()
  })

  it.each([
    [[], 'not an object'],
    [{ format: 2 }, 'format 2'],
    [{ format: 1, words: {}, concepts: { cat: { names: [7] } } }, 'names of cat'],
  ])('%j is refused by name', async (content, words) => {
    const opening = openVocabulary(async () => content)
    await expect(opening).rejects.toMatchObject({ name: 'InvalidManifest', message: expect.stringContaining(words) })
  })

  it('what is no address is refused by name', async () => {
    await expect(understand('a cat', { model: 'http://' })).rejects.toMatchObject({ name: 'InvalidRequest' })
  })

  it('is fetched from beside the manifest, with its query, where the manifest names it', async () => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      const address = request.url ?? ''
      seen.push(address)
      const [path = ''] = address.split('?')
      if (existsSync(`models${path}`)) return void response.end(readFileSync(`models${path}`))
      response.writeHead(404).end('Not here')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const read = await understand('кошка', { model: `${base}/emoji/manifest.json?signed=7` })
      expect(read?.prompt).toBe('cat')
      const files = ['manifest.json', 'vocabulary.json', 'vocabulary.near.json', 'vocabulary.ru.json']
      expect(seen).toEqual(files.map((file) => `/emoji/${file}?signed=7`))
      expect(await understand('кошка', { model: `${base}/tiny/` })).toBeUndefined()
      expect(seen.slice(files.length)).toEqual(['/tiny/manifest.json'])
    } finally {
      server.close()
    }
  })
})
