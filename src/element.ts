/**
 * `<scalewise-image prompt="a red apple" model="./models/emoji">`: an entry of its own, `scalewise/element`, which defines
 * the element. All elements of one model share an engine, which is freed with the last of them.
 *
 * @module scalewise/element
 */
import type { Engine } from './client/engine'
import { drawTo } from './picture-output'
import { type SharedEngine, type SharedOptions, shareEngine } from './shared-engine'
import type { BackendName, GenerateResult, ScaleEvent } from './types'

const ATTRIBUTES = ['prompt', 'seed', 'model', 'backend', 'schedule', 'look', 'worker'] as const

export interface ScalewiseImageEventMap {
  /** Another scale is shown. */
  scale: CustomEvent<ScaleEvent>
  /** The picture is whole. */
  load: CustomEvent<GenerateResult>
  /** It could not be drawn; `detail` is the EngineError. */
  error: CustomEvent<Error>
}

/** Its `error` and `load` are not those of other elements. */
export interface ElementWithEvents extends HTMLElement {
  addEventListener<K extends keyof ScalewiseImageEventMap>(
    type: K,
    listener: (event: ScalewiseImageEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void
}

// Importing this is safe where there is no page, as on a server.
const Base = (globalThis.HTMLElement ?? class {}) as { new (): ElementWithEvents }

/**
 * Attributes, also as properties: `prompt` (its text for a screen reader, too), `model`, `seed` (default 0: the same picture
 * at each visit), `schedule`, `look` (one of the model's styles), `backend`, `worker` (address of
 * the engine's, where the bundler cannot see the built-in one). When one changes, the newest is drawn and what
 * was under way is cancelled; so it is when the element is removed.
 */
export class ScalewiseImage extends Base {
  static readonly observedAttributes: readonly string[] = ATTRIBUTES
  #canvas: HTMLCanvasElement | undefined
  #running: AbortController | undefined
  #shared: SharedEngine | undefined
  #key = ''
  #due = false
  declare prompt: string | null
  declare seed: string | null
  declare model: string | null
  declare backend: string | null
  declare schedule: string | null
  declare look: string | null
  declare worker: string | null

  connectedCallback(): void {
    if (!this.#canvas) {
      const root = this.attachShadow({ mode: 'open' })
      // A <style> would need 'unsafe-inline' in the page's policy.
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(
        ':host{display:inline-block;width:256px;aspect-ratio:1}:host([hidden]){display:none}canvas{display:block;width:100%;height:100%;object-fit:contain}',
      )
      root.adoptedStyleSheets = [sheet]
      this.#canvas = document.createElement('canvas')
      root.append(this.#canvas)
    }
    this.#update()
  }

  disconnectedCallback(): void {
    this.#running?.abort()
    this.#leave()
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#update()
  }

  /** Changes that come together are drawn once. */
  #update(): void {
    this.#running?.abort()
    if (this.#due) return
    this.#due = true
    queueMicrotask(() => {
      this.#due = false
      if (this.isConnected) void this.#draw()
    })
  }

  async #draw(): Promise<void> {
    const [prompt, seed, model, backend, schedule, style, worker] = ATTRIBUTES.map((name) => this.getAttribute(name))
    // An app may set it later: until then no model is fetched. An empty one is drawn as every other.
    if (typeof prompt !== 'string') return
    this.setAttribute('role', 'img')
    this.setAttribute('aria-label', prompt)
    const running = new AbortController()
    const { signal } = running
    this.#running = running
    this.setAttribute('aria-busy', 'true')
    try {
      const engine = await this.#engine(model ?? '', {
        backend: (backend ?? 'auto') as BackendName,
        worker: worker ?? undefined,
      })
      signal.throwIfAborted()
      const result = await engine.generate({
        prompt,
        seed: seedOf(seed ?? '0'),
        ...(schedule && { schedule }),
        ...(style && { style }),
        signal,
        onScale: (event) => {
          if (signal.aborted) return
          this.#show(event)
          this.#tell('scale', event)
        },
      })
      this.#show({ previews: result.images })
      this.#tell('load', result)
    } catch (error) {
      if (!signal.aborted) this.#tell('error', error)
    } finally {
      if (this.#running === running) this.removeAttribute('aria-busy')
    }
  }

  #engine(model: string, options: SharedOptions): Promise<Engine> {
    const key = `${options.backend} ${model}`
    if (key !== this.#key || !this.#shared) {
      this.#leave()
      const shared = shareEngine(model, options)
      this.#key = key
      this.#shared = shared
      shared.engine.catch(() => {
        if (this.#shared === shared) this.#leave()
      })
    }
    return this.#shared?.engine as Promise<Engine>
  }

  #leave(): void {
    this.#shared?.leave()
    this.#shared = undefined
  }

  #show({ previews }: Pick<ScaleEvent, 'previews'>): void {
    const [picture] = previews
    if (picture && this.#canvas) drawTo(this.#canvas, picture)
  }

  #tell<K extends keyof ScalewiseImageEventMap>(name: K, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}

/** What is none is refused by the engine, by name. */
function seedOf(text: string): bigint | number {
  return /^\d+$/.test(text) ? BigInt(text) : Number.NaN
}

for (const name of ATTRIBUTES) {
  Object.defineProperty(ScalewiseImage.prototype, name, {
    get(this: HTMLElement) {
      return this.getAttribute(name)
    },
    set(this: HTMLElement, value: unknown) {
      if (value === null || value === undefined) this.removeAttribute(name)
      else this.setAttribute(name, String(value))
    },
  })
}

declare global {
  interface HTMLElementTagNameMap {
    'scalewise-image': ScalewiseImage
  }
}

if ('customElements' in globalThis && !customElements.get('scalewise-image')) {
  customElements.define('scalewise-image', ScalewiseImage)
}
