import type { Manifest } from './schema'

/** A graph with the files that hold its weights, as the manifest describes one. */
export type GraphEntry = Pick<Manifest['denoiser'], 'file' | 'data' | 'fused' | 'graphOptimizationLevel'>

type GraphFields = 'textEncoders' | 'denoiser' | 'decoder' | 'encoder'

/** Every graph by the field that describes it. */
function graphs({ textEncoders, denoiser, decoder, encoder }: Pick<Manifest, GraphFields>) {
  const all: [field: string, graph: GraphEntry][] = [
    ...textEncoders.map((graph, i): [string, GraphEntry] => [`textEncoders.${i}`, graph]),
    ['denoiser', denoiser],
    ['decoder', decoder],
  ]
  if (encoder) all.push(['encoder', encoder])
  return all
}

/** Paths of the files that a graph is loaded from, by their field. */
export function filesOfGraph({ file, data, fused }: GraphEntry): [field: string, path: string][] {
  const paths: [string, string][] = [['file', file], ...data.map((path, i): [string, string] => [`data.${i}`, path])]
  if (fused) paths.push(['fused.file', fused.file], ['fused.check', fused.check])
  return paths
}

/** Paths of the weights that lie beside graphs. */
export function dataFiles(manifest: Pick<Manifest, GraphFields>): string[] {
  return graphs(manifest).flatMap(([, { data }]) => data)
}

/** Paths of the files that the engine loads, by the field that names them; those of variants are not among them. */
export function namedFiles(manifest: Pick<Manifest, GraphFields>): [field: string, path: string][] {
  return [
    ...graphs(manifest).flatMap(([field, graph]) =>
      filesOfGraph(graph).map(([part, path]): [string, string] => [`${field}.${part}`, path]),
    ),
    ...manifest.textEncoders.flatMap(({ tokenizer }, i): [string, string][] => [
      [`textEncoders.${i}.tokenizer.file`, tokenizer.file],
      [`textEncoders.${i}.tokenizer.config`, tokenizer.config],
    ]),
  ]
}
