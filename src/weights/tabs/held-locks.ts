/** Names of all locks that any tab of this origin holds, one for each holder; undefined where that is not known. */
export async function heldLocks(): Promise<readonly string[] | undefined> {
  try {
    const { held = [] } = await navigator.locks.query()
    return held.map(({ name = '' }) => name)
  } catch {
    return undefined
  }
}
