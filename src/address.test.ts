import { expect, it } from 'vitest'
import { fileAddress, placeOf } from './address'

it('files of a manifest that is no file lie beside the page, without what the page was asked', () => {
  const page = 'https://models.example/app/index.html?model=blob:x&token=1#prompt=a?b'
  for (const manifest of ['blob:https://models.example/7', 'data:application/json,{}']) {
    expect(fileAddress('a/b.onnx', placeOf(manifest, page))).toBe('https://models.example/app/a/b.onnx')
  }
})

it('files of any other have its query, which may be a signature', () => {
  const manifest = 'https://cdn.example/m/manifest.json?Signature=a%2Fb#x'
  const beside = fileAddress('a/b.onnx', placeOf(manifest, 'https://models.example/?page'))
  expect(beside).toBe('https://cdn.example/m/a/b.onnx?Signature=a%2Fb')
})
