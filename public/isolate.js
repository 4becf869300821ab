// A part of the service worker, loaded before Workbox: pages and workers get the headers which isolate a page, so that
// WASM draws on several threads where the host cannot send headers, from the second visit on. Workbox has no place for a
// change to precached answers, so it is made where all answers pass.
// `require-corp` and not `credentialless`, which Safari lacks: other origins' models come by CORS, which both let through.
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
const respondWith = FetchEvent.prototype.respondWith

FetchEvent.prototype.respondWith = function (answer) {
  // What else there is stays as stored: a copy would lose the code that the browser keeps compiled beside a script.
  const decides = ['document', 'iframe', 'worker'].includes(this.request.destination)
  respondWith.call(this, decides ? Promise.resolve(answer).then(isolated) : answer)
}

function isolated(response) {
  const { body, status, statusText } = response
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(isolation)) if (!headers.has(name)) headers.set(name, value)
  return new Response(body, { status, statusText, headers })
}
