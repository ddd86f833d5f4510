/* Keeps the card page of this business for times without a network, and nothing else of a person. */
"use strict";
const places = {{ places|safe }};
const SHELL = "portal-shell-1"; // looks: style, script, icons; nothing of a person
const CARD = "portal-card-1"; // the card page itself

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(SHELL).then((cache) => Promise.allSettled([...places.parts, places.offline, places.brand].map((place) => cache.add(place)))).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("portal-") && ![SHELL, CARD].includes(name)).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "keep-card") event.waitUntil(keepCard());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === "POST" && pathname === places.signOut) event.respondWith(signOut(request));
  else if (request.method !== "GET") return;
  else if (request.mode === "navigate") event.respondWith(pathname === places.card ? card(request) : page(request));
  else if (pathname === places.brand || places.parts.includes(pathname)) event.respondWith(part(request));
});

async function keepCard() {
  const answer = await fetch(places.card, { credentials: "same-origin", redirect: "manual" }).catch(() => null);
  if (answer) await remember(answer);
}

/** A good answer is kept; any other (signed out, unknown) means that nobody's card may stay here. */
async function remember(answer) {
  if (answer.ok && answer.type === "basic" && !answer.redirected) await (await caches.open(CARD)).put(places.card, answer.clone());
  else if (answer.type === "opaqueredirect" || answer.redirected || [401, 403, 404].includes(answer.status)) await caches.delete(CARD);
}

async function card(request) {
  try {
    const answer = await fetch(request);
    await remember(answer);
    return answer;
  } catch {
    return (await (await caches.open(CARD)).match(places.card)) || page(request);
  }
}

async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(SHELL)).match(places.offline);
    if (kept) return kept;
    throw error;
  }
}

async function part(request) {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(new URL(request.url).pathname, answer.clone()); // one of each, whatever its version
    return answer;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

async function signOut(request) {
  await caches.delete(CARD);
  return fetch(request);
}
