/** The script of every document: theme, search, and the examples that run in the page. */
import { find } from '../shared/dom'
import { startTheme } from '../shared/theme'
import { startSearch } from './search'

startTheme()
// Without this script it does nothing, and is not shown.
find('theme', HTMLButtonElement).hidden = false
// A menu that is open is the whole screen of a phone.
const menu = document.querySelector<HTMLDetailsElement>('.menu')
if (menu && matchMedia('(max-width: 760px)').matches) menu.open = false
startSearch()
if (document.querySelector('.live')) void import('./live').then(({ startExamples }) => startExamples())
