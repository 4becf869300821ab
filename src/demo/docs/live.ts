/** Examples that run in a document. Nothing of a model is fetched before someone presses a button. */
import { ScalewiseImage, type ScalewiseImageEventMap } from '../../element'
import { probe } from '../../index'

export function startExamples(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-live="element"]')) startElement(form)
  for (const place of document.querySelectorAll<HTMLElement>('[data-live="probe"]')) startProbe(place)
}

function startElement(form: HTMLFormElement): void {
  const input = form.elements.namedItem('prompt') as HTMLInputElement
  const image = form.querySelector('scalewise-image')
  // Asked as a value: a bundler that drops what nothing uses would drop the element.
  if (!(image instanceof ScalewiseImage)) return
  const status = form.querySelector('[role="status"]') as HTMLElement
  const draw = (): void => {
    status.textContent = 'Fetching what is missing, then drawing …'
    if (image.prompt === input.value) image.prompt = null
    image.prompt = input.value
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    draw()
  })
  form.querySelector('[data-run]')?.addEventListener('click', draw)
  const on = <K extends keyof ScalewiseImageEventMap>(
    name: K,
    words: (detail: ScalewiseImageEventMap[K]['detail']) => string,
  ): void =>
    image.addEventListener(name, (event) => {
      status.textContent = words((event as ScalewiseImageEventMap[K]).detail)
    })
  on('scale', ({ index, count, size }) => `Scale ${index + 1} of ${count}: ${size.join(' × ')} cells.`)
  on('load', ({ timings, backend }) => {
    return `Drawn in ${Math.round(timings.total)} ms on ${backend.name === 'wasm' ? 'the processor' : 'the GPU'}.`
  })
  on('error', ({ message }) => message)
}

function startProbe(place: HTMLElement): void {
  const output = place.querySelector('pre') as HTMLElement
  place.querySelector('[data-run]')?.addEventListener('click', async () => {
    output.hidden = false
    output.textContent = '…'
    const report = await probe({ model: new URL('../models/emoji/', document.baseURI).href }).catch((error) => error)
    output.textContent = report instanceof Error ? report.message : JSON.stringify(report, null, 2)
  })
}
