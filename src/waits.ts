/**
 * How long anything is waited for, milliseconds. Every wait ends by one of these and says what it waited for; tests
 * shorten them.
 */
export const waits = {
  /** For the next kilobyte of a connection, before it counts as broken. */
  stallMs: 30_000,
  /** Before a broken download is tried again; each further time twice as long. */
  retryMs: 500,
  /** For all of a server's manifest, where a copy is stored. */
  manifestMs: 8_000,
  /** For a model's list of words. It is drawn without. */
  vocabularyMs: 20_000,
  /** At most, before a server is asked again that asks for patience (Retry-After). */
  politeMs: 60_000,
  /** For a GPU adapter. Browsers answer within a second; a GPU process that hangs never does. */
  adapterMs: 10_000,
  /** For a GPU device. */
  deviceMs: 30_000,
  /** For a fresh worker's first word: its script has some 100 kB. */
  workerMs: 60_000,
  /** For a script of the engine that is loaded where it is needed. */
  partMs: 60_000,
  /** For ONNX Runtime to start: its .wasm has 14 to 27 MB, which take minutes on a slow line. */
  runtimeMs: 300_000,
  /** For a cancelled drawing to stop, before its worker is ended: nothing else stops a run. */
  stopMs: 30_000,
  /** For cancelled loading: storing the last piece of a download takes some tens of milliseconds. */
  stopLoadingMs: 500,
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
    timer = setTimeout(() => reject(new DOMException(`no answer for ${ms / 1000} s`, 'TimeoutError')), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
