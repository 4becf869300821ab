/** The apps in `examples/`, and how each is served. */
export interface ExampleApp {
  readonly name: string
  /** Folders of `examples/`, each laid over those before it. */
  readonly folders: readonly string[]
  /** What a build leaves to serve, for a bundler without a server of its own for it; others have `npm run preview`. */
  readonly output?: string
}

export const apps: readonly ExampleApp[] = [
  { name: 'vite', folders: ['vite'] },
  { name: 'vite-7', folders: ['vite', 'vite-7'] },
]
