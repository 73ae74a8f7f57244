/* Service worker: when a page cannot be fetched, shows the page that says so. It keeps nothing else. */
const CACHE = "offline-2";
const PAGES = { nl: "/nl/offline/", en: "/en/offline/" };
const FILES = [
  "/static/js/theme.js",
  "/static/bootstrap/css/bootstrap.min.css",
  "/static/css/tokens.css",
  "/static/css/layout.css",
  "/static/css/components.css",
  "/static/img/favicon.svg",
];

self.addEventListener("install", (event) => {
  // Without cookies: nobody's name may end up in the kept page.
  const requests = [...Object.values(PAGES), ...FILES].map((path) => new Request(path, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.mode === "navigate" && request.method === "GET" && !path.startsWith("/cms/")) {
    const page = path.startsWith("/en/") ? PAGES.en : PAGES.nl;
    event.respondWith(fetch(request).catch(() => caches.match(page)));
  } else if (FILES.includes(path)) {
    // The page may come from a server that answers again, or from one that says why it does not.
    const kept = (found) => caches.match(path).then((copy) => copy ?? found);
    event.respondWith(fetch(request).then((found) => (found.status >= 500 ? kept(found) : found), () => caches.match(path)));
  }
});
