import type { Look } from '../../away/compose'
import { emoji, telegram, whatsapp } from '../../away/limits'
import { files, packForWhatsapp } from '../../away/take-away-files'
import { find } from '../../shared/dom'
import { copyPng, copyText, fileName, saveFile } from '../../shared/picture'
import { bytes, counted, extent } from '../../shared/words'
import { type Chosen, chosen } from '../chosen'
import type { Easel } from '../easel'
import { formatLink } from '../link'
import { withRecipe } from '../recipe-file'
import { createPackList } from './pack-list'

const dialog = find('away', HTMLDialogElement)
const picture = find('away-picture', HTMLImageElement)
const news = find('away-news', HTMLElement)
const crop = find('away-crop', HTMLInputElement)
const outline = find('away-outline', HTMLInputElement)
const background = find('away-background', HTMLSelectElement)
const colour = find('away-colour', HTMLInputElement)
const share = find('away-share', HTMLButtonElement)

/** What the panel was opened for. */
let one: Chosen | undefined
let listening = false
/** The PNG that is shown: dragged, shared and copied as it is. */
let sticker: Blob | undefined
/** Counts the looks, so that only the last one asked for is shown. */
let turn = 0
let busy = false

/** Shows the panel for the picture that is chosen. */
export function openPanel(easel: Easel): void {
  const found = chosen(easel)
  if (!found || dialog.open) return
  one = found
  if (!listening) easel.onChange(() => dialog.close())
  listening = true
  picture.alt = `${one.recipe.prompt || 'Without words'}, as it leaves`
  URL.revokeObjectURL(picture.src)
  picture.removeAttribute('src') // Of the picture before.
  news.textContent = ''
  dialog.showModal()
  void refresh()
  list.refresh().catch(tell)
}

const list = createPackList()
const name = (kind: string): string => `${fileName(one?.recipe.prompt ?? '', one?.recipe.seed ?? 0n)}${kind}`
const look = (): Look => ({
  crop: crop.checked,
  outline: outline.checked,
  background: background.value === 'own' ? colour.value : background.value || undefined,
})

const inside = async (png: Blob): Promise<Blob> => (one ? withRecipe(png, one) : png)

/** Makes the still files again, shows them and says how large they are. */
async function refresh(): Promise<void> {
  turn += 1
  const asked = turn
  if (!one) return
  sticker = undefined
  try {
    const png = await inside(await files().stickerPng(one.picture, look()))
    const small = await inside(await files().emoji(one.picture, look()))
    if (asked !== turn) return
    sticker = png
    URL.revokeObjectURL(picture.src)
    picture.src = URL.createObjectURL(png)
    share.hidden = !navigator.canShare?.({ files: [shared(png)] })
    const square = `${extent(telegram.side, telegram.side)}, PNG of ${bytes(png.size)}`
    const fits = png.size < telegram.most
    const words = `${square}; Telegram takes ${bytes(telegram.most)}${fits ? '.' : ': take the WebP.'}`
    say('away-telegram-size', words)
    const tiny = extent(emoji.side, emoji.side)
    say('away-emoji-size', `${tiny}, ${bytes(small.size)}; Slack takes ${bytes(emoji.most)}, Discord twice that.`)
  } catch (error) {
    tell(error)
  }
}

/** What is shown; made where it is not yet. */
const stickerOf = async (of: Chosen): Promise<Blob> => sticker ?? inside(await files().stickerPng(of.picture, look()))

const shared = (png: Blob): File => new File([png], name('.png'), { type: 'image/png' })

function say(id: string, words: string): void {
  find(id, HTMLElement).textContent = words
}

function tell(error: unknown): void {
  news.textContent = error instanceof Error ? error.message : String(error)
}

/** One at a time; what comes of it is said. */
async function attempt(action: (of: Chosen) => Promise<string>): Promise<void> {
  if (busy || !one) return
  busy = true
  dialog.setAttribute('aria-busy', 'true')
  news.textContent = 'Making it.'
  try {
    news.textContent = await action(one)
  } catch (error) {
    // Who closes the share sheet knows.
    if (error instanceof DOMException && error.name === 'AbortError') news.textContent = ''
    else tell(error)
  } finally {
    busy = false
    dialog.removeAttribute('aria-busy')
  }
}

function onPress(id: string, action: (of: Chosen) => Promise<string>): void {
  find(id, HTMLButtonElement).addEventListener('click', () => void attempt(action))
}

/** Makes a file and saves it under the picture's name and this ending. */
function onSave(id: string, ending: string, make: (of: Chosen) => Promise<Blob>): void {
  onPress(id, async (of) => {
    const file = await make(of)
    saveFile(file, name(ending))
    return `Saved ${name(ending)}, ${bytes(file.size)}.`
  })
}

onSave('away-png', '-512.png', stickerOf)
onSave('away-webp', '-512.webp', (of) => files().stickerWebp(of.picture, look()))
onSave('away-large', '-1024.png', async (of) => inside(await files().large(of.picture, look())))
onSave('away-emoji', '-128.png', async (of) => inside(await files().emoji(of.picture, look())))
onSave('away-icons', '-icons.zip', (of) => files().favicons(of.picture, look()))
onSave('away-reveal', '-grows.png', async (of) => inside(await files().reveal(of.scales, of.picture, look())))
onPress('away-pack', async () => {
  const all = list.chosen()
  const title = list.title()
  const pack = await packForWhatsapp(all, look(), title, (done) => {
    news.textContent = `${done} of ${counted(all.length, 'sticker')}.`
  })
  saveFile(pack, `${title.replace(/[^\p{L}\p{N}]+/gu, '-')}.wastickers`)
  const few = all.length < whatsapp.pictures.least ? ` WhatsApp wants at least ${whatsapp.pictures.least}.` : ''
  return `Saved a pack of ${counted(all.length, 'sticker')}, ${bytes(pack.size)}.${few}`
})
onPress('away-share', async (of) => {
  await navigator.share({ files: [shared(await stickerOf(of))], text: of.recipe.prompt })
  return 'Shared.'
})
onPress('away-copy', async (of) => {
  await copyPng(stickerOf(of))
  return 'Copied the picture as it is shown here.'
})
onPress('away-link', async (of) => {
  await copyText(new URL(formatLink(of.recipe), location.href).href)
  return of.started
    ? 'Copied a link to the words and the seed. The picture that it started from stays here.'
    : 'Copied a link that draws this picture again.'
})

for (const control of [crop, outline, background, colour]) {
  control.addEventListener('change', () => {
    colour.hidden = background.value !== 'own'
    void refresh()
  })
}
find('away-close', HTMLButtonElement).addEventListener('click', () => dialog.close())
dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close() // Beside the panel.
})
picture.addEventListener('dragstart', (event) => {
  event.dataTransfer?.setData('DownloadURL', `image/png:${name('.png')}:${picture.src}`)
})
