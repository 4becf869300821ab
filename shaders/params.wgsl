// What every kernel shares: its one uniform struct and how an invocation finds its element. Concatenated first.

// A compute step's sizes (in latent cells) and noise levels. Filled by src/kernels/params.ts, in this order.
struct Params {
  batch: u32,
  channels: u32,
  in_height: u32,
  in_width: u32,
  out_height: u32,
  out_width: u32,
  draw: u32,        // the noise key's step
  sigma: f32,       // of the latent read
  next_sigma: f32,  // of the latent written
}

@group(0) @binding(0) var<uniform> params: Params;

override workgroup_size: u32 = 64;

// Invocations form rows of workgroups, since one dimension of a dispatch holds only 65,535 of them.
fn element_index(id: vec3u, groups: vec3u) -> u32 {
  return id.y * groups.x * workgroup_size + id.x;
}
