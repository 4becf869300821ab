/**
 * The engine, and what can be asked before there is one.
 *
 * @module scalewise
 */
export { type AskOptions, type ModelSize, modelSize, verifyModel } from './client/describe'
export type { DrawnResult, GenerateRecord } from './client/drawn-result'
export { createEngine, type Engine, type EngineOptions, type ScaleStream, type WorkerSource } from './client/engine'
export { type OverallProgress, overallProgress } from './client/overall-progress'
export { preload } from './client/preload'
export { type GpuReport, type ProbeReport, type ProbeVerdict, probe } from './client/probe'
export { EngineError, type EngineErrorName, isEngineError, type Notice } from './errors'
export type { ModelInfo } from './manifest'
export type {
  BackendName,
  BackendReport,
  BudgetReport,
  EngineProgress,
  GenerateRequest,
  GenerateResult,
  LatentSize,
  Picture,
  PreviewMode,
  ScaleEvent,
  ScaleSchedule,
  ScaleStep,
  ScheduleBudget,
  Stats,
  Timings,
  WeightSource,
} from './types'
export {
  deleteModel,
  listModels,
  type StoredModel,
  type Verification,
  type VerifiedFile,
} from './weights/installed'
