import type { EngineProgress, ScaleEvent } from '../types'

const WIDTH = 24

export interface ProgressLine {
  progress(event: EngineProgress): void
  scale(event: ScaleEvent): void
  /** Clears the line, so that what follows starts clean. */
  end(): void
}

/** One line on a terminal, redrawn in place; where the stream is a file, only warnings. */
export function createProgressLine(stream: NodeJS.WriteStream): ProgressLine {
  function draw(part: number, words: string): void {
    if (!stream.isTTY) return
    const filled = Math.round(part * WIDTH)
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
    stream.write(`\r\x1b[K${bar} ${words}`.slice(0, Math.max(stream.columns ?? 80, 20) + 4))
  }

  return {
    progress(event) {
      if (event.stage === 'compile') draw(event.index / event.count, `preparing ${event.file}`)
      else if (event.stage === 'text') draw(0, 'reading the prompt')
      else if (event.stage === 'decode') draw(1, 'decoding')
      else if (event.stage === 'warning') {
        this.end()
        stream.write(`Warning: ${event.message}\n`)
      }
    },
    scale({ index, count, size, sigma }) {
      draw((index + 1) / count, `scale ${index + 1} of ${count}: ${size.join('×')} cells, sigma ${sigma}`)
    },
    end() {
      if (stream.isTTY) stream.write('\r\x1b[K')
    },
  }
}
