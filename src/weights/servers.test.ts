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
  /** The first whole is cut, the next is well; ranges are answered as here, for good. */
  const ranges: Record<string, (response: ServerResponse, from: number) => void> = {
    'status 500': (response) => response.writeHead(500).end(),
    'status 503': (response) => response.writeHead(503).end(),
    'status 429': (response) => response.writeHead(429).end(),
    'no content': (response) => response.writeHead(204).end(),
    'an empty part': (response) => response.writeHead(206, { 'content-length': 0 }).end(),
    'a page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Hello</title>'),
    'other bytes': (response) => response.end('other'),
    'more than the file': (response) => response.end(Buffer.concat([bytes, bytes])),
    'several parts': (response, from) => {
      response.writeHead(206, { 'content-type': 'multipart/byteranges; boundary=B' })
      response.end(Buffer.concat([Buffer.from('--B\r\n\r\n'), bytes.subarray(from), Buffer.from('\r\n--B--')]))
    },
  }
  for (const [name, refuse] of Object.entries(ranges)) {
    let cut = false
    answers[`/${encodeURIComponent(name)}`] = (response, range) => {
      if (range) return refuse(response, Number(/\d+/.exec(range)))
      if (cut) return response.end(bytes)
      cut = true
      response.write(bytes.subarray(0, 50_000), () => setTimeout(() => response.destroy(), 20))
    }
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

  it.each(Object.keys(ranges))('ranges answered with %s: the whole is asked for', async (name) => {
    const { load } = visit()
    const path = encodeURIComponent(name)
    expect(hash(await load({ ...file, path }))).toBe(file.sha256)
    expect(seen.filter((url) => url === `/${path}`).length).toBeLessThanOrEqual(4)
  })

  it('parts whatever is asked for, capped: put together', async () => {
    answers['/parts.onnx'] = (response, range) => {
      const from = Number(/\d+/.exec(range ?? '') ?? 0)
      const part = bytes.subarray(from, from + 70_000)
      const last = from + part.length - 1
      response.writeHead(206, {
        'content-range': `bytes ${from}-${last}/${bytes.length}`,
        'content-length': part.length,
      })
      response.end(part)
    }
    const { load } = visit()
    expect(hash(await load({ ...file, path: 'parts.onnx' }))).toBe(file.sha256)
    expect(seen.filter((url) => url === '/parts.onnx')).toHaveLength(3)
  })

  it('a range that it calls outside of the file: once more from the beginning', async () => {
    const { load, warnings } = visit()
    expect(hash(await load({ ...file, path: 'outside.onnx' }))).toBe(file.sha256)
    expect(warnings).toEqual([expect.stringContaining('cannot continue')])
  })
})
