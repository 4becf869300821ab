import { readFileSync } from 'node:fs'
import { type Download, expect, type Page, test } from '@playwright/test'
import { PNG } from 'pngjs'
import { readChunks } from '../../src/demo/away/png-chunks'
import { recipeOf } from '../../src/demo/draw/recipe-file'
import { draw, expectState, framePixels, pageErrors, site } from '../testing/pages'
import { startServer } from '../testing/server'
import { goOffline, visit } from '../testing/visit'
import { unzip } from '../testing/zip'

/** Pictures that leave the page: their bytes, their sizes, and the way back. */
async function bytesOf(download: Download): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(readFileSync(await download.path()))
}

async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; bytes: Buffer<ArrayBuffer> }> {
  const coming = page.waitForEvent('download')
  await press()
  const download = await coming
  return { name: download.suggestedFilename(), bytes: await bytesOf(download) }
}

async function drop(page: Page, bytes: Uint8Array, name = 'picture.png'): Promise<void> {
  await page.evaluate(
    ([all, called]) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(all)], called, { type: 'image/png' }))
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))
    },
    [[...bytes], name] as const,
  )
}

async function drawn(page: Page, prompt = 'a red apple'): Promise<void> {
  await page.goto(site())
  await draw(page, prompt)
  await expectState(page, 'done')
}

test.describe('the recipe in a saved picture', () => {
  test('is there, and dropping the file on a new page draws the same picture again', async ({ page }) => {
    const errors = pageErrors(page)
    await page.goto(site())
    await expectState(page, 'ready')
    const schedule = await page.getByTestId('schedule').locator('option').last().getAttribute('value')
    await page.getByTestId('schedule').selectOption(schedule)
    await page.getByTestId('seed').fill('18446744073709551615')
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    const before = await framePixels(page)
    const file = await saved(page, () => page.getByTestId('download').click())
    expect(file.name).toBe('a-red-apple-18446744073709551615.png')
    await expect(page.getByTestId('status')).toContainText('drop the file here')
    const picture = PNG.sync.read(file.bytes)
    expect([picture.width, picture.height]).toEqual([before.width, before.height])
    expect(await recipeOf(new Blob([file.bytes]))).toEqual({
      recipe: { prompt: 'a red apple', seed: 2n ** 64n - 1n, style: '', schedule },
      model: 'Tiny 0.1.0',
      started: false,
    })

    await page.goto('about:blank')
    await page.goto(site())
    await expectState(page, 'ready')
    await drop(page, file.bytes)
    await expectState(page, 'done')
    await expect(page.getByTestId('prompt')).toHaveValue('a red apple')
    await expect(page.getByTestId('seed')).toHaveValue('18446744073709551615')
    await expect(page.getByTestId('schedule')).toHaveValue(schedule ?? '')
    expect(await framePixels(page)).toEqual(before)
    expect(errors).toEqual([])
  })

  test('a file without one, or one cut short, says so where the model cannot start from it', async ({ page }) => {
    await page.goto(site())
    await expectState(page, 'ready')
    const plain = PNG.sync.write(new PNG({ width: 8, height: 8 }))
    for (const bytes of [plain, plain.subarray(0, 30), Buffer.from([])]) {
      await page.evaluate(() => document.querySelector('#status')?.replaceChildren())
      await drop(page, bytes)
      await expect(page.getByTestId('status')).toContainText('That file does not tell how to draw it')
    }
    await expectState(page, 'ready')
  })

  test('of another model says that the picture will be another', async ({ page }) => {
    await drawn(page)
    const file = await saved(page, () => page.getByTestId('download').click())
    // The same number of bytes; a reader of text does not check the checksum, and browsers skip such a chunk.
    const other = Buffer.from(file.bytes.toString('latin1').replace('Tiny 0.1.0', 'Tiny 9.9.9'), 'latin1')
    await drop(page, other)
    await expectState(page, 'done')
    await expect(page.locator('#warnings')).toContainText('Tiny 9.9.9 drew that file; Tiny 0.1.0 draws another picture')
  })
})

async function openPanel(page: Page): Promise<void> {
  await page.getByTestId('take-away').click()
  await expect(page.getByTestId('away')).toBeVisible()
  await expect(page.getByTestId('away-telegram-size')).toContainText('PNG of')
}

const take = (page: Page, id: string) => saved(page, () => page.getByTestId(id).click())

/** How the browser itself reads a file: its size, and its pixels as straight RGBA. */
async function decoded(page: Page, bytes: Buffer, type: string) {
  return page.evaluate(
    async ([base64, mime]) => {
      const blob = await (await fetch(`data:${mime};base64,${base64}`)).blob()
      const bitmap = await createImageBitmap(blob)
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
      const context = canvas.getContext('2d')
      context?.drawImage(bitmap, 0, 0)
      const { data } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: [] }
      return { width: bitmap.width, height: bitmap.height, data: [...data] }
    },
    [bytes.toString('base64'), type] as const,
  )
}

