// The clean estimate: x0 = latent - sigma * velocity.

@group(0) @binding(1) var<storage, read> latent: array<f32>;
@group(0) @binding(2) var<storage, read> velocity: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(workgroup_size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = element_index(id, groups);
  if (i >= params.batch * params.channels * params.out_height * params.out_width) {
    return;
  }
  output[i] = finite(latent[i] - params.sigma * velocity[i]);
}
