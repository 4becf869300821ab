/** Kept out of what the page needs before it is ready: `await import('./lazy-probe')`. */
export { probe } from '../../index'
