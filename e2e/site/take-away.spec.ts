import { expect, test } from '@playwright/test'
import { PNG } from 'pngjs'
import { readPngChunks } from '../../src/demo/away/png-chunks'
import { recipeOf } from '../../src/demo/draw/recipe-file'
import { draw, expectState, pageErrors, site } from '../testing/pages'
import { alphas, decoded, drawn, fillGallery, openPanel, saved, take } from '../testing/take-away'
import { unzip } from '../testing/zip'

/** Files of the panel "Take it away": their bytes, their sizes, and what is in them. */
test.describe('the panel', () => {
  test('makes a sticker of 512 pixels, as PNG with its recipe and as WebP, cut, outlined and on a colour', async ({
    page,
  }) => {
    const errors = pageErrors(page)
    await drawn(page)
    await openPanel(page)
    const plain = await take(page, 'away-png')
    expect(plain.name).toMatch(/^a-red-apple-\d+-512\.png$/)
    const picture = PNG.sync.read(plain.bytes)
    expect([picture.width, picture.height]).toEqual([512, 512])
    expect((await recipeOf(new Blob([plain.bytes])))?.recipe.prompt).toBe('a red apple')
    const seen = alphas(picture)
    expect(Math.max(seen.right - seen.left, seen.bottom - seen.top)).toBeGreaterThanOrEqual(509)

    const webp = await take(page, 'away-webp')
    expect([webp.bytes.toString('latin1', 0, 4), webp.bytes.toString('latin1', 8, 12)]).toEqual(['RIFF', 'WEBP'])
    expect(webp.bytes.length).toBeLessThan(512_000)
    const read = await decoded(page, webp.bytes, 'image/webp')
    expect([read.width, read.height, alphas(read).least]).toEqual([512, 512, alphas(picture).least])

    await page.getByTestId('away-outline').check()
    const outlined = PNG.sync.read((await take(page, 'away-png')).bytes)
    // The first solid pixel from above is of the line.
    const first = outlined.data.findIndex((alpha, index) => index % 4 === 3 && alpha === 255) - 3
    expect([...outlined.data.subarray(first, first + 3)]).toEqual([255, 255, 255])
    expect(alphas(outlined).top).toBeLessThan(8)

    await page.getByTestId('away-background').selectOption('own')
    await page.getByTestId('away-colour').fill('#123456')
    const filled = PNG.sync.read((await take(page, 'away-png')).bytes)
    expect(alphas(filled).least).toBe(255)
    expect([...filled.data.subarray(0, 3)]).toEqual([0x12, 0x34, 0x56])
    expect(errors).toEqual([])
  })

  test('makes a large picture, whose edges are as thin as those of the small one', async ({ page }) => {
    await drawn(page)
    await openPanel(page)
    await page.getByTestId('away-crop').uncheck()
    const large = await take(page, 'away-large')
    expect(large.name).toMatch(/^a-red-apple-\d+-1024\.png$/)
    expect((await recipeOf(new Blob([large.bytes])))?.recipe.prompt).toBe('a red apple')
    const picture = PNG.sync.read(large.bytes)
    expect([picture.width, picture.height]).toEqual([1024, 1024])
  })

  test('makes an emoji for Slack and Discord, and says how large it is', async ({ page }) => {
    await drawn(page)
    await openPanel(page)
    const emoji = await take(page, 'away-emoji')
    const { width, height } = PNG.sync.read(emoji.bytes)
    expect([width, height]).toEqual([128, 128])
    expect(emoji.bytes.length).toBeLessThan(128_000)
    const kilobytes = `${Math.round(emoji.bytes.length / 1000)} kB`
    await expect(page.getByTestId('away-emoji-size')).toContainText(`128 × 128, ${kilobytes}; Slack takes 128 kB`)
  })

  test('makes the icons of a website', async ({ page }) => {
    await drawn(page)
    await openPanel(page)
    const files = unzip((await take(page, 'away-icons')).bytes)
    expect([...files.keys()].sort()).toEqual([
      'apple-touch-icon.png',
      'favicon.ico',
      'head.html',
      'icon-192.png',
      'icon-512.png',
      'icon-maskable-512.png',
      'site.webmanifest',
    ])
    const icon = (name: string) => PNG.sync.read(files.get(name) ?? Buffer.of())
    for (const [name, side] of [
      ['icon-192.png', 192],
      ['icon-512.png', 512],
      ['apple-touch-icon.png', 180],
      ['icon-maskable-512.png', 512],
    ] as const) {
      expect([icon(name).width, icon(name).height], name).toEqual([side, side])
    }
    expect(alphas(icon('apple-touch-icon.png')).least).toBe(255)
    const maskable = icon('icon-maskable-512.png')
    expect(alphas(maskable).least).toBe(255)
    // White wherever a mask may cut: outside the circle of four fifths.
    const cut = Array.from({ length: 512 * 512 }, (_, at) => at).filter(
      (at) =>
        Math.hypot((at % 512) - 255.5, Math.floor(at / 512) - 255.5) > 0.4 * 512 &&
        maskable.data.readUIntBE(4 * at, 3) !== 0xffffff,
    )
    expect(cut).toEqual([])
    const ico = files.get('favicon.ico') ?? Buffer.of()
    expect([ico.readUInt16LE(0), ico.readUInt16LE(2), ico.readUInt16LE(4)]).toEqual([0, 1, 3])
    for (const [index, side] of [16, 32, 48].entries()) {
      const entry = 6 + 16 * index
      const start = ico.readUInt32LE(entry + 12)
      const own = PNG.sync.read(ico.subarray(start, start + ico.readUInt32LE(entry + 8)))
      expect([ico[entry], own.width, own.height]).toEqual([side, side, side])
    }
    expect((await decoded(page, ico, 'image/x-icon')).width).toBeGreaterThan(0)
    const manifest = JSON.parse(String(files.get('site.webmanifest')))
    for (const { src } of manifest.icons) expect(files.has(src), src).toBe(true)
    for (const [, href] of String(files.get('head.html')).matchAll(/href="([^"]+)"/g)) {
      expect(files.has(href as string), href).toBe(true)
    }
  })

  test('makes an animation of the scales, which other programs show as the picture', async ({ page }) => {
    await drawn(page)
    const scales = await page.getByTestId('strip').locator('[data-scale=done]').count()
    await openPanel(page)
    const { bytes } = await take(page, 'away-reveal')
    const picture = PNG.sync.read(bytes)
    expect([picture.width, picture.height]).toEqual([128, 128])
    const frames = readPngChunks(bytes).filter(({ type }) => type === 'fcTL')
    expect(frames.length).toBe(scales)
    const read = await page.evaluate(async (base64) => {
      const data = await (await fetch(`data:image/png;base64,${base64}`)).arrayBuffer()
      const decoder = new ImageDecoder({ data, type: 'image/png' })
      await decoder.tracks.ready
      await decoder.completed
      const track = decoder.tracks.selectedTrack
      const durations = []
      for (let frameIndex = 0; frameIndex < (track?.frameCount ?? 0); frameIndex++) {
        durations.push((await decoder.decode({ frameIndex })).image.duration)
      }
      return { animated: track?.animated, durations }
    }, bytes.toString('base64'))
    expect(read).toEqual({ animated: true, durations: [...Array(scales - 1).fill(600_000), 2_400_000] })
    expect((await recipeOf(new Blob([bytes])))?.recipe.prompt).toBe('a red apple')
  })

  test('makes a WhatsApp pack of the pictures that are chosen in the gallery', async ({ page }) => {
    await page.goto(site())
    await expectState(page, 'ready')
    await page.getByRole('radio', { name: '4' }).check()
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    await expect(page.getByTestId('gallery').getByRole('listitem')).toHaveCount(4)
    await openPanel(page)
    await page.getByTestId('away-choose').locator('summary').click()
    const ticks = page.getByTestId('away-choose').getByRole('checkbox')
    await expect(ticks).toHaveCount(4)
    await expect(page.getByTestId('away-pack-size')).toContainText('4 pictures of your gallery chosen')
    await ticks.first().uncheck()
    await page.getByTestId('away-pack-title').fill('My apples')
    const { name, bytes } = await take(page, 'away-pack')
    expect(name).toBe('My-apples.wastickers')
    await expect(page.getByTestId('away-news')).toContainText('Saved a pack of 3 stickers')
    const files = unzip(bytes)
    expect([...files.keys()].sort()).toEqual([
      ...['01.webp', '02.webp', '03.webp', 'author.txt', 'contents.json', 'title.txt', 'tray.png'],
    ])
    for (const sticker of ['01.webp', '02.webp', '03.webp']) {
      const file = files.get(sticker) ?? Buffer.of()
      expect(file.length).toBeLessThan(100_000)
      const read = await decoded(page, file, 'image/webp')
      expect([read.width, read.height], sticker).toEqual([512, 512])
      const { left, right, top, bottom } = alphas(read)
      expect(Math.min(left, top, 511 - right, 511 - bottom)).toBeGreaterThanOrEqual(14)
    }
    const tray = files.get('tray.png') ?? Buffer.of()
    expect(tray.length).toBeLessThan(50_000)
    expect(PNG.sync.read(tray).width).toBe(96)
    expect(String(files.get('title.txt'))).toBe('My apples')
    const [pack] = JSON.parse(String(files.get('contents.json'))).sticker_packs
    expect(pack.stickers.map((each: { image_file: string }) => each.image_file)).toEqual([
      '01.webp',
      '02.webp',
      '03.webp',
    ])
    for (const tick of await ticks.all()) await tick.uncheck()
    await expect(page.getByTestId('away-pack')).toBeDisabled()
  })

  test('a pack has no more than 30 pictures, the newest of the gallery at first', async ({ page }) => {
    await drawn(page)
    await expect(page.getByTestId('gallery').getByRole('listitem')).toHaveCount(1)
    await fillGallery(page, 33)
    await page.reload()
    await expectState(page, 'done')
    await openPanel(page)
    await page.getByTestId('away-choose').locator('summary').click()
    const ticks = page.getByTestId('away-choose').getByRole('checkbox')
    await expect(ticks).toHaveCount(33)
    await expect(ticks.nth(1)).toHaveAccessibleName('a red apple, seed 32') // The first was drawn again by the reload.
    await expect(page.getByTestId('away-pack-size')).toContainText('30 pictures of your gallery chosen')
    await expect(ticks.nth(30)).toBeDisabled()
    await ticks.first().uncheck()
    await ticks.nth(30).check()
    await expect(ticks.first()).toBeDisabled()
    await expect(page.getByTestId('away-pack-size')).toContainText('30 pictures of your gallery chosen')
  })

  test('works by keyboard alone, closes with Escape, and gives the focus back', async ({ page }) => {
    await drawn(page)
    await page.getByTestId('take-away').focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: 'Take it away' })).toBeVisible()
    await expect(page.getByTestId('away-close')).toBeFocused()
    await expect(page.getByTestId('away-telegram-size')).toContainText('PNG of')
    for (let presses = 0; presses < 12; presses++) {
      if (await page.getByTestId('away-png').evaluate((button) => button === document.activeElement)) break
      await page.keyboard.press('Tab')
    }
    const { bytes } = await saved(page, () => page.keyboard.press('Enter'))
    expect(PNG.sync.read(bytes).width).toBe(512)
    await expect(page.getByTestId('away-news')).toContainText(/^Saved a-red-apple-\d+-512\.png, \d+ kB\.$/)
    await page.keyboard.press('Escape')
    await expect(page.getByTestId('away')).toBeHidden()
    await expect(page.getByTestId('take-away')).toBeFocused()
    await expectState(page, 'done')
  })

  test('writes WebP by a library where the browser does not', async ({ page }) => {
    const wasm: string[] = []
    page.on('request', (request) => /webp_enc.*\.wasm$/.test(request.url()) && wasm.push(request.url()))
    // As Safari does: PNG, whatever is asked for. Workers cannot be reached by an init script.
    await page.route(/away-worker.*\.js$/, async (route) => {
      const response = await route.fetch()
      const body = `const real = OffscreenCanvas.prototype.convertToBlob
        OffscreenCanvas.prototype.convertToBlob = function () { return real.call(this, { type: 'image/png' }) };
        ${await response.text()}`
      await route.fulfill({ response, body })
    })
    await drawn(page)
    await openPanel(page)
    for (const picture of ['as it is', 'outlined']) {
      const { bytes } = await take(page, 'away-webp')
      expect([bytes.toString('latin1', 0, 4), bytes.toString('latin1', 8, 12)], picture).toEqual(['RIFF', 'WEBP'])
      expect(bytes.length).toBeLessThan(512_000)
      const read = await decoded(page, bytes, 'image/webp')
      expect([read.width, read.height, alphas(read).least]).toEqual([512, 512, 0])
      await page.getByTestId('away-outline').check()
    }
    expect(wasm).toHaveLength(1)
  })
})
