import { expect, type Page, test } from '@playwright/test'
import { source } from '../testing/pages'

/** The custom element, as an app has it: imported once, then written as HTML. */

async function openPage(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const made: Worker[] = []
    const ended: Worker[] = []
    Object.assign(window, { made, ended })
    const Native = window.Worker
    window.Worker = class extends Native {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given)
        made.push(this)
      }
      override terminate(): void {
        ended.push(this)
        super.terminate()
      }
    }
  })
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.evaluate((address) => import(address), `${source}/src/element.ts`)
}

interface Counted {
  readonly made: readonly Worker[]
  readonly ended: readonly Worker[]
}
const workers = (page: Page) =>
  page.evaluate(() => {
    const { made, ended } = window as unknown as Counted
    return { made: made.length, ended: ended.length }
  })

const html = (attributes: string) =>
  `<scalewise-image model="/models/tiny" backend="wasm" ${attributes}></scalewise-image>`

/** Adds HTML and waits for the pictures of all elements; resolves to what each canvas shows. */
function draw(page: Page, markup: string): Promise<string[]> {
  return page.evaluate(async (text) => {
    const box = document.createElement('div')
    box.innerHTML = text
    const elements = [...box.querySelectorAll('scalewise-image')]
    const loads = elements.map(
      (each) => new Promise((resolve) => each.addEventListener('load', resolve, { once: true })),
    )
    document.body.append(box)
    await Promise.all(loads)
    return elements.map((each) => each.shadowRoot?.querySelector('canvas')?.toDataURL() ?? '')
  }, markup)
}

test('elements of one model share an engine, which ends with the last of them', async ({ page }) => {
  await openPage(page)
  const [one, same, other] = await draw(
    page,
    html('prompt="a red apple"') + html('prompt="a red apple" seed="0"') + html('prompt="a red apple" seed="7"'),
  )
  expect(one?.length).toBeGreaterThan(1000)
  expect(same).toBe(one)
  expect(other).not.toBe(one)
  expect(await workers(page)).toEqual({ made: 1, ended: 0 })
  await page.evaluate(() => document.querySelector('scalewise-image')?.remove())
  expect(await workers(page)).toEqual({ made: 1, ended: 0 })
  await page.evaluate(() => document.querySelector('scalewise-image')?.parentElement?.remove())
  await expect.poll(() => workers(page)).toEqual({ made: 1, ended: 1 })
})

test('it is an image by the name of its prompt, of the size that CSS gives', async ({ page }) => {
  await openPage(page)
  await draw(page, html('prompt="a red apple" style="width: 120px"'))
  const image = page.getByRole('img', { name: 'a red apple' })
  await expect(image).toBeVisible()
  await expect(image).not.toHaveAttribute('aria-busy')
  const box = await image.boundingBox()
  expect([box?.width, box?.height]).toEqual([120, 120])
})

test('its worker may be named by address; one that is missing is told with the remedy', async ({ page }) => {
  await openPage(page)
  const [picture] = await draw(page, html(`prompt="a red apple" worker="${source}/src/worker/worker.ts"`))
  expect(picture?.length).toBeGreaterThan(1000)
  const message = await page.evaluate(
    (markup) => {
      document.body.innerHTML = markup
      const failed = new Promise<Error>((resolve) =>
        document
          .querySelector('scalewise-image')
          ?.addEventListener('error', ({ detail }) => resolve(detail), { once: true }),
      )
      return failed.then((error) => `${error.name}: ${error.message}`)
    },
    html('prompt="a red apple" worker="/nowhere.js"').replace('/models/tiny', '/models/tiny/'),
  )
  expect(message).toMatch(/^WorkerCrashed: .*script could not be loaded.*npx scalewise copy-page public\/scalewise/)
})

test('without a prompt it fetches nothing; a prompt that comes later is drawn', async ({ page }) => {
  await openPage(page)
  const fetched: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/models/')) fetched.push(request.url())
  })
  await page.evaluate((markup) => {
    document.body.innerHTML = markup
  }, html(''))
  await page.waitForTimeout(500)
  expect(fetched).toEqual([])
  expect(await workers(page)).toEqual({ made: 0, ended: 0 })
  await page.evaluate(async () => {
    const element = document.querySelector('scalewise-image') as HTMLElement
    const loaded = new Promise((resolve) => element.addEventListener('load', resolve, { once: true }))
    element.setAttribute('prompt', 'a red apple')
    await loaded
  })
  await expect(page.getByRole('img', { name: 'a red apple' })).toHaveAttribute('role', 'img')
})

