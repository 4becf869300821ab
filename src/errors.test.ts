import { expect, test } from 'vitest'
import { EngineError } from './errors'
import { parseManifest } from './manifest/parse'

test('a message has an end, whatever is quoted in it, and keeps its beginning and its remedy', () => {
  const { message } = new EngineError('InvalidManifest', `data:,${'x'.repeat(1e6)} is not JSON. Give another address.`)
  expect(message.length).toBeLessThan(1202)
  expect(message).toMatch(/^data:,x+/)
  expect(message).toMatch(/…x+ is not JSON\. Give another address\.$/)
})

test('an ordinary message is left alone, to the last of 1200 characters', () => {
  const message = `${'word '.repeat(239)}end.`
  expect(new EngineError('ModelFailed', message).message).toBe(message)
})

test('a manifest whose field names and values are endless is refused in few words', () => {
  const endless = 'y'.repeat(1e6)
  for (const manifest of [{ [endless]: 1 }, { format: 5, id: endless }, { format: 5, schedules: { [endless]: [] } }]) {
    expect(() => parseManifest(manifest)).toThrow(
      expect.objectContaining({ name: 'InvalidManifest', message: expect.stringMatching(/^.{1,1201}$/) }),
    )
  }
})
