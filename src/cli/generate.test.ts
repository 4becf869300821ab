import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PNG } from 'pngjs'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseArguments, USAGE, UsageError } from './arguments'
import { main } from './generate'

const tiny = fileURLToPath(new URL('../../models/tiny', import.meta.url))
let folder = ''
let out = ''
let err = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scalewise-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())

/** Runs the command as the shell would, and keeps what it prints. */
async function runCommand(...argv: string[]): Promise<number> {
  out = ''
  err = ''
  vi.spyOn(console, 'log').mockImplementation((text) => {
    out += `${text}\n`
  })
  vi.spyOn(console, 'error').mockImplementation((text) => {
    err += `${text}\n`
  })
  return main(argv)
}

/** The tiny model with an encoder (of ones, whatever the picture), and a picture that is none of its sizes. */
function tinyWithEncoder(): string {
  const copy = join(folder, 'with-encoder')
  cpSync(tiny, copy, { recursive: true })
  const encoder = readFileSync(fileURLToPath(new URL('../model/testing/picture-encoder.onnx', import.meta.url)))
  writeFileSync(join(copy, 'encoder.onnx'), encoder)
  const manifest = JSON.parse(readFileSync(join(tiny, 'manifest.json'), 'utf8'))
  const sha256 = createHash('sha256').update(encoder).digest('hex')
  const entry = { path: 'encoder.onnx', bytes: encoder.length, sha256, dtype: 'float32' }
  const signature = { file: 'encoder.onnx', data: [], input: 'picture', output: 'latent' }
  const changed = { ...manifest, files: [...manifest.files, entry], encoder: signature }
  writeFileSync(join(copy, 'manifest.json'), JSON.stringify(changed))
  return copy
}

function savedPicture(width: number, height: number): string {
  const path = join(folder, `${width}x${height}.png`)
  const png = new PNG({ width, height })
  png.data.fill(200)
  writeFileSync(path, PNG.sync.write(png))
  return path
}

