import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createEngine, EngineError, isEngineError } from '../index'

type Options = Parameters<typeof createEngine>[0]

// With a page's address, which would make one of anything.
beforeAll(() => void vi.stubGlobal('location', { href: 'https://app.example/' }))
afterAll(() => void vi.unstubAllGlobals())

it.each([undefined, null, {}, 'models/emoji/', { model: null }, { model: 7 }, { model: {} }])(
  'createEngine(%j) is refused by name, before a worker starts',
  async (options) => {
    const error = await createEngine(options as unknown as Options).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(EngineError)
    expect(isEngineError(error, 'InvalidRequest')).toBe(true)
    expect((error as Error).message).toMatch(/'model' is no address.*Give a URL/)
  },
)
