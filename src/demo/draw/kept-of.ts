/** In plain words, what of a picture is still there when the loop is entered at this noise level. */
export function keptOf(sigma: number): string {
  if (sigma > 0.93) return 'its colours at most'
  if (sigma > 0.85) return 'its places and colours'
  if (sigma > 0.65) return 'its shapes'
  return 'nearly all of it'
}
