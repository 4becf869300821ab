import type { Picture } from '../../../index'
import { find, make } from '../../shared/dom'
import { keptOf } from '../kept-of'
import * as view from '../view'
import { openPicture, pictureFile } from './open-picture'
import { createSketch } from './sketch'

/** What a drawing begins from, as `generate({ image, strength })` takes it. */
export interface Start {
  readonly image: Picture
  readonly strength: number
  /** A picture of this page that was varied: it goes with its words, and others begin from noise again. */
  readonly varied?: boolean | undefined
}

export interface StartPanel {
  /** Undefined while the canvas is empty, or has what was varied for other words: the drawing begins from noise. */
  current(prompt: string): Start | undefined
  /** Opens the panel with this picture on its canvas, for these words; undefined empties it. */
  put(start: Start | undefined, prompt?: string): void
  /** The model that is loaded can begin from a picture. */
  offer(able: boolean): void
}

export interface StartPanelOptions {
  /** A stroke grew while "Redraw while I draw" is on. */
  onStroke(): void
  /** Restores a dropped file that tells how its picture was drawn; false where it does not. */
  restore(file: Blob): Promise<boolean>
}

/** The panel "Start from a picture or a doodle": chosen, dropped, pasted or drawn by hand. */
export function createStartPanel({ onStroke, restore }: StartPanelOptions): StartPanel {
  const panel = find('start', HTMLDetailsElement)
  const file = find('start-file', HTMLInputElement)
  const strength = find('start-strength', HTMLSelectElement)
  const live = find('start-live', HTMLInputElement)
  const undo = find('start-undo', HTMLButtonElement)
  const clear = find('start-clear', HTMLButtonElement)
  const state = find('start-state', HTMLElement)
  /** Not while a picture is put there by the page itself. */
  let listening = true
  let able = true
  /** Whose varied picture is on the canvas; undefined once the visitor has made it their own. */
  let lentTo: string | undefined

  const chosen = (name: string): string => panel.querySelector<HTMLInputElement>(`[name=${name}]:checked`)?.value ?? ''
  const sketch = createSketch(find('sketch', HTMLCanvasElement), {
    brush: () => ({ colour: chosen('ink') === 'rubber' ? undefined : chosen('ink'), width: Number(chosen('nib')) }),
    onChange() {
      if (listening) lentTo = undefined
      tell()
      if (listening && live.checked && sketch.used) onStroke()
    },
  })

  function tell(): void {
    const { used } = sketch
    panel.dataset.used = String(used)
    undo.disabled = !sketch.canUndo
    clear.disabled = !used
    state.textContent = used ? 'The next drawing starts from this.' : 'Empty: drawings start from noise.'
  }

  /** Of a picture that was varied or kept, also one that the list does not have. */
  function setStrength(wanted: number): void {
    strength.querySelector('[data-other]')?.remove()
    strength.value = String(wanted)
    if (strength.value) return
    const other = make('option', '', `${keptOf(wanted)}, from noise level ${wanted} on`)
    other.value = String(wanted)
    other.dataset.other = ''
    strength.append(other)
    strength.value = other.value
  }

  function put(start: Start | undefined, prompt = ''): void {
    listening = false
    if (start) {
      setStrength(start.strength)
      panel.open = true
    }
    if (start || sketch.used) sketch.put(start?.image)
    lentTo = start?.varied ? prompt : undefined
    listening = true
  }

  async function take(picture: Blob | undefined): Promise<void> {
    try {
      if (!picture) throw new Error('There is no picture in that. Give a PNG, JPEG or WebP file.')
      const image = await openPicture(picture)
      panel.open = true
      sketch.put(image)
    } catch (error) {
      view.say(error instanceof Error ? error.message : String(error))
    }
  }

  async function drop(picture: Blob | undefined): Promise<void> {
    if (picture && (await restore(picture))) return
    if (able) await take(picture)
    else view.say('That file does not tell how to draw it, and this model cannot start from a picture.')
  }

  find('start-choose', HTMLButtonElement).addEventListener('click', () => file.click())
  file.addEventListener('change', () => {
    if (file.files?.length) void take(file.files[0])
    file.value = '' // The same file can be chosen again.
  })
  undo.addEventListener('click', () => sketch.undo())
  clear.addEventListener('click', () => sketch.put(undefined))
  strength.addEventListener('change', () => {
    lentTo = undefined
    if (live.checked && sketch.used) onStroke()
  })
  document.addEventListener('paste', (event) => {
    if (!able || !event.clipboardData?.files.length) return
    event.preventDefault()
    void take(pictureFile(event.clipboardData))
  })
  /** A picture of this page on its way out, which is not for the page itself. */
  let own = false
  document.addEventListener('dragstart', () => {
    own = true
  })
  document.addEventListener('dragend', () => {
    own = false
  })
  const dragged = (event: DragEvent): boolean => !own && !!event.dataTransfer?.types.includes('Files')
  document.addEventListener('dragover', (event) => {
    if (!dragged(event)) return
    event.preventDefault()
    document.body.dataset.drop = ''
  })
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) delete document.body.dataset.drop
  })
  document.addEventListener('drop', (event) => {
    delete document.body.dataset.drop
    if (!dragged(event)) return
    event.preventDefault()
    void drop(pictureFile(event.dataTransfer))
  })
  tell()

  return {
    current(prompt) {
      if (lentTo !== undefined && lentTo !== prompt) put(undefined)
      const image = able ? sketch.read() : undefined
      return image && { image, strength: Number(strength.value), varied: lentTo !== undefined }
    },
    put,
    offer(next) {
      able = next
      find('start-unable', HTMLElement).hidden = able
      find('start-parts', HTMLElement).hidden = !able
    },
  }
}