describe('npm run generate', () => {
  it('writes a picture with alpha and says how it was drawn', async () => {
    const path = join(folder, 'deep', 'apple.png')
    expect(await runCommand('a red apple', '--seed', '7', '--model', tiny, '--out', path)).toBe(0)
    const png = PNG.sync.read(readFileSync(path))
    expect([png.width, png.height]).toEqual([128, 128])
    expect(new Set(png.data.filter((_, i) => i % 4 === 3)).size).toBeGreaterThan(1)
    expect(out).toMatch(/apple\.png.*seed 7/)
    expect(out).toContain('backend wasm')
    expect(out).toMatch(/scale 4: 16×16 cells, sigma 0.55, [\d.]+ ms/)
  })

  it('starts from a picture, at the scale that the strength names, with or without a prompt', async () => {
    const model = tinyWithEncoder()
    const image = savedPicture(37, 91)
    const drawn: Buffer[] = []
    for (const [prompt, ...options] of [['a fox', '--strength', '0.6'], ['a fox', '--strength', '1'], ['']] as const) {
      const path = join(folder, `from-${drawn.length}.png`)
      const rest = ['--seed', '7', '--image', image, '--model', model, '--out', path]
      expect(await runCommand(prompt, ...options, ...rest)).toBe(0)
      drawn.push(PNG.sync.read(readFileSync(path)).data)
      expect(/scale 1:/.test(out)).toBe(options[1] === '1')
      expect(out).toMatch(/scale 4: 16×16/)
    }
    expect(new Set(drawn.map((data) => data.toString('hex'))).size).toBe(3)
  })

  it('names several pictures by their seeds', async () => {
    const options = ['--seed', '7', '--count', '2', '--schedule', 'full-4', '--style', '3d']
    const manifest = join(tiny, 'manifest.json')
    expect(await runCommand('', ...options, '--model', manifest, '--out', join(folder, 'two.png'))).toBe(0)
    expect(readdirSync(folder).filter((name) => name.startsWith('two'))).toEqual(['two-7.png', 'two-8.png'])
    expect(out).toContain('scale 1: 16×16')
  })

  it('draws on several worker threads the pictures that one draws', async () => {
    const common = ['a cat', '--seed', '7', '--count', '3', '--model', tiny, '--style', '3d']
    expect(await runCommand(...common, '--jobs', '2', '--out', join(folder, 'jobs.png'))).toBe(0)
    expect(out).toMatch(/3 pictures, 2 jobs, [\d.]+ s: [\d.]+ a second/)
    expect(await runCommand(...common, '--out', join(folder, 'one.png'))).toBe(0)
    for (const seed of [7, 8, 9]) {
      const [jobs, one] = ['jobs', 'one'].map((name) => readFileSync(join(folder, `${name}-${seed}.png`)))
      expect(jobs?.equals(one as Buffer)).toBe(true)
    }
  }, 60_000)

  it('tells before any job starts that a file cannot be written', async () => {
    const blocked = join(folder, 'blocked')
    writeFileSync(blocked, 'no folder')
    const options = ['--jobs', '2', '--count', '4', '--model', tiny, '--out', join(blocked, 'cat.png')]
    expect(await runCommand('a cat', ...options)).toBe(2)
    expect(err).toContain('a part of the path is a file')
  }, 60_000)

  it.each([
    [[], 'prompt is missing'],
    [['a', 'b'], 'in quotes'],
    [['a', '--sead', '7'], '--sead'],
    [['a', '--seed', '-7'], 'seed'],
    [['a', '--seed', '1.5'], '--seed 1.5'],
    [['a', '--count', 'many'], '--count many'],
    [['a', '--jobs', '0'], '--jobs 0'],
    [['a', '--jobs', '2', '--count', '5000'], '--count 5000'],
    [['a', '--out', 'apple.jpg'], '.png'],
    [['a', '--seed', '18446744073709551616', '--model', tiny], 'not a seed'],
    [['a', '--strength', '0.5'], '--image'],
    [['a', '--image', 'README.md', '--strength', '2'], '--strength 2'],
    [['a', '--image', 'README.md', '--model', tiny], 'not a PNG'],
    [['a', '--image', 'no-such.png', '--model', tiny], 'could not be read'],
    [['a', '--image', 'docs/demo.png', '--model', tiny], 'has no encoder'],
    [['a', '--count', '17', '--model', tiny], '1 to 16'],
    [['a', '--schedule', 'fast', '--model', tiny], 'default, quick, thorough, full-4'],
    [['a', '--style', 'oil', '--model', tiny], '3d'],
  ])('%j: status 2, the reason and the usage', async (argv, reason) => {
    expect(await runCommand(...argv)).toBe(2)
    expect(err).toContain(reason)
    expect(err).toContain(USAGE)
  })

  it('keeps a picture of the same name, unless told otherwise, and leaves no fragments', async () => {
    const path = join(folder, 'kept', 'apple.png')
    const draw = (...more: string[]) => runCommand('a', '--seed', '7', '--model', tiny, '--out', path, ...more)
    expect(await draw()).toBe(0)
    const first = readFileSync(path)
    expect(await draw('--style', '3d')).toBe(2)
    expect(err).toContain('exists already and is kept')
    expect(readFileSync(path)).toEqual(first)
    expect(await draw('--style', '3d', '--overwrite')).toBe(0)
    expect(readFileSync(path)).not.toEqual(first)
    expect(readdirSync(dirname(path))).toEqual(['apple.png'])
  })

  it('keeps a picture that came while its jobs drew, too', async () => {
    const at = join(folder, 'came')
    const draw = runCommand(
      'a',
      '--seed',
      '1',
      '--count',
      '3',
      '--jobs',
      '1',
      '--model',
      tiny,
      '--out',
      join(at, 'p.png'),
    )
    await expect.poll(() => existsSync(join(at, 'p-1.png')), { timeout: 30_000, interval: 1 }).toBe(true)
    writeFileSync(join(at, 'p-3.png'), 'of somebody else')
    expect(await draw).toBe(2)
    expect(err).toContain('p-3.png exists already and is kept')
    expect(readFileSync(join(at, 'p-3.png'), 'utf8')).toBe('of somebody else')
  }, 60_000)

  it.each([
    ['a link that leads nowhere', 'exists already', (at: string) => symlinkSync('no-such-file', at)],
    ['a folder', 'is a folder', (at: string) => mkdirSync(at)],
    ['below a file', 'a part of the path is a file', (at: string) => writeFileSync(dirname(at), '')],
    ['too long', 'the name is too long', () => {}],
  ])('tells before it draws that the path is %s', async (what, words, prepare) => {
    const path = join(folder, `paths ${what}`, what === 'too long' ? `${'x'.repeat(250)}.png` : 'x.png')
    if (what.startsWith('a ')) mkdirSync(dirname(path))
    prepare(path)
    const missing = join(folder, 'no-model-is-read')
    cpSync(join(tiny, 'manifest.json'), join(missing, 'manifest.json'))
    expect(await runCommand('a', '--model', missing, '--out', path)).toBe(2)
    expect(err).toContain(words)
  })

  it('refuses pipes and devices as files of a model, at once', async () => {
    const strange = join(folder, 'strange')
    cpSync(tiny, strange, { recursive: true })
    rmSync(join(strange, 'decoder.onnx'))
    symlinkSync('/dev/zero', join(strange, 'decoder.onnx'))
    expect(await runCommand('a', '--model', strange, '--out', join(folder, 'none.png'))).toBe(1)
    expect(err).toContain('is no plain file')
    rmSync(join(strange, 'manifest.json'))
    execFileSync('mkfifo', [join(strange, 'manifest.json')])
    expect(await runCommand('a', '--model', strange)).toBe(1)
    expect(err).toContain('is no plain file')
    expect(readdirSync(folder).filter((name) => name.startsWith('none'))).toEqual([])
  })

  it('refuses pipes, devices and gigapixels as pictures to start from, at once', async () => {
    const pipe = join(folder, 'pipe.png')
    execFileSync('mkfifo', [pipe])
    const device = join(folder, 'device.png')
    symlinkSync('/dev/zero', device)
    // A picture of 30,000 × 30,000 in 100 kB took 7 GB and three minutes, in which no signal was heard.
    const huge = join(folder, 'huge.png')
    const bytes = readFileSync(savedPicture(3, 3))
    bytes.writeUInt32BE(30_000, 16)
    bytes.writeUInt32BE(30_000, 20)
    writeFileSync(huge, bytes)
    for (const [image, words] of [
      [pipe, 'is no plain file'],
      [device, 'is no plain file'],
      [folder, 'is no plain file'],
      [huge, '30000×30000 pixels'],
    ] as const) {
      expect(await runCommand('a', '--image', image, '--model', tiny)).toBe(2)
      expect(err).toContain(`--image ${image} `)
      expect(err).toContain(words)
    }
  })

  /** The command through a link, as a program of its own. */
  function command(...argv: string[]): [string, ...string[]] {
    const link = join(folder, 'linked.ts')
    if (!existsSync(link)) symlinkSync(fileURLToPath(new URL('./generate.ts', import.meta.url)), link)
    return [process.execPath, '--import', 'tsx', link, 'a', '--model', tiny, ...argv]
  }
  function start(...argv: string[]) {
    const [node, ...rest] = command(...argv)
    return spawn(node, rest, { cwd: fileURLToPath(new URL('../..', import.meta.url)) })
  }
  const ended = (child: ReturnType<typeof start>) =>
    new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))

  it('started through a link, into a reader that stops reading: everything is saved, without a word', async () => {
    const child = start('--seed', '1', '--count', '4', '--out', join(folder, 'read', 'p.png'))
    let errors = ''
    child.stderr.on('data', (text) => (errors += text))
    child.stdout.destroy()
    expect(await ended(child)).toBe(0)
    expect(errors).toBe('')
    expect(readdirSync(join(folder, 'read'))).toEqual(['p-1.png', 'p-2.png', 'p-3.png', 'p-4.png'])
  }, 60_000)

  it('tells of a disk without room before it draws, and leaves no fragments', async () => {
    const at = join(folder, 'full')
    // 16 kB a file, which the kernel enforces as a full disk's: the write that crosses it is cut, the next one fails.
    const child = spawn(
      'bash',
      ['-c', 'ulimit -f 16; exec "$0" "$@"', ...command('--seed', '1', '--out', join(at, 'p.png'))],
      { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    )
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
    expect(await ended(child)).toBe(2)
    expect(said).toMatch(/p\.png cannot be written: your limit for the size of a file is below what is written/)
    expect(said).not.toContain('p.png, ')
    expect(readdirSync(at)).toEqual([])
  }, 60_000)

  it.each([
    ['SIGINT', 130],
    ['SIGQUIT', 131],
    ['SIGXCPU', 152],
  ] as const)(
    'leaves no fragments when %s ends it',
    async (signal, status) => {
      const at = join(folder, `stopped by ${signal}`)
      const child = start('--seed', '1', '--count', '4', '--out', join(at, 'p.png'))
      const end = ended(child)
      await expect.poll(() => existsSync(at) && readdirSync(at).length, { timeout: 30_000, interval: 5 }).toBe(4)
      child.kill(signal)
      expect(await end).toBe(status)
      expect(readdirSync(at)).toEqual([])
    },
    60_000,
  )

  it('leaves no fragments of jobs either, wherever a signal meets them', async () => {
    const at = join(folder, 'stopped jobs')
    for (let more = 1; more <= 3; more++) {
      const child = start('--seed', '1', '--count', '400', '--jobs', '2', '--overwrite', '--out', join(at, 'p.png'))
      const end = ended(child)
      // A picture is there, and another is being written: drawn by a thread that no signal reaches.
      const pictures = () => readdirSync(at).filter((name) => name.endsWith('.png')).length
      await expect.poll(() => existsSync(at) && pictures() >= more, { timeout: 90_000, interval: 5 }).toBe(true)
      const deadline = Date.now() + 1_000
      while (Date.now() < deadline && !readdirSync(at).some((name) => name.endsWith('.part'))) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      child.kill('SIGTERM')
      expect(await end).toBe(143)
      expect(readdirSync(at).filter((name) => !name.endsWith('.png'))).toEqual([])
      rmSync(at, { recursive: true })
    }
  }, 300_000)

  it('says that its words found no room, once the pictures are saved', async () => {
    const at = join(folder, 'unheard')
    const [node, ...rest] = command('--seed', '1', '--out', join(at, 'p.png'))
    const child = spawn('bash', ['-c', '"$0" "$@" > /dev/full', node, ...rest], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    })
    let said = ''
    child.stderr.on('data', (text) => (said += text))
    expect(await ended(child)).toBe(1)
    expect(said).toMatch(/^What was to be printed is lost: the disk is full\..*The files are written\.\n$/)
    expect(readdirSync(at)).toEqual(['p.png'])
  }, 60_000)

  it('helps', async () => {
    expect(await runCommand('--help')).toBe(0)
    expect(out).toContain('npm run generate')
    expect(() => parseArguments(['a', '--seed'])).toThrow(UsageError)
  })

  it('shows terms that are not accepted, with the option that accepts them, and draws with it', async () => {
    const terms = join(folder, 'terms')
    cpSync(tiny, terms, { recursive: true })
    const manifest = JSON.parse(readFileSync(join(tiny, 'manifest.json'), 'utf8'))
    const notice = { title: 'Terms of kindness', text: 'Be kind.', url: 'https://example.com/terms', accept: true }
    writeFileSync(join(terms, 'manifest.json'), JSON.stringify({ ...manifest, notice }))
    const path = join(folder, 'kind.png')
    expect(await runCommand('a', '--model', terms, '--out', path)).toBe(2)
    expect(err).toContain('Terms of kindness\nhttps://example.com/terms\n\nBe kind.')
    const [option = ''] = /--accept-licence [0-9a-f]{64}/.exec(err) ?? []
    expect(err).not.toContain('are other terms')
    expect(await runCommand('a', '--model', terms, '--out', path, '--accept-licence', 'f'.repeat(64))).toBe(2)
    expect(err).toContain('What --accept-licence names are other terms. To accept these terms, add')
    expect(readdirSync(folder)).not.toContain('kind.png')
    expect(await runCommand('a', '--model', terms, '--out', path, ...option.split(' '))).toBe(0)
    expect(readdirSync(folder)).toContain('kind.png')
  })

  it('tells by name what is too large to be addressed', async () => {
    const large = join(folder, 'large')
    cpSync(tiny, large, { recursive: true })
    const manifest = JSON.parse(readFileSync(join(tiny, 'manifest.json'), 'utf8'))
    const schedules = { ...manifest.schedules, large: [{ size: 1024, sigma: 1 }] }
    writeFileSync(join(large, 'manifest.json'), JSON.stringify({ ...manifest, schedules }))
    expect(await runCommand('a', '--model', large, '--schedule', 'large', '--out', join(folder, 'large.png'))).toBe(1)
    expect(err).toMatch(/^OutOfMemory: .*smaller pictures/)
    expect(existsSync(join(folder, 'large.png'))).toBe(false)
  }, 60_000)

  it('fails with status 1 and the name of the error', async () => {
    expect(await runCommand('a', '--model', join(folder, 'missing'))).toBe(1)
    expect(err).toContain('DownloadFailed')

    const damaged = join(folder, 'damaged')
    cpSync(tiny, damaged, { recursive: true })
    const bytes = readFileSync(join(damaged, 'decoder.onnx'))
    bytes[1000] = (bytes[1000] ?? 0) ^ 1
    writeFileSync(join(damaged, 'decoder.onnx'), bytes)
    expect(await runCommand('a', '--model', damaged)).toBe(1)
    expect(err).toMatch(/CorruptFile: decoder\.onnx .*sha256/)
    const told = err
    expect(await runCommand('a', '--model', damaged, '--jobs', '1', '--out', join(folder, 'damaged.png'))).toBe(1)
    expect(err).toBe(told)

    writeFileSync(join(damaged, 'manifest.json'), '<html>')
    expect(await runCommand('a', '--model', damaged)).toBe(1)
    expect(err).toContain('InvalidManifest')
  })
})
