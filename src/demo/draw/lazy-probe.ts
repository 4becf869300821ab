/** Loaded when a browser is looked at, which few visits do: `await import('./lazy-probe')`. */
export { probe } from '../../index'
