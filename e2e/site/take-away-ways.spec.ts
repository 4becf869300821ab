import { expect, test } from '@playwright/test'
import { draw, expectState } from '../testing/pages'
import { startServer } from '../testing/server'
import { drawn, openPanel, take } from '../testing/take-away'
import { goOffline, visit } from '../testing/visit'

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
      for (const heading of await page.getByTestId('away').getByRole('heading', { level: 3 }).all()) {
        const box = await heading.boundingBox()
        expect(box?.height, `${await heading.textContent()}: one line`).toBeLessThan(30)
      }
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
      for (const id of [
        'away-png',
        'away-webp',
        'away-large',
        'away-emoji',
        'away-icons',
        'away-reveal',
        'away-pack',
      ]) {
        expect((await take(page, id)).bytes.length, id).toBeGreaterThan(1_000)
      }
    } finally {
      await server.stop()
    }
  })
})
