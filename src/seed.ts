/** Below 2^53, so that it can be typed and copied as a plain number. */
export function randomSeed(): bigint {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as Uint32Array & [number, number]
  return (BigInt(high >>> 11) << 32n) | BigInt(low)
}
