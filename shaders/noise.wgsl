// The loop's first latent: standard normal noise.

@group(0) @binding(1) var<storage, read> seeds: array<vec2u>;  // (low, high), one per image
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(workgroup_size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = element_index(id, groups);
  let image_size = params.channels * params.out_height * params.out_width;
  if (i >= params.batch * image_size) {
    return;
  }
  output[i] = gaussian(seeds[i / image_size], params.draw, i % image_size);
}
