import type { GenerateResult, Picture, ScaleEvent, ScaleStep } from '../../index'
import { createFrame } from './frame'
import type { Recipe } from './link'
import type { Start } from './start/start-panel'
import { createStrip } from './strip'
import * as view from './view'

/** A finished request: the recipe that draws it again, and what it drew at every scale. */
export interface Drawn {
  readonly recipe: Recipe
  readonly result: GenerateResult
  /** Coarse to fine, with the pictures of that scale. */
  readonly scales: readonly ScaleEvent[]
  /** Where it did not begin from noise. */
  readonly start?: Start | undefined
  /** Name and version of the model; undefined of pictures that were kept before they were. */
  readonly model?: string | undefined
  /** One of many while somebody draws a doodle: it is not kept. */
  readonly passing?: boolean | undefined
}

/** A request that begins. */
export interface Begun {
  readonly seeds: readonly bigint[]
  readonly schedule: readonly ScaleStep[]
  readonly prompt: string
  /** The step that it enters; 0 where it begins from noise. */
  readonly first: number
  /** The picture that is there stays until a scale of this one comes. */
  readonly passing?: boolean
}

/** The picture on screen: the frame, the strip below it, and which of several pictures is chosen. */
export interface Easel {
  /** The finished pictures, and which of them is chosen; undefined until there are some. */
  shown(): Drawn | undefined
  selected(): number
  /** The scale that is looked at again, of the picture that is chosen; undefined where the finished picture is. */
  looked(): Picture | undefined
  /** Room for a request: a place for each seed and a slot for each step. */
  begin(request: Begun): void
  /** Shows what a scale drew. */
  add(event: ScaleEvent): void
  /** The request is drawn; or shows one that was drawn before. */
  show(drawn: Drawn): void
  /** Looks at a scale of the picture again; not while another is drawn. */
  look(event: ScaleEvent): void
  /** The request failed or was cancelled: what it has drawn so far stays. */
  stop(): void
  /** Called with every finished request that is shown, and with undefined when another begins. */
  onChange(listener: (drawn: Drawn | undefined) => void): void
}

export function createEasel(): Easel {
  const frame = createFrame(select)
  const strip = createStrip(look)
  const listeners = new Set<(drawn: Drawn | undefined) => void>()
  let shown: Drawn | undefined
  let selected = 0
  let looked: ScaleEvent | undefined

  function setShown(next: Drawn | undefined): void {
    shown = next
    looked = undefined
    for (const listener of listeners) listener(next)
  }

  function select(index: number): void {
    selected = index
    frame.select(index)
    strip.select(index)
  }

  function look(event: ScaleEvent): void {
    if (view.state() === 'drawing') return
    const finished = event.index === event.count - 1
    looked = finished ? undefined : event
    strip.mark(looked?.index)
    frame.show(finished && shown ? shown.result.images : event.previews)
  }

  function begin({ seeds, schedule, prompt, first, passing }: Begun): void {
    const stays = passing === true && shown?.result.seeds.length === seeds.length
    setShown(undefined)
    selected = 0
    if (!stays) frame.open(seeds, prompt)
    strip.plan(schedule, first)
  }

  function add(event: ScaleEvent): void {
    strip.fill(event)
    frame.show(event.previews)
  }

  return {
    shown: () => shown,
    selected: () => selected,
    looked: () => looked?.previews[selected],
    begin,
    add,
    show(drawn) {
      frame.show(drawn.result.images)
      select(0)
      setShown(drawn)
    },
    look,
    stop: () => strip.stop(),
    onChange: (listener) => void listeners.add(listener),
  }
}
