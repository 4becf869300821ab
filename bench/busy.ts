/** Whether the machine has time to be measured on. */
import { cpus } from 'node:os'
import { setTimeout } from 'node:timers/promises'

/** Of all processors together. Ratios taken in turn bear some of it; two threads on two cores do not. */
const MOST_BUSY = 0.1
const LOOK_MS = 2000

/** The part of the processors' time that others take, 0 to 1, over a moment in which this process waits. */
export async function busyPart(): Promise<number> {
  const before = cpus()
  await setTimeout(LOOK_MS)
  return busyBetween(before, cpus())
}

type Times = readonly { readonly times: Readonly<Record<string, number>> }[]

export function busyBetween(before: Times, after: Times): number {
  const sum = (all: Times, kinds: (kind: string) => boolean): number =>
    all.flatMap(({ times }) => Object.entries(times)).reduce((ms, [kind, each]) => ms + (kinds(kind) ? each : 0), 0)
  const passed = (kinds: (kind: string) => boolean): number => sum(after, kinds) - sum(before, kinds)
  return passed((kind) => kind !== 'idle') / passed(() => true)
}

export class BusyMachine extends Error {}

/** Throws `BusyMachine`, with what to do, where others take too much: nothing has been written then. */
export function refuseBusy(part: number): void {
  if (part <= MOST_BUSY) return
  throw new BusyMachine(
    `The machine is busy: others take ${Math.round(100 * part)}% of its processors, more than ${100 * MOST_BUSY}%. ` +
      'Nothing was written. End what runs beside it, and measure again.',
  )
}
