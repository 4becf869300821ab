// A part of the service worker, loaded before Workbox: removes what earlier releases stored under other names, once this one
// takes over. Workbox's own way takes the caches of apps below this one's path for outdated ones as well: it asks
// whether a name holds the scope, and https://host/app/next/ holds https://host/app/.
const current = `scalewise-verified-precache-v2-${registration.scope}`

addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(isOutdated).map((name) => caches.delete(name)))),
  )
})

function isOutdated(name) {
  const [, scope] = /-precache-v\d+-(.*)$/.exec(name) ?? []
  return scope === registration.scope && name !== current
}