test('while its prompt changes, the newest alone is drawn', async ({ page }) => {
  await openPage(page)
  const seen = await page.evaluate(async (markup) => {
    document.body.insertAdjacentHTML('beforeend', markup)
    const element = document.querySelector('scalewise-image') as HTMLElement & { prompt: string }
    const loads: string[] = []
    const scales: string[] = []
    element.addEventListener('load', () => loads.push(element.prompt))
    element.addEventListener('scale', () => scales.push(element.prompt))
    for (const prompt of ['a', 'a r', 'a red', 'a red apple']) {
      element.prompt = prompt
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await new Promise((resolve) => element.addEventListener('load', resolve, { once: true }))
    await new Promise((resolve) => setTimeout(resolve, 300))
    return { loads, scales: [...new Set(scales)], label: element.getAttribute('aria-label') }
  }, html('prompt="x"'))
  expect(seen).toEqual({ loads: ['a red apple'], scales: ['a red apple'], label: 'a red apple' })
})

test('removed while it loads or draws, it tells nothing and leaves no worker', async ({ page }) => {
  await openPage(page)
  const told = await page.evaluate(async (markup) => {
    const events: string[] = []
    for (const wait of [0, 1, 50, 400]) {
      document.body.insertAdjacentHTML('beforeend', markup)
      const element = document.querySelector('scalewise-image') as HTMLElement
      for (const name of ['load', 'error']) element.addEventListener(name, () => events.push(`${name} after ${wait}`))
      await new Promise((resolve) => setTimeout(resolve, wait))
      element.remove()
    }
    await new Promise((resolve) => setTimeout(resolve, 1500))
    return events
  }, html('prompt="a red apple"'))
  expect(told).toEqual([])
  const { made, ended } = await workers(page)
  expect(ended).toBe(made)
})

test('what cannot be drawn is told by an error event; a corrected attribute draws', async ({ page }) => {
  await openPage(page)
  const names = await page.evaluate(async (markup) => {
    document.body.insertAdjacentHTML('beforeend', markup)
    const element = document.querySelector('scalewise-image') as HTMLElement & { model: string; seed: string }
    const next = (name: string) =>
      new Promise<CustomEvent>((resolve) => element.addEventListener(name, resolve as never, { once: true }))
    const seen: string[] = [(await next('error')).detail.name]
    element.model = '/models/tiny'
    element.seed = 'seven'
    seen.push((await next('error')).detail.name)
    element.seed = '7'
    await next('load')
    return seen
  }, '<scalewise-image model="/no-such-model" backend="wasm" prompt="a red apple"></scalewise-image>')
  expect(names).toEqual(['DownloadFailed', 'InvalidSeed'])
})

test('pictures become files, bitmaps and canvases, transparent or over a colour', async ({ page }) => {
  await openPage(page)
  const found = await page.evaluate(async (address) => {
    const { drawTo, toBlob, toImageBitmap } = await import(address)
    const data = new Uint8ClampedArray(4 * 4)
    data.set([255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255])
    const picture = { width: 2, height: 2, data }
    const pixels = async (blob: Blob) => {
      const bitmap = await createImageBitmap(blob)
      const canvas = new OffscreenCanvas(2, 2)
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
      context.drawImage(bitmap, 0, 0)
      return [...context.getImageData(0, 0, 2, 2).data]
    }
    const canvas = document.createElement('canvas')
    drawTo(canvas, picture, { background: '#0000ff' })
    const taken = document.createElement('canvas')
    taken.getContext('webgl')
    const failures = await Promise.all(
      [async () => drawTo(taken, picture), () => toBlob(picture, { type: 'image/tiff' })].map((work) =>
        work().then(
          () => 'none',
          (error: Error) => error.name,
        ),
      ),
    )
    const bitmap = await toImageBitmap(picture)
    return {
      transparent: await pixels(await toBlob(picture)),
      blue: await pixels(await toBlob(picture, { background: 'blue' })),
      drawn: [...(canvas.getContext('2d')?.getImageData(1, 0, 1, 1).data ?? [])],
      webp: (await toBlob(picture, { type: 'image/webp', quality: 0.8 })).type,
      bitmap: [bitmap.width, bitmap.height],
      failures,
    }
  }, `${source}/src/picture-output.ts`)
  expect(found).toEqual({
    transparent: [255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255],
    blue: [255, 0, 0, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 255, 0, 255],
    drawn: [0, 0, 255, 255],
    webp: 'image/webp',
    bitmap: [2, 2],
    failures: ['InvalidRequest', 'InvalidRequest'],
  })
})
