/** Loaded when a browser is looked at, which few visits do: `await import('../shared/lazy-probe')`. */
export { probe } from '../../index'
