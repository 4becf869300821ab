#!/usr/bin/env node
/** `npx scalewise`: what an app's developer needs at hand. */
import { resolve } from 'node:path'
import { CopyError, copyModel } from './copy-model'
import { runProgram } from './ending'

const USAGE = `Copies a model into a folder that your app serves.

  npx scalewise copy-model <name> <folder>

  copy-model emoji public/models   copies the package scalewise-emoji to public/models/emoji and checks every file`

function run([command, name, folder, ...more]: readonly string[]): number {
  if (command === '--help' || command === '-h' || command === 'help') {
    console.log(USAGE)
    return 0
  }
  if (command !== 'copy-model' || !name || !folder || more.length > 0) {
    console.error(USAGE)
    return 2
  }
  try {
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
