'use client'

import { useEffect, useRef } from 'react'
import { drawTo } from 'scalewise/picture'
import { useImage } from 'scalewise/react'

export default function Page() {
  const canvas = useRef(null)
  const { picture, error } = useImage({ model: '/models/emoji/', prompt: 'a red apple', seed: 7, schedule: 'quick' })
  useEffect(() => {
    if (picture) drawTo(canvas.current, picture)
  }, [picture])
  return error ? <p role="alert">{error.message}</p> : <canvas ref={canvas} />
}
