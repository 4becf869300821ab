/** bench.html: the committed figures, and the same ratios measured in this browser. */

import type { Platform, Results } from '../../../bench/results'
import committedJson from '../../../bench/results.json'
import { reachedTargets } from '../../../bench/targets'
import { find } from '../shared/dom'
import { pageModel } from '../shared/model-address'
import { startTheme } from '../shared/theme'
import { growthChart } from './chart'
import { type Here, measureHere } from './here'
import { pairRows, targetRows } from './tables'

const committed = committedJson as unknown as Results
/** The platform that the page compares with. */
const [name, platform] = Object.entries(committed.platforms)[0] as [string, Platform]

const { model, problem } = pageModel()
const backend = new URLSearchParams(location.search).get('backend') ?? 'auto'

const measure = find('measure', HTMLButtonElement)
const stop = find('stop', HTMLButtonElement)
const status = find('measure-status', HTMLElement)
const progress = find('measure-progress', HTMLProgressElement)

function show(here?: Here): void {
  find('pairs', HTMLElement).replaceChildren(pairRows(platform.scales?.pairs ?? [], here?.pairs))
  find('growth', HTMLElement).replaceChildren(growthChart(platform.growth?.rows ?? [], here?.growth))
  find('key-here', HTMLElement).hidden = !here
  const exponent = platform.growth?.tokenExponent.toFixed(2) ?? '–'
  const own = here ? ` Here it grew as tokens^${here.tokenExponent.toFixed(2)}.` : ''
  find('growth-words', HTMLElement).textContent =
    `One denoiser call, over that of the full size. In the committed run time grew as tokens^${exponent}.${own}`
}

function words(here: Here): string {
  const { backend, decoder, readbacks, seconds } = here
  const read = backend.name === 'webgpu' ? ` Readbacks per picture: ${readbacks}.` : ''
  return `Done in ${Math.round(seconds)} s. ${backend.reason} The decoder took ${Math.round(100 * decoder)}% of a picture.${read}`
}

measure.addEventListener('click', async () => {
  const abort = new AbortController()
  stop.onclick = () => abort.abort()
  measure.disabled = true
  stop.hidden = progress.hidden = false
  progress.value = 0
  status.textContent = 'Loading the model.'
  try {
    const here = await measureHere(model, backend, abort.signal, (part) => {
      progress.value = part
      status.textContent = 'Measuring.'
    })
    show(here)
    status.textContent = words(here)
  } catch (error) {
    status.textContent = abort.signal.aborted ? 'Stopped.' : error instanceof Error ? error.message : String(error)
  } finally {
    measure.disabled = false
    stop.hidden = progress.hidden = true
  }
})

startTheme()
if (problem) {
  status.textContent = problem
  measure.disabled = true
}
show()
find('targets', HTMLElement).replaceChildren(targetRows(reachedTargets(committed)))
find('machine-words', HTMLElement).textContent =
  `Committed figures; ${name}: ${platform.machine}, ${platform.runtime}, ${platform.scales?.measured ?? ''}. ` +
  'docs/PERFORMANCE.md in the repository has the rest.'
