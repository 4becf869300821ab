/** docs/PERFORMANCE.md and the table of docs/guide/models.md, whole, from bench/results.json and bench/causes.json. */
import type { Part, Platform, Results, ScalePair, Taken, VariantRow } from './results'
import type { Spread } from './statistics'
import { type Reached, reachedTargets } from './targets'

/** Why a target is missed, by target and platform; written by people, from profiles. */
export type Causes = Readonly<Record<string, Readonly<Record<string, string>>>>

export function causeOf(causes: Causes, { id, platform }: Reached): string | undefined {
  return causes[id]?.[platform] ?? causes[id]?.any
}

export function performanceDocument(results: Results, causes: Causes): string {
  const reached = reachedTargets(results)
  const missed = reached.filter(({ met }) => !met)
  const sections = Object.entries(results.platforms).map(([name, platform]) => platformSection(name, platform))
  return `${[
    '# Performance',
    'Generated from [results.json](../bench/results.json) and [causes.json](../bench/causes.json) by `npm run bench`; ' +
      'nothing here is typed by hand. Ratios are medians of samples taken in turn in one run, with their quartiles in ' +
      'brackets; milliseconds stand beside their machine and mean nothing on another.',
    '## Targets',
    table(
      ['figure', 'where', 'target', 'reached', ''],
      reached.map((row) => [row.figure, where(row), row.target, `**${row.reached}**`, row.met ? '✓' : 'missed']),
    ),
    ...(Object.values(results.platforms).some(({ adapter }) => adapter && !adapter.software) ? [] : [NO_GPU]),
    missed.length > 0 ? `### Why ${missed.length === 1 ? 'one is' : `${missed.length} are`} missed` : 'All are met.',
    ...missed.map((row) => `**${row.figure}** (${where(row)}). ${causeOf(causes, row) ?? 'No cause is known yet.'}`),
    ...sections,
    ...variantSection(results),
  ].join('\n\n')}\n`
}

const NO_GPU =
  'No figure here is of a GPU: none could be had. `npm run bench:gpu` packs the WebGPU parts for a machine that has one ' +
  'and no display (`node gpu-bench.mjs --out FILE` there), and `npm run bench -- --take FILE` adds what it measured.'

/** The lines of docs/guide/models.md between its two marks: the first platform's four-step pair. */
export function speedTable(results: Results): string {
  const [name, platform] = Object.entries(results.platforms)[0] ?? []
  const { pairs, rounds } = platform?.scales ?? {}
  const pair = pairs?.find(({ steps }) => steps === 4)
  if (!name || !platform || !pair) return 'Not measured yet: `npm run bench`.'
  return `${table(
    ['schedule', 'sizes (latent cells)', 'image tokens', 'text', 'denoiser', 'decoder', 'picture'],
    timeRows(pair, ['`default`', '`full-4`']),
  )}

Medians of ${rounds} pictures each, taken in turn; ${name}, ${platform.machine}, ${platform.runtime}.
[PERFORMANCE.md](../PERFORMANCE.md) has the rest, and \`npm run bench\` measures it anew.`
}

