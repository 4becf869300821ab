import { createEngine } from 'scalewise'
import { drawTo } from 'scalewise/picture'

const canvas = document.querySelector('canvas')
const engine = await createEngine({ model: '/models/emoji/' })
const { image } = await engine.generate({ prompt: 'a red apple', seed: 7, schedule: 'quick' })
drawTo(canvas, image)
