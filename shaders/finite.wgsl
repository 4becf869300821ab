// Passes a number on and notes when it is none, by its bits: WGSL lets compilers assume that there is no NaN and no
// infinity. Later steps may swallow them, and a blank picture would look like success.

@group(0) @binding(9) var<storage, read_write> not_finite: atomic<u32>;

fn finite(x: f32) -> f32 {
  if ((bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u) {
    atomicStore(&not_finite, 1u);
  }
  return x;
}
