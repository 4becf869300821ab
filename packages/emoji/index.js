/** Where this package is served as it is, as on a CDN. Bundlers do not follow a manifest: copy the model for them. */
export const model = new URL('./model/', import.meta.url).href