/** The smallest and the largest alpha, and the place of what is seen. */
function alphas({ width, height, data }: { width: number; height: number; data: ArrayLike<number> }) {
  let [least, most, left, right, top, bottom] = [255, 0, width, -1, height, -1]
  for (let at = 0; at < width * height; at++) {
    const alpha = data[4 * at + 3] ?? 0
    least = Math.min(least, alpha)
    most = Math.max(most, alpha)
    if (alpha < 24) continue
    left = Math.min(left, at % width)
    right = Math.max(right, at % width)
    top = Math.min(top, Math.floor(at / width))
    bottom = Math.floor(at / width)
  }
  return { least, most, left, right, top, bottom }
}

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
    const frames = readChunks(bytes).filter(({ type }) => type === 'fcTL')
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

  test('says so where the browser writes no WebP', async ({ page }) => {
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
    await page.getByTestId('away-webp').click()
    await expect(page.getByTestId('away-news')).toContainText('This browser does not write WebP. Take the PNG')
  })
})

test.describe('on a phone', () => {
  test.use({ hasTouch: true, isMobile: true })

  for (const width of [390, 320]) {
    test(`of ${width} pixels every target has 44, and nothing is cut off`, async ({ page }) => {
      await page.setViewportSize({ width, height: 700 })
      await drawn(page)
      await openPanel(page)
      await page.getByTestId('away-background').selectOption('own')
      await page.getByTestId('away-choose').locator('summary').click()
      await expect(page.getByTestId('away-choose').getByRole('checkbox')).toHaveCount(1)
      const small = await page.getByTestId('away').evaluate((dialog) =>
        [...dialog.querySelectorAll('button, select, summary, label:has(input), input:not(label input)')]
          .map((element) => ({ name: element.id || element.textContent, box: element.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 0 && (box.height < 44 || box.width < 44))
          .map(({ name, box }) => `${name}: ${box.width} × ${box.height}`),
      )
      expect(small).toEqual([])
      const cut = await page.getByTestId('away').evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)
      expect(cut).toBe(0)
    })
  }
})

test.describe('share, drag and copy', () => {
  test('the share sheet gets the picture as a file, where there is one', async ({ page }) => {
    await page.addInitScript(() => {
      const shared: unknown[] = []
      Object.assign(globalThis, { shared })
      Object.assign(navigator, {
        canShare: ({ files }: { files?: File[] }) => files?.[0]?.type === 'image/png',
        share: async ({ files, text }: { files: File[]; text: string }) => {
          shared.push(files[0]?.name, files[0]?.size, text)
        },
      })
    })
    await drawn(page)
    await openPanel(page)
    await page.getByTestId('away-share').click()
    await expect(page.getByTestId('away-news')).toHaveText('Shared.')
    const shared = await page.evaluate(() => (globalThis as unknown as { shared: unknown[] }).shared)
    expect(shared).toEqual([expect.stringMatching(/^a-red-apple-\d+\.png$/), expect.any(Number), 'a red apple'])
  })

  test('without one there is no button for it', async ({ page }) => {
    await page.addInitScript(() => Object.assign(navigator, { canShare: undefined }))
    await drawn(page)
    await openPanel(page)
    await expect(page.getByTestId('away-share')).toBeHidden()
  })

  test('the picture is copied as it is shown, and so is the link', async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await drawn(page)
    await openPanel(page)
    await page.getByTestId('away-copy').click()
    await expect(page.getByTestId('away-news')).toContainText('Copied the picture')
    const width = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read()
      const blob = await item?.getType('image/png')
      return blob && (await createImageBitmap(blob)).width
    })
    expect(width).toBe(512)
    await page.getByTestId('away-link').click()
    await expect(page.getByTestId('away-news')).toContainText('Copied a link')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('#prompt=a+red+apple&seed=')
  })

  test('a picture that is dragged out is a file with its recipe', async ({ page }) => {
    await drawn(page)
    await page.getByTestId('pictures').hover()
    await expect(page.getByTestId('pictures')).toHaveAttribute('draggable', 'true')
    const dragged = () =>
      page.getByTestId('pictures').evaluate((root) => {
        const dataTransfer = new DataTransfer()
        const event = new DragEvent('dragstart', { bubbles: true, cancelable: true, dataTransfer })
        root.dispatchEvent(event)
        return dataTransfer.getData('DownloadURL')
      })
    await expect.poll(dragged).toMatch(/^image\/png:a-red-apple-\d+\.png:blob:http/)
    const address = (await dragged()).split(':').slice(2).join(':')
    const bytes = await page.evaluate(async (from) => {
      const image = new Image()
      image.src = from
      await image.decode()
      return image.naturalWidth
    }, address)
    expect(bytes).toBe(128)
  })
})

test.describe('offline', () => {
  test.use({ serviceWorkers: 'allow' })

  test('every file is made without a network', async ({ page }) => {
    const server = await startServer()
    try {
      await visit(page, server)
      await goOffline(page, server)
      await page.reload()
      await expectState(page, 'ready')
      await draw(page, 'a red apple')
      await expectState(page, 'done')
      await openPanel(page)
      for (const id of ['away-png', 'away-webp', 'away-emoji', 'away-icons', 'away-reveal', 'away-pack']) {
        expect((await take(page, id)).bytes.length, id).toBeGreaterThan(1_000)
      }
    } finally {
      await server.stop()
    }
  })
})
