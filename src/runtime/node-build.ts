import type * as OrtModule from 'onnxruntime-web/wasm'

const inBrowser = 'document' in globalThis || 'WorkerGlobalScope' in globalThis

/**
 * ONNX Runtime where there is no browser: for the tests and for this repository's command line. The package goes without
 * (vite.lib.config.ts), as bundlers would ship that build to browsers as well; so does the site, by a name that is a variable.
 */
export const nodeBuild: (() => Promise<typeof OrtModule>) | undefined = inBrowser ? undefined : importBuild

function importBuild(): Promise<typeof OrtModule> {
  const name: string = 'onnxruntime-web'
  return import(/* @vite-ignore */ name)
}