function platformSection(name: string, platform: Platform): string {
  const { scales, engine, torch, start, growth, naive, matmul, fast, machine, runtime, adapter } = platform
  const parts: string[] = [
    `## ${name}`,
    `${machine}; ${runtime}.${adapter?.software ? ' The adapter is a processor that plays GPU: its counts are right, its times say nothing of a GPU.' : ''}`,
  ]
  if (scales) {
    parts.push('### Scale-wise against full scale', taken(scales), pairTable(scales.pairs))
    parts.push(
      'One student, the same steps. The bound is how many times more tokens the denoiser reads at full scale. ' +
        '[RESULTS.md](RESULTS.md) says what the pictures are worth.',
    )
    for (const pair of scales.pairs) parts.push(table(TIMES, timeRows(pair, pairNames(pair))))
  }
  if (fast) {
    parts.push('### Threads, 8 bits, batches and budgets', taken(fast))
    const rows = [
      [`${fast.threads} threads`, times(fast.threadsOver)],
      ['activations in 8 bits', times(fast.int8Over)],
      ['both, as an isolated page has it', times(fast.bothOver)],
      ...fast.batches.map(({ batch, perSecond }) => [
        `both, ${batch} pictures a request`,
        `${perSecond.toFixed(2)} a second`,
      ]),
      ['predicted against real time under a budget', percent(fast.budgetError)],
    ]
    parts.push(table(['default picture, one thread in float32', milliseconds(fast.beforeMs)], rows))
  }
  if (engine) {
    parts.push('### Around ONNX Runtime', taken(engine))
    const rows = [
      ['outside ONNX Runtime', percent(engine.outside)],
      ['decoder', percent(engine.decoder)],
      ...(adapter
        ? [
            ['readbacks, of anybody', `${engine.readbacks}`],
            ['our dispatches between two denoiser calls', `${engine.dispatchesBetween}`],
            ['moved to the GPU', bytes(engine.toGpu)],
            ['moved to the CPU', bytes(engine.toCpu)],
          ]
        : []),
    ]
    parts.push(table(['a picture of the default schedule', milliseconds(engine.total)], rows))
  }
  if (torch) {
    parts.push(`### Against ${torch.torch}`, taken(torch))
    parts.push(
      table(
        ['graph', 'WASM', 'PyTorch', 'ratio', 'PyTorch, 128 bits', 'ratio'],
        torch.rows.map((row) => [
          ...[row.graph, milliseconds(row.wasmMs), milliseconds(row.torchMs), times(row.ratio)],
          ...(row.torch128Ms && row.ratio128 ? [milliseconds(row.torch128Ms), times(row.ratio128)] : ['–', '–']),
        ]),
      ),
      'One thread each. The right half holds PyTorch to vectors of 128 bits without fused multiply-add, which is what ' +
        'WASM has (`ATEN_CPU_CAPABILITY=default DNNL_MAX_CPU_ISA=SSE41 MKL_CBWR=COMPATIBLE`).',
    )
  }
  if (start) {
    parts.push('### First preview', taken(start))
    const rows = [
      ['model', bytes(start.downloadBytes)],
      ["ONNX Runtime's .wasm", bytes(start.runtimeBytes)],
      ...(start.firstBytes ? [['of both, gzipped, what a first picture waits for', bytes(start.firstBytes)]] : []),
      ['cold: engine ready', milliseconds(start.coldReady)],
      ['cold: first preview', milliseconds(start.coldPreview)],
      ['warm: engine ready', milliseconds(start.warmReady)],
      ['warm: first preview', milliseconds(start.warmPreview)],
      ['ONNX Runtime alone, bytes in memory', milliseconds(start.bare)],
      ['ONNX Runtime alone, with fetching from the cache', milliseconds(start.bareFetched)],
      ['warm / ONNX Runtime alone', times(start.warmOverBare)],
      ['warm / the same with fetching', times(start.warmOverBareFetched)],
      ...(start.readyOverBefore
        ? [['warm: engine ready / fetching and sessions with the build by asyncify', times(start.readyOverBefore)]]
        : []),
      ['first picture / later pictures', times(start.firstOverLater)],
      ...(start.peakMemory
        ? [
            [
              "memory of the page's process, at most (before)",
              `${bytes(start.peakMemory)} (${bytes(start.baseMemory ?? 0)})`,
            ],
          ]
        : []),
    ]
    parts.push(table(['', ''], rows))
    parts.push('Cold: an empty profile, files from this machine. Warm: a new page, weights from IndexedDB, verified.')
  }
  if (growth) {
    parts.push('### Growth', taken(growth))
    parts.push(
      table(
        ['latent cells', 'batch', 'image tokens', 'text tokens', 'denoiser call', 'a token'],
        growth.rows.map(({ size, batch, imageTokens, textTokens, ms }) => [
          ...[`${size} × ${size}`, `${batch}`, `${imageTokens}`, `${textTokens}`, milliseconds(ms.median)],
          `${Math.round((1000 * ms.median) / (batch * (imageTokens + textTokens)))} µs`,
        ]),
      ),
      `Time grows as tokens^${growth.tokenExponent.toFixed(2)} and as batch^${growth.batchExponent.toFixed(2)}.`,
    )
  }
  if (naive) {
    parts.push('### A naive loop', taken(naive))
    const moved = adapter
      ? ` It moves ${bytes(naive.toGpu)} to the GPU and ${bytes(naive.toCpu)} back, in ${naive.readbacks} readbacks.`
      : ''
    parts.push(
      `The same ONNX files, velocities read back at each step, bicubic and noise in plain JavaScript: ` +
        `${milliseconds(naive.naiveMs)} for the engine's ${milliseconds(naive.engineMs)}, ${times(naive.total)}.${moved}`,
    )
  }
  if (matmul) {
    parts.push('### Operations a second', taken(matmul))
    parts.push(
      table(
        ['denoiser call', 'batch', 'operations', 'a second', "of ORT's matmul"],
        matmul.rows.map(({ size, batch, flops, perSecond }) => [
          ...[`${size} × ${size}`, `${batch}`, giga(flops), `${giga(perSecond)}/s`],
          `${((100 * perSecond) / matmul.matmul).toFixed(0)}%`,
        ]),
      ),
      `ORT multiplies matrices of ${matmul.size} × ${matmul.size} at ${giga(matmul.matmul)}/s. Operations are those of the ` +
        "network's products, as PyTorch counts them (`bench/flops.json`); a multiply-add is two.",
    )
  }
  return parts.join('\n\n')
}

