/** The model's address beside this file, for `createEngine({ model })` on a page that loads it without a bundler. */
export declare const model: string
