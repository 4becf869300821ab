import { readFileSync } from 'node:fs'
import { type Download, expect, type Page } from '@playwright/test'
import { draw, expectState, site } from './pages'

async function bytesOf(download: Download): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(readFileSync(await download.path()))
}

export async function saved(
  page: Page,
  press: () => Promise<void>,
): Promise<{ name: string; bytes: Buffer<ArrayBuffer> }> {
  const coming = page.waitForEvent('download')
  await press()
  const download = await coming
  return { name: download.suggestedFilename(), bytes: await bytesOf(download) }
}

export async function drop(page: Page, bytes: Uint8Array, name = 'picture.png'): Promise<void> {
  await page.evaluate(
    ([all, called]) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(all)], called, { type: 'image/png' }))
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))
    },
    [[...bytes], name] as const,
  )
}

export async function drawn(page: Page, prompt = 'a red apple'): Promise<void> {
  await page.goto(site())
  await draw(page, prompt)
  await expectState(page, 'done')
}

export async function openPanel(page: Page): Promise<void> {
  await page.getByTestId('take-away').click()
  await expect(page.getByTestId('away')).toBeVisible()
  await expect(page.getByTestId('away-telegram-size')).toContainText('PNG of')
}

export const take = (page: Page, id: string) => saved(page, () => page.getByTestId(id).click())

/** How the browser itself reads a file: its size, and its pixels as straight RGBA. */
export async function decoded(page: Page, bytes: Buffer, type: string) {
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
export function alphas({ width, height, data }: { width: number; height: number; data: ArrayLike<number> }) {
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

/** As many copies of the one picture in the gallery as make `count`, each with a seed of its own. Seen after a reload. */
export async function fillGallery(page: Page, count: number): Promise<void> {
  await page.evaluate(async (wanted) => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const database = await done(indexedDB.open('scalewise-gallery'))
    const store = database.transaction('pictures', 'readwrite').objectStore('pictures')
    const [kept] = await done(store.getAll())
    for (let index = 1; index < wanted; index++) {
      const recipe = { ...kept.recipe, seed: BigInt(index) }
      await done(
        store.put(
          { ...kept, key: `${kept.key} ${index}`, keptAt: kept.keptAt + index, recipe },
          `${kept.key} ${index}`,
        ),
      )
    }
    database.close()
  }, count)
}
