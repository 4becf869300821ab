#!/usr/bin/env node
/** `npx scalewise`: what an app's developer needs at hand. */
import { resolve } from 'node:path'
import { CopyError, copyModel } from './copy-model'

const USAGE = `Copies a model into a folder that your app serves.

  npx scalewise copy-model <name> <folder>

  copy-model emoji public/models   copies the package scalewise-emoji to public/models/emoji and checks every file`

const [command, name, folder, ...more] = process.argv.slice(2)
if (command === '--help' || command === 'help') {
  console.log(USAGE)
} else if (command !== 'copy-model' || !name || !folder || more.length > 0) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  try {
    const { target, version, bytes } = copyModel(name, resolve(folder), process.cwd())
    console.log(`${target}: ${name} ${version}, ${(bytes / 1e6).toFixed(1)} MB, every hash right.`)
  } catch (error) {
    if (!(error instanceof CopyError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
