// Keeps the roll call's page on the phone, so that it opens with every server down. The list of
// people is not here: the page keeps it, and for the day only.

const CACHE = "lobby-rollcall";
const PAGE = "/rollcall";
const PATIENCE = 3_000;
const PARTS = [
  PAGE, "/static/desk.css", "/static/rollcall.css", "/static/rollcall.js", "/static/rollcall-keep.js",
  "/static/rollcall-state.js", "/static/ids.js", "/static/language.js", "/static/icon.svg",
];

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(PARTS)));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  const isPage = request.mode === "navigate" && path === PAGE;
  if (request.method === "GET" && (isPage || PARTS.includes(path))) {
    event.respondWith(fresh(request, isPage ? PAGE : path));
  }
});

/** As the server has it now; as it was last where the server does not answer soon. */
async function fresh(request, path) {
  const cache = await caches.open(CACHE);
  try {
    const response = await answer(request);
    if (response.ok && !response.redirected) await cache.put(path, response.clone());
    // A server that is failing has nothing better than what is kept.
    if (response.status < 500) return response;
    return (await cache.match(path)) ?? response;
  } catch {
    return (await cache.match(path)) ?? Response.error();
  }
}

function answer(request) {
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("late")));
  return Promise.race([fetch(request), late]);
}
