/** Opens an app's page and waits until the picture is there, finished and not blank. */
import type { Browser, Page } from '@playwright/test'

/** Milliseconds. A dev server bundles, ONNX Runtime compiles, and both wait for the processor. */
const LIMIT = 90_000
/** Of the model's decoder: previews of single scales are smaller. */
const SIDE = 256
/** A drawn apple has thousands; an empty canvas has 1. */
const COLOURS = 500

/**
 * With `offline`, which stops the server, once more after that: the page is loaded again and has to draw by itself.
 *
 * @throws when no picture comes in time, or anything was told as an error: by the console, the page or a server.
 */
export async function look(browser: Browser, url: string, { offline }: { offline?: () => void } = {}): Promise<void> {
  const context = await browser.newContext()
  const told: string[] = []
  let stop = (): void => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  let cut = false
  const tell = (error: string): void => {
    // The browser's own words on what the page asks for again, such as the model's manifest.
    if (cut && /ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED)/.test(error)) return
    told.push(error)
    // Others that belong to it follow within moments.
    setTimeout(stop, 1000)
  }
  try {
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') tell(`console: ${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (error) => tell(`page: ${error.stack ?? error.message}`))
    page.on('response', (response) => {
      if (response.status() >= 400) tell(`${response.status()} for ${response.url()}`)
    })
    const seen = async (): Promise<void> => {
      const late = drawn(page).catch(() => tell(`No picture within ${LIMIT} ms.`))
      await Promise.race([late, stopped])
      if (told.length > 0) throw new Error(`Errors at ${url}:\n${told.join('\n')}`)
    }
    await page.goto(url)
    await seen()
    if (!offline) return
    // Ready once all that it keeps is there.
    await page.evaluate(async () => void (await navigator.serviceWorker.ready))
    cut = true
    offline()
    await context.setOffline(true)
    await page.reload()
    await seen()
  } finally {
    await context.close()
  }
}

function drawn(page: Page): Promise<unknown> {
  return page.waitForFunction(
    ({ side, colours }) => {
      const canvas =
        document.querySelector('canvas') ??
        document.querySelector('scalewise-image')?.shadowRoot?.querySelector('canvas')
      if (!canvas || canvas.width !== side || canvas.height !== side) return false
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, side, side).data
      return pixels && new Set(new Uint32Array(pixels.buffer)).size >= colours
    },
    { side: SIDE, colours: COLOURS },
    { timeout: LIMIT, polling: 200 },
  )
}
