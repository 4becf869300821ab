import { expect, type Page, test } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import { drawFirst, ends, openFaultyPage, pending } from './setup'

/** Whatever is typed: a picture, the same for the same prompt, and a warning where the model does not read all of it. */
test.describe.configure({ mode: 'serial' })

let page: Page
let sound: string

test.beforeAll(async ({ browser }) => {
  page = await openFaultyPage(browser)
  sound = await drawFirst(page)
})

test.afterAll(() => page.close())

/** Every character from U+0000 to U+001F, and those from U+007F to U+009F. */
const controls = String.fromCharCode(
  ...Array.from({ length: 32 }, (_, code) => code),
  ...Array.from({ length: 33 }, (_, at) => 0x7f + at),
)

const groups: readonly { what: string; prompts: readonly string[]; cut?: number }[] = [
  { what: 'empty and blank prompts', prompts: ['', ' ', '\n\t \u00a0\u3000\u200b\ufeff'] },
  {
    // To this tokenizer a word of more than 100 characters is one unknown token: only the first prompt is too long.
    what: 'prompts of 100,000 characters: words, one word, one emoji repeated',
    prompts: ['a red apple '.repeat(8334).slice(0, 100_000), 'x'.repeat(100_000), '🦊'.repeat(50_000)],
    cut: 1,
  },
  { what: 'control characters', prompts: [controls, `a\u0000 red\u0007 apple\u001b[31m\u007f`] },
  {
    what: 'lone surrogates and noncharacters',
    prompts: ['\ud83e', 'a \udd8a fox', '\udc00\ud800', '\uffff\ufffe\u{10ffff}'],
  },
  {
    what: 'other scripts',
    prompts: ['красное яблоко', '赤いリンゴ', '红苹果', '빨간 사과', 'μήλο', 'लाल सेब', 'แอปเปิ้ลแดง', 'ቀይ ፖም', 'a͓̽̈́̾̕p̷̨̛̫p̸̢̛͔l̶̡͝e̴̢̛'],
  },
  { what: 'emoji', prompts: ['🍎', '🦊🎉', '👩‍👩‍👧‍👦', '👍🏽', '🏳️‍🌈', '🇫🇷', '1️⃣'] },
  {
    what: 'right to left',
    prompts: ['תפוח אדום', 'تفاحة حمراء', '\u202etxet neddih\u202c a fox', 'a \u2067שועל\u2069 fox'],
  },
  {
    what: 'text that means something to a tokenizer, a template or a database',
    prompts: ['</s><s><pad><unk>[CLS]', '<extra_id_0>', '$& $1 {prompt} $0', "'; DROP TABLE weights; --", '__proto__'],
  },
]

for (const { what, prompts, cut = 0 } of groups) {
  test(what, async () => {
    const { firsts, seconds, slowest, next } = await page.evaluate(async (all) => {
      const { outcome, request } = window.faults
      const draw = (prompt: string) => outcome(window.engine.generate({ ...request, prompt }))
      const firsts = []
      const seconds = []
      let slowest = 0
      for (const prompt of all) {
        const started = performance.now()
        firsts.push(await draw(prompt))
        slowest = Math.max(slowest, performance.now() - started)
      }
      // In another order, so that what the engine remembers of the last prompt does not help.
      for (const prompt of all) seconds.push(await draw(prompt))
      return { firsts, seconds, slowest, next: await draw(request.prompt) }
    }, prompts)
    for (const { end, message, live } of firsts) {
      expect(end, message).toBe('drawn')
      expect(live).toBe(0)
    }
    expect(seconds.map(({ picture }) => picture)).toEqual(firsts.map(({ picture }) => picture))
    const warnings = firsts.flatMap((first) => first.warnings)
    expect(warnings).toHaveLength(cut)
    for (const warning of warnings) expect(warning).toMatch(/tokens and the model reads 24: its end was left out/)
    expect(next).toMatchObject({ end: 'drawn', picture: sound, live: 0, warnings: [] })
    await recordFault(test.info(), {
      fault: what,
      expected: `a picture each, the same when drawn again${cut > 0 ? `, and ${cut} warning that the end was left out` : ''}`,
      result: `${ends(firsts)}${cut > 0 ? `, ${warnings.length} with the warning` : ''}`,
      promisesPending: pending([...firsts, ...seconds, next]),
      latentsAlive: next.live,
      ms: slowest,
    })
  })
}
