import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { content, hash } from './testing/site'
import { visitsTo } from './testing/visit'

const bytes = content(200_000)
const file = { bytes: bytes.length, sha256: hash(bytes) }

describe('servers that are not quite right', () => {
  const answers: Record<string, (response: ServerResponse, range?: string) => void> = {
    '/short.onnx': (response) => response.end(bytes.subarray(0, 1000)),
    '/long.onnx': (response) => response.end(Buffer.concat([bytes, bytes])),
    // Chunked, so that no header gives the length.
    '/longer.onnx': (response) => {
      response.write(bytes)
      response.end(bytes)
    },
    '/shorter.onnx': (response) => {
      response.write(bytes.subarray(0, 1000))
      response.end()
    },
    // A range, but not the asked one.
    '/shifted.onnx': (response, range) => {
      if (range) response.writeHead(206, { 'content-range': 'bytes 7-199999/200000' }).end(bytes.subarray(7))
      else response.write(bytes.subarray(0, 50_000), () => setTimeout(() => response.destroy(), 20))
    },
    '/outside.onnx': (response, range) => {
      if (range) response.writeHead(416).end()
      else if (!seen.slice(0, -1).includes('/outside.onnx')) {
        response.write(bytes.subarray(0, 50_000), () => setTimeout(() => response.destroy(), 20))
      } else response.end(bytes)
    },
  }
  const seen: string[] = []
  const server = createServer(({ url = '', headers }, response) => {
    seen.push(url)
    answers[url]?.(response, headers.range)
  })
  let base = ''
  const visit = visitsTo(() => base)

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  it.each([
    ['short.onnx', 'CorruptFile', /1000 bytes, expected 200000/],
    ['long.onnx', 'CorruptFile', /more than the expected 200000/],
    ['longer.onnx', 'CorruptFile', /more than the expected 200000/],
    ['shorter.onnx', 'DownloadFailed', /ended after 1000 of 200000/],
    ['shifted.onnx', 'DownloadFailed', /broke/],
  ])('%s: %s', async (name, error, message) => {
    const { load } = visit()
    await expect(load({ ...file, path: name })).rejects.toMatchObject({
      name: error,
      message: expect.stringMatching(message),
    })
  })

  it('a range that it calls outside of the file: once more from the beginning', async () => {
    const { load, warnings } = visit()
    expect(hash(await load({ ...file, path: 'outside.onnx' }))).toBe(file.sha256)
    expect(warnings).toEqual([expect.stringContaining('cannot continue')])
  })
})
