import { expect } from 'vitest'

/** Fails, naming the worst element, unless both have the same length and differ by at most `tolerance` everywhere. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  let worst = { index: -1, difference: 0 }
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs((actual[index] as number) - (expected[index] as number))
    // Written so that NaN counts as the worst.
    if (!(difference <= worst.difference)) worst = { index, difference }
  }
  const { index, difference } = worst
  expect(difference, `element ${index}: ${actual[index]} for ${expected[index]}`).toBeLessThanOrEqual(tolerance)
}
