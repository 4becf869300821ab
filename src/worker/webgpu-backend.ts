/** What only WebGPU needs: one file to load, where there is a GPU. */
export { createGpuPlatform } from '../model/gpu-platform'
export { DeviceLossGuard } from './device-loss'
