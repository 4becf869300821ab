// Philox4x32-10 and Box-Muller, in the layout of PyTorch's CUDA generator: src/kernels/philox.ts in WGSL.
//
// WGSL allows log an absolute error of 2^-21 near 1 (where Box-Muller takes its root) and sin one of 2^-11, so both are
// computed here from arithmetic alone: a seed then draws the same picture on every GPU. No step relies on the order of
// operations, which a driver may change.

// High word of a 64-bit product, by 16-bit halves: WGSL has no 64-bit integers.
fn mul_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carry = a_low * b_high + (middle & 0xffffu);
  return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

fn philox4x32(start_counter: vec4u, start_key: vec2u) -> vec4u {
  var counter = start_counter;
  var key = start_key;
  for (var round = 0u; round < 10u; round++) {
    let high_0 = mul_high(0xd2511f53u, counter.x);
    let high_1 = mul_high(0xcd9e8d57u, counter.z);
    counter = vec4u(
      high_1 ^ counter.y ^ key.x,
      0xcd9e8d57u * counter.z,
      high_0 ^ counter.w ^ key.y,
      0xd2511f53u * counter.x,
    );
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return counter;
}

// A word to the middle of its cell in (0, 1]: word * 2^-32 + 2^-33. WGSL leaves the rounding of f32(word) open, and one
// unit in the last place matters near u = 1; halves convert exactly, and their sum rounds to nearest.
fn unit(word: u32) -> f32 {
  return (f32(word >> 16u) * 0x1p-16f + f32(word & 0xffffu) * 0x1p-32f) + 0x1p-33f;
}

// ln u for u in (0, 1]: u = m * 2^e with m in (sqrt(1/2), sqrt(2)], ln m = 2 artanh((m - 1) / (m + 1)) by its series.
fn ln(u: f32) -> f32 {
  let bits = bitcast<u32>(u);
  var exponent = f32(bits >> 23u) - 127.0;
  var m = bitcast<f32>((bits & 0x007fffffu) | 0x3f800000u);
  if (m > 1.4142135) {
    m *= 0.5;
    exponent += 1.0;
  }
  let s = (m - 1.0) / (m + 1.0);
  let s2 = s * s;
  let series = 1.0 + s2 * (1.0 / 3.0 + s2 * (1.0 / 5.0 + s2 * (1.0 / 7.0 + s2 * (1.0 / 9.0))));
  return exponent * 0.69314718 + 2.0 * s * series;
}

// sin(2 pi t) for t in (0, 1]: folded to a quarter turn without rounding, then Taylor's series in turns.
fn sin_turns(t: f32) -> f32 {
  var r = t;
  if (t > 0.75) {
    r = t - 1.0;
  } else if (t > 0.25) {
    r = 0.5 - t;
  }
  let r2 = r * r;
  // (-1)^k (2 pi)^(2k+1) / (2k+1)!; the next term is below 7e-10 at r = 1/4.
  return r * (6.2831853 + r2 * (-41.341702 + r2 * (81.605249 + r2 * (-76.705860
    + r2 * (42.058694 + r2 * (-15.094643 + r2 * 3.8199526))))));
}

// A standard normal from two words: sqrt(-2 ln u) sin(2 pi t).
fn box_muller(words: vec2u) -> f32 {
  return sqrt(max(0.0, -2.0 * ln(unit(words.x)))) * sin_turns(unit(words.y));
}

// The standard normal of element i of one image: counter (draw, 0, i low, i high), key (seed low, seed high).
fn gaussian(seed: vec2u, draw: u32, i: u32) -> f32 {
  return box_muller(philox4x32(vec4u(draw, 0u, i, 0u), seed).xy);
}
