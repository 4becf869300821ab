// From one scale to the next in one pass: x0 = latent - sigma * velocity, bicubic to the next size, fresh noise:
// output = (1 - next_sigma) * x0 + next_sigma * noise.

@group(0) @binding(1) var<storage, read> seeds: array<vec2u>;  // (low, high), one per image
@group(0) @binding(2) var<storage, read> latent: array<f32>;
@group(0) @binding(3) var<storage, read> velocity: array<f32>;
@group(0) @binding(4) var<storage, read_write> output: array<f32>;

struct Taps {
  first: i32,  // the first of four neighbouring cells, possibly outside the latent
  weights: vec4f,
}

// PyTorch's bicubic: a = -0.75, align_corners=False, no antialias. The source coordinate of output cell `out` is
// (out + 1/2) * in_size / out_size - 1/2 = ((2 out + 1) in_size - out_size) / (2 out_size), kept as an integer fraction
// so that its floor is exact; one whole cell (2 out_size) is added to keep it positive.
fn taps(out: u32, in_size: u32, out_size: u32) -> Taps {
  let cell = 2u * out_size;
  let position = (2u * out + 1u) * in_size + out_size;
  let t = f32(position % cell) / f32(cell);
  return Taps(i32(position / cell) - 2, vec4f(outer(t), inner(t), inner(1.0 - t), outer(1.0 - t)));
}

// Keys' cubic with a = -0.75 at distance d <= 1, and at distance 1 + d (a d (1 - d)^2, which does not cancel).
fn inner(d: f32) -> f32 {
  return (1.25 * d - 2.25) * d * d + 1.0;
}

fn outer(d: f32) -> f32 {
  return -0.75 * d * (1.0 - d) * (1.0 - d);
}

fn x0_at(i: u32) -> f32 {
  return latent[i] - params.sigma * velocity[i];
}

// x0 of one plane (starting at element `plane`) at output cell (y, x); cells outside repeat the border.
fn resized_x0(plane: u32, y: u32, x: u32) -> f32 {
  let rows = taps(y, params.in_height, params.out_height);
  let columns = taps(x, params.in_width, params.out_width);
  let last_row = i32(params.in_height) - 1;
  let last_column = i32(params.in_width) - 1;
  var sum = 0.0;
  for (var r = 0; r < 4; r++) {
    let row = plane + u32(clamp(rows.first + r, 0, last_row)) * params.in_width;
    var row_sum = 0.0;
    for (var c = 0; c < 4; c++) {
      row_sum += columns.weights[c] * x0_at(row + u32(clamp(columns.first + c, 0, last_column)));
    }
    sum += rows.weights[r] * row_sum;
  }
  return sum;
}

@compute @workgroup_size(workgroup_size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = element_index(id, groups);
  let plane_size = params.out_height * params.out_width;
  let image_size = params.channels * plane_size;
  if (i >= params.batch * image_size) {
    return;
  }
  var x0: f32;
  if (params.in_height == params.out_height && params.in_width == params.out_width) {
    x0 = x0_at(i);
  } else {
    let cell = i % plane_size;
    let plane = i / plane_size * params.in_height * params.in_width;
    x0 = resized_x0(plane, cell / params.out_width, cell % params.out_width);
  }
  let noise = gaussian(seeds[i / image_size], params.draw, i % image_size);
  output[i] = (1.0 - params.next_sigma) * finite(x0) + params.next_sigma * noise;
}
