/**
 * How long the store and the other tabs are waited for, milliseconds. Every wait of theirs ends by one of these, and
 * tests shorten them. Those of the network are in weights/net/retry.ts.
 */
export const waits = {
  /** For the database to open. A deletion or an upgrade that another tab holds up would hold it up for ever. */
  openMs: 10_000,
  /** For one transaction, which a tab that was suspended in the middle of its own can hold up. */
  transactionMs: 30_000,
  /** Before a failed transaction is tried again; each further time twice as long. */
  againMs: 100,
  /** For a tab that frees a model: it needs a moment. */
  freeingMs: 5_000,
  /** Without a word from the tab that downloads a file, before that is said. */
  quietMs: 10_000,
  /** And before the file is downloaded here as well. */
  hungMs: 30_000,
}

/** Waits for `work`, or throws a 'TimeoutError' after `ms`. The work itself continues. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DOMException('', 'TimeoutError')), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
