import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileKernel } from './compile'
import { gaussian, philox4x32, type Words2, type Words4 } from './philox'
import { expectClose } from './testing/close'
import { withDevice } from './testing/dawn'

const randomWgsl = readFileSync(new URL('../../shaders/random.wgsl', import.meta.url), 'utf8')

/** Six words in: counter and key. Six out: the block, then the Gaussian of the counter's first two words, and 0. */
const probeWgsl = /* wgsl */ `
  @group(0) @binding(0) var<storage, read> input: array<u32>;
  @group(0) @binding(1) var<storage, read_write> output: array<u32>;

  @compute @workgroup_size(64)
  fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x * 6u;
    if (i >= arrayLength(&input)) {
      return;
    }
    let counter = vec4u(input[i], input[i + 1u], input[i + 2u], input[i + 3u]);
    let block = philox4x32(counter, vec2u(input[i + 4u], input[i + 5u]));
    for (var word = 0u; word < 4u; word++) {
      output[i + word] = block[word];
    }
    output[i + 4u] = bitcast<u32>(box_muller(counter.xy));
  }
`

type Probe = readonly [Words4, Words2]

/** Runs shaders/random.wgsl on the probes; returns the blocks and the Gaussians. */
async function probe(device: GPUDevice, probes: readonly Probe[]): Promise<{ blocks: number[][]; normals: number[] }> {
  const pipeline = await compileKernel(device, 'probe.wgsl', [randomWgsl, probeWgsl])
  const input = Uint32Array.from(probes.flat(2))
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage
  const size = input.byteLength
  const source = device.createBuffer({ label: 'probes', size, usage: STORAGE | COPY_DST })
  const target = device.createBuffer({ label: 'answers', size, usage: STORAGE | COPY_SRC })
  const staging = device.createBuffer({ label: 'readback', size, usage: COPY_DST | MAP_READ })
  device.queue.writeBuffer(source, 0, input)
  const entries = [source, target].map((buffer, binding) => ({ binding, resource: { buffer } }))
  const encoder = device.createCommandEncoder({ label: 'probe' })
  const pass = encoder.beginComputePass({ label: 'probe' })
  pass.setPipeline(pipeline)
  pass.setBindGroup(0, device.createBindGroup({ label: 'probe', layout: pipeline.getBindGroupLayout(0), entries }))
  pass.dispatchWorkgroups(Math.ceil(probes.length / 64))
  pass.end()
  encoder.copyBufferToBuffer(target, 0, staging, 0, size)
  device.queue.submit([encoder.finish({ label: 'probe' })])
  await staging.mapAsync(GPUMapMode.READ)
  const words = new Uint32Array(staging.getMappedRange().slice(0))
  const floats = new Float32Array(words.buffer)
  return {
    blocks: probes.map((_, i) => [...words.subarray(6 * i, 6 * i + 4)]),
    normals: probes.map((_, i) => floats[6 * i + 4] as number),
  }
}

describe('random.wgsl', () => {
  it('has the integers of the reference bit for bit, and its Gaussians to 2e-6', () =>
    withDevice(async (device) => {
      const word = fc.integer({ min: 0, max: 0xffffffff })
      const arbitrary = fc.tuple(fc.tuple(word, word, word, word), fc.tuple(word, word))
      const edges = [
        0, 1, 0xffff, 0x10000, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xbfffffff, 0xffffff00, 0xffffffff,
      ]
      const extremes = edges.flatMap((u) =>
        edges.map(
          (t): Probe => [
            [u, t, t, u],
            [t, u],
          ],
        ),
      )
      const probes = [...extremes, ...fc.sample(arbitrary, 20_000)]
      const { blocks, normals } = await probe(device, probes)
      expect(blocks).toEqual(probes.map(([counter, key]) => philox4x32([...counter], key)))
      // The shader's logarithm, root and sine are each within 2e-7 of themselves, and |z| ≤ 6.8. Measured: 1.4e-6.
      expectClose(
        normals,
        probes.map(([[u, t]]) => gaussian(u, t)),
        2e-6,
      )
    }))
})
