/** Bytes that this origin may still store; NaN where the browser does not say. */
export async function freeBytes(): Promise<number> {
  const { quota, usage } = (await globalThis.navigator?.storage?.estimate?.().catch(() => undefined)) ?? {}
  return Number(quota) - Number(usage)
}
