#!/usr/bin/env node
/** `npx scalewise`: what an app's developer needs at hand. */
import { resolve } from 'node:path'
import { CopyError, copyModel } from './copy-model'
import { copyPage } from './copy-page'
import { runProgram } from './ending'

const USAGE = `Copies what your app serves into one of its folders.

  npx scalewise copy-model <name> <folder>
  npx scalewise copy-page <folder>

  copy-model emoji public/models   copies the package scalewise-emoji to public/models/emoji and checks every file
  copy-page public/scalewise       copies the library as pages load it without a bundler, with its worker and ONNX Runtime`

function run([command, name, folder, ...more]: readonly string[]): number {
  if (command === '--help' || command === '-h' || command === 'help') {
    console.log(USAGE)
    return 0
  }
  try {
    if (command === 'copy-page' && name && !folder) {
      console.log(`${copyPage(resolve(name))}: worker.js is the engine's worker.`)
      return 0
    }
    if (command !== 'copy-model' || !name || !folder || more.length > 0) {
      console.error(USAGE)
      return 2
    }
    const { target, version, bytes } = copyModel(name, resolve(folder), process.cwd())
    console.log(`${target}: ${name} ${version}, ${(bytes / 1e6).toFixed(1)} MB, every hash right.`)
    return 0
  } catch (error) {
    if (!(error instanceof CopyError)) throw error
    console.error(error.message)
    return 1
  }
}

// A signal waits until the copy is whole: that takes a moment, and leaves no half of it.
await runProgram(async () => run(process.argv.slice(2)))
