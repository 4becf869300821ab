import type { ProbeReport, ProbeVerdict } from '../../index'
import { find, make } from '../shared/dom'
import { bytes } from '../shared/words'

const verdicts: Readonly<Record<ProbeVerdict, string>> = {
  fast: 'Runs well here.',
  slow: 'Runs here, some seconds per picture.',
  doubtful: 'May fail here.',
  impossible: 'Does not run here.',
}

/** What this browser can do, looked up when it is opened: that takes a GPU device for a moment. */
export function startMachine(model: URL): void {
  const details = find('machine', HTMLDetailsElement)
  const report = find('machine-report', HTMLElement)
  details.addEventListener('toggle', async () => {
    if (!details.open) return
    report.replaceChildren(make('p', '', 'Looking.'))
    try {
      const { probe } = await import('./lazy-probe')
      report.replaceChildren(...describe(await probe({ model })))
    } catch (error) {
      report.replaceChildren(make('p', '', error instanceof Error ? error.message : String(error)))
    }
  })
}

function describe({ verdict, reasons, gpu, storage, memory, model }: ProbeReport): HTMLElement[] {
  const rows: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Graphics', gpu ? `${gpu.name}${gpu.software ? ', in software' : ''}` : 'no WebGPU'],
    ['Half precision', gpu && (gpu.features.includes('shader-f16') ? 'yes' : 'no')],
    ['Largest buffer', known(gpu?.limits.maxBufferSize)],
    ['Largest binding', known(gpu?.limits.maxStorageBufferBindingSize)],
    ['Memory needed', known(memory.needed)],
    ['Memory of the device', known(memory.device)],
    ['Storage free', storage && bytes(storage.quota - storage.usage)],
    ['Still to download', known(model?.missingBytes)],
    ['Weights', model?.variant],
  ]
  return [
    make('p', '', make('b', '', verdicts[verdict]), ' ', reasons.join(' ')),
    make(
      'dl',
      '',
      ...rows.flatMap(([name, value]) => (value === undefined ? [] : [make('dt', '', name), make('dd', '', value)])),
    ),
  ]
}

function known(count: number | undefined): string | undefined {
  return count === undefined ? undefined : bytes(count)
}
