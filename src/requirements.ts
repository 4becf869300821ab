/** What a graph needs of a GPU; the manifest's `requires`. */
export interface GpuRequirements {
  readonly features: readonly string[]
  readonly limits: Readonly<Record<string, number>>
}

/** What a GPU has: an adapter, or a report of one. */
export interface GpuCapabilities {
  readonly features: { has(name: string): boolean }
  readonly limits: object
}

/** The names of required features and limits that are not there. */
export function unmet({ features, limits }: GpuCapabilities, requires: GpuRequirements): string[] {
  const found = limits as Readonly<Record<string, number | undefined>>
  return [
    ...requires.features.filter((name) => !features.has(name)),
    ...Object.entries(requires.limits)
      .filter(([name, least]) => !((found[name] ?? 0) >= least))
      .map(([name, least]) => `${name} ≥ ${least}`),
  ]
}
