/** Two windows onto pictures that are scrolled together: by a wheel, a finger, the arrow keys, or dragged with a mouse. */
export interface LinkedViews {
  /** 1 shows all of both pictures. */
  zoom(times: number): void
}

export function linkViews(views: readonly [HTMLElement, HTMLElement]): LinkedViews {
  /** Where each was put by the other one: that event is not sent back, which would stop a scroll that goes on. */
  const put = new Map<HTMLElement, readonly [number, number]>()
  for (const [view, other] of [views, [...views].reverse()] as [HTMLElement, HTMLElement][]) {
    view.addEventListener('scroll', () => {
      const [x, y] = put.get(view) ?? [-1, -1]
      if (Math.abs(x - view.scrollLeft) < 1 && Math.abs(y - view.scrollTop) < 1) return
      put.delete(view)
      other.scrollTo(view.scrollLeft, view.scrollTop)
      put.set(other, [other.scrollLeft, other.scrollTop])
    })
    drag(view)
  }
  return {
    zoom(times) {
      put.clear()
      for (const view of views) {
        // What was in the middle stays there.
        const [x, y] = [view.scrollLeft + view.clientWidth / 2, view.scrollTop + view.clientHeight / 2]
        const grown = times / Number(view.dataset.zoom ?? 1)
        view.dataset.zoom = String(times)
        view.style.setProperty('--zoom', String(times))
        view.scrollTo(x * grown - view.clientWidth / 2, y * grown - view.clientHeight / 2)
        // What does not scroll is no stop of the Tab key.
        if (times > 1) view.tabIndex = 0
        else view.removeAttribute('tabindex')
      }
    },
  }
}

/** A finger scrolls by itself. */
function drag(view: HTMLElement): void {
  view.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'mouse' || event.button !== 0 || view.dataset.zoom === '1') return
    event.preventDefault() // Else the canvas itself is dragged.
    view.focus()
    view.setPointerCapture(event.pointerId)
  })
  view.addEventListener('pointermove', (event) => {
    if (view.hasPointerCapture(event.pointerId)) view.scrollBy(-event.movementX, -event.movementY)
  })
}
