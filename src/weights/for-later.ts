/** Code that a later visit may need while it has no network: fetched, by being imported, when this one has its model. */
const codes = [
  () => import('./store/versions'),
  () => import('./store/replace'),
  () => import('./store/trouble'),
  () => import('./store/try-again'),
  () => import('./net/offline'),
]

/** Settles when all is there; where it fails, the next visit tries. */
export const fetched = Promise.allSettled(codes.map((code) => code()))
