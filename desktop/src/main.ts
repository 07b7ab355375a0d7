/** Starts the interface over the real client; in a plain browser of the dev server, over the fake. */
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import type { Client } from "./lib/api/client";
import { tauri } from "./lib/api/tauri";
import { crash } from "./crash";
import { Session } from "./lib/state/session.svelte";

window.addEventListener("error", (event) => crash(event.error ?? event.message));
window.addEventListener("unhandledrejection", (event) => crash(event.reason));

async function client(): Promise<Client> {
  if (import.meta.env.DEV && !("__TAURI_INTERNALS__" in window)) {
    const { fake } = await import("./lib/api/fake");
    return fake();
  }
  return tauri;
}

async function begin(): Promise<void> {
  const target = document.getElementById("app");
  if (!target) throw new Error("the page has no #app");
  const session = new Session(await client());
  mount(App, { target, props: { session } });
  await session.begin();
}

begin().catch(crash);
