/** What ends a command from outside: signals, and readers that stop reading. */
import { constants } from 'node:os'
import { diskProblem } from './disk-problem'

/** All that end a program and can be caught; SIGUSR1 is the debugger's, SIGPROF the profiler's. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGALRM', 'SIGVTALRM', 'SIGXCPU', 'SIGUSR2'] as const

/**
 * Runs a program to its exit status. However it ends, short of a kill, `tidy` is called last; what it does is done at once.
 * A reader that has read enough (`| head -1`) is no failure; words that cannot be written are one, told once.
 */
export async function runProgram(work: () => Promise<number>, tidy: () => void = () => {}): Promise<void> {
  process.on('exit', tidy)
  for (const signal of SIGNALS) {
    const number = constants.signals[signal]
    // Windows has a few of them.
    if (number !== undefined) process.on(signal, () => process.exit(128 + number))
  }
  let lost = false
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || lost) return
      lost = true
      process.exitCode ||= 1
      if (stream === process.stdout) {
        const problem = diskProblem(error) ?? error.message
        process.stderr.write(`What was to be printed is lost: ${problem}. The files are written.\n`)
      }
    })
  }
  const status = await work()
  process.exitCode = status === 0 && lost ? 1 : status
}
