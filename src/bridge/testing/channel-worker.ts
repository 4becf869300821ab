import { expose } from 'comlink'

/** A worker's outside over a real message channel, so that a crash can be injected. */
export class ChannelWorker extends EventTarget {
  readonly #channel = new MessageChannel()
  terminated = false

  constructor(api: object) {
    super()
    expose(api, this.#channel.port2 as never)
    this.#channel.port1.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent('message', { data }))
  }

  postMessage(message: unknown, transfer: never[]): void {
    this.#channel.port1.postMessage(message, transfer)
  }

  terminate(): void {
    this.terminated = true
    this.#channel.port1.close()
  }

  crash(message: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), { message }))
  }
}
