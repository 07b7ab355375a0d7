// Requests of the server's own pages: the token, waiting when asked to, one error for everything.

const KEPT = "erc-tokens";
let tokens = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
let refreshing = null;

/** An answer that is an error: its code for programs, its message for people. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.error?.message ?? `the server answered ${status}`);
    this.status = status;
    this.code = body?.error?.code ?? "internal";
    this.wait = body?.error?.retry_after;
  }
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Who is signed in, if somebody is. */
export const me = () => tokens?.user;
export const token = () => tokens?.access_token;

export function keep(fresh) {
  tokens = fresh;
  if (fresh) sessionStorage.setItem(KEPT, JSON.stringify(fresh));
  else sessionStorage.removeItem(KEPT);
}

/** One request and its answer, as they are. */
export async function plain(method, path, body, bearer) {
  const headers = {};
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    // A proxy's page: the status says enough.
  }
  if (!answer.ok) throw new Refused(answer.status, value);
  return value;
}

/** A fresh access token. Several requests that need one share the question. */
export function refresh() {
  refreshing ??= plain("POST", "/auth/refresh", { refresh_token: tokens?.refresh_token ?? "" })
    .then(keep)
    .finally(() => (refreshing = null));
  return refreshing;
}

/**
 * Asks as the one who is signed in: refreshes the token when it is old, and waits when the server
 * asks to; `waits` is told for how many seconds.
 */
export async function ask(method, path, body, waits = () => {}) {
  let refreshed = false;
  for (let tries = 0; ; tries += 1) {
    try {
      return await plain(method, path, body, token());
    } catch (error) {
      if (error.code === "invalid_token" && !refreshed) {
        refreshed = true;
        await refresh();
      } else if ((error.status === 429 || error.status === 503) && tries < 5) {
        const seconds = error.wait ?? 2 ** tries;
        waits(seconds);
        await pause(seconds * 1000);
      } else {
        throw error;
      }
    }
  }
}

/** A random id; `crypto.randomUUID` is missing where the page comes over plain HTTP. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** An element with attributes and children; text is only ever text. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export const by = (id) => document.getElementById(id);
