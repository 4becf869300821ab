/** Served to react.spec.ts alone: a component that shows what the hook says, under StrictMode. */
import { createElement, StrictMode, useEffect, useRef } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { drawTo } from '../../src/picture-output'
import { type ImageRequest, useImage } from '../../src/react'

function Drawn(request: ImageRequest) {
  const { picture, result, drawing, error } = useImage(request)
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (picture && canvas.current) drawTo(canvas.current, picture)
  }, [picture])
  const data = {
    'data-drawing': drawing,
    'data-error': error?.name ?? '',
    'data-seed': result ? String(result.seed) : '',
    'data-prompt': request.prompt ?? '',
  }
  return createElement('canvas', { ref: canvas, ...data })
}

let root: Root | undefined

const page = {
  /** One component for each request. */
  render(...requests: readonly ImageRequest[]): void {
    root ??= createRoot(document.body.appendChild(document.createElement('div')))
    const drawn = requests.map((request, key) => createElement(Drawn, { key, ...request }))
    root.render(createElement(StrictMode, null, ...drawn))
  },
}

declare global {
  interface Window {
    react: typeof page
  }
}
window.react = page
