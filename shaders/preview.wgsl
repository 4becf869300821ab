// A blurry picture at almost no cost: a linear map from latent channels to premultiplied RGBA, one pixel per cell.

struct PreviewMap {
  bias: vec4f,
  columns: array<vec4f>,  // what one unit of each channel adds to RGBA
}

@group(0) @binding(1) var<storage, read> map: PreviewMap;
@group(0) @binding(2) var<storage, read> latent: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;  // (batch, 4, height, width)

@compute @workgroup_size(workgroup_size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = element_index(id, groups);
  let plane_size = params.out_height * params.out_width;
  if (i >= params.batch * 4u * plane_size) {
    return;
  }
  let component = i / plane_size % 4u;
  let image_start = i / (4u * plane_size) * params.channels * plane_size;
  var value = map.bias[component];
  for (var channel = 0u; channel < params.channels; channel++) {
    value += map.columns[channel][component] * latent[image_start + channel * plane_size + i % plane_size];
  }
  output[i] = clamp(value, 0.0, 1.0);
}
