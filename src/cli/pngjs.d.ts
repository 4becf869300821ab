/** The part of pngjs that is used here; the package carries no types. */
declare module 'pngjs' {
  export class PNG {
    constructor(options: { width: number; height: number })
    readonly width: number
    readonly height: number
    /** Straight RGBA, 8 bits. */
    readonly data: Buffer
    static readonly sync: { write(png: PNG): Buffer; read(bytes: Buffer): PNG }
  }
}