const TIMES = ['schedule', 'sizes', 'image tokens', 'text encoder', 'denoiser', 'decoder', 'picture']

function pairNames({ steps }: ScalePair): readonly [string, string] {
  return [`${steps} steps, scale-wise`, `${steps} steps, full scale`]
}

function timeRows({ scaleWise, fullScale }: ScalePair, names: readonly [string, string]): string[][] {
  return [scaleWise, fullScale].map(({ sizes, imageTokens, text, denoiser, decoder, total }, i) => [
    ...[names[i] ?? '', sizes.join(' '), `${imageTokens}`],
    ...[text, denoiser, decoder, total].map(milliseconds),
  ])
}

function pairTable(pairs: readonly ScalePair[]): string {
  return table(
    ['steps', 'denoiser speed-up', 'bound, all tokens', 'of it', 'bound, image tokens', 'of it', 'whole picture'],
    pairs.map(({ steps, speedUp, totalSpeedUp, bound, imageBound }) => [
      ...[`${steps}`, times(speedUp), bound.toFixed(2), (speedUp.median / bound).toFixed(2)],
      ...[imageBound.toFixed(2), (speedUp.median / imageBound).toFixed(2), times(totalSpeedUp)],
    ]),
  )
}

function variantSection({ variants }: Results): string[] {
  if (!variants) return []
  const total = ({ bytes: { text, denoiser, decoder } }: VariantRow): number => text + denoiser + decoder
  return [
    '## Weights',
    `Against the model that ships (${variants.shipped}), graph by graph, on WASM. Distance is relative L2 of the outputs. ` +
      'A dash under quality: nobody has evaluated it.',
    table(
      [
        'weights',
        'bytes',
        'text encoder',
        'denoiser',
        'decoder',
        'distance (text, denoiser, decoder)',
        'quality',
        'measured',
      ],
      variants.rows.map((row) => [
        ...[row.variant, bytes(total(row))],
        ...[row.time.text, row.time.denoiser, row.time.decoder].map(times),
        [row.distance.text, row.distance.denoiser, row.distance.decoder].map((d) => d.toExponential(0)).join(', '),
        ...[row.quality === undefined ? '–' : `${(100 * row.quality).toFixed(1)}%`, row.measured],
      ]),
    ),
  ]
}

function taken({ measured, rounds, model }: Part<Taken>): string {
  return `${model}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${measured}.`
}

function where({ platform }: Reached): string {
  return platform === 'any' ? '' : platform
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}

function times({ median, low, high }: Spread): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`
}

function percent({ median, low, high }: Spread): string {
  const part = (value: number): string => (100 * value).toFixed(1)
  return `${part(median)}% (${part(low)}–${part(high)})`
}

function milliseconds(ms: number): string {
  return ms < 99.95 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

function bytes(count: number): string {
  if (count < 1000) return `${count} bytes`
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`
}

function giga(count: number): string {
  return count < 1e12 ? `${(count / 1e9).toFixed(1)} GFLOP` : `${(count / 1e12).toFixed(2)} TFLOP`
}
