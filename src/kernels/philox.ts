/**
 * Philox4x32-10 and Box-Muller, in the layout of PyTorch's CUDA generator.
 *
 * Philox: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011). shaders/random.wgsl and
 * training/method/philox.py are this file in WGSL and in Python; their integers are equal bit for bit.
 */

const ROUNDS = 10
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
/** Added to the key after each round: the golden ratio and √3 − 1, as 32-bit fractions. */
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

export type Words4 = [number, number, number, number]
export type Words2 = readonly [low: number, high: number]

/** The low and high 32-bit words of a 64-bit seed. */
export function seedWords(seed: bigint): Words2 {
  return [Number(seed & 0xffffffffn), Number((seed >> 32n) & 0xffffffffn)]
}

/** High word of the 64-bit product of two 32-bit words, by 16-bit halves: WGSL has no 64-bit integers either. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = aLow * bHigh + (middle & 0xffff)
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0
}

/** One block: four words from a counter of four words and a key of two. `counter` is overwritten with the result. */
export function philox4x32(counter: Words4, key: Words2): Words4 {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(MULTIPLIER_0, c0)
    const high1 = mulHigh(MULTIPLIER_1, c2)
    const low0 = Math.imul(MULTIPLIER_0, c0)
    const low1 = Math.imul(MULTIPLIER_1, c2)
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1 >>> 0
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0 >>> 0
    k0 = (k0 + WEYL_0) >>> 0
    k1 = (k1 + WEYL_1) >>> 0
  }
  counter[0] = c0
  counter[1] = c1
  counter[2] = c2
  counter[3] = c3
  return counter
}

/**
 * A word to the middle of its cell in (0, 1]: word·2⁻³² + 2⁻³³, rounded to float32 as cuRAND does, because near 1 the
 * rounding of u decides −ln u. It may round up to 1, whose logarithm is a harmless 0.
 */
function unit(word: number): number {
  return Math.fround(Math.fround(word) * 2 ** -32 + 2 ** -33)
}

/** Box-Muller, the sine half: √(−2 ln u)·sin(2πt), u and t from two words. */
export function gaussian(word0: number, word1: number): number {
  return Math.sqrt(-2 * Math.log(unit(word0))) * Math.sin(2 * Math.PI * unit(word1))
}

/**
 * Fills one image's latent with standard normals: element i of draw `step` is the Gaussian of the first two words of
 * the block at counter (step, 0, i low, i high) under the key (seed low, seed high). `torch.manual_seed(seed)` and
 * `torch.randn` on CUDA give the same for draw 0 (for tensors no larger than one wave of the generator's threads).
 */
export function fillNormal(image: Float32Array, seed: bigint, step: number): void {
  const key = seedWords(seed)
  const words: Words4 = [0, 0, 0, 0]
  for (let i = 0; i < image.length; i++) {
    words[0] = step
    words[1] = 0
    words[2] = i >>> 0
    words[3] = Math.floor(i / 2 ** 32)
    philox4x32(words, key)
    image[i] = gaussian(words[0], words[1])
  }
}
