/** The apps in `examples/`, and how each is served. */
export interface ExampleApp {
  readonly name: string
  /** Folders of `examples/`, each laid over those before it. */
  readonly folders: readonly string[]
  /** Folder of static files to serve, for those without `npm run preview`. */
  readonly output?: string
  /** Whether what it builds draws again once its server is gone. */
  readonly offline?: true
}

export const apps: readonly ExampleApp[] = [
  { name: 'vite', folders: ['vite'] },
  { name: 'vite-7', folders: ['vite', 'vite-7'] },
  { name: 'pwa', folders: ['vite', 'pwa'], offline: true },
  { name: 'webpack', folders: ['webpack'], output: 'public' },
  { name: 'next', folders: ['next'] },
  { name: 'sveltekit', folders: ['sveltekit'] },
  { name: 'html', folders: ['html'], output: '.' },
]
