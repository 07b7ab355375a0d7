import { beforeEach, expect, test, vi } from "vitest";
import { fake, type FakeClient } from "../api/fake";
import { NOTHING } from "../api/fake-world";
import { ComposerState } from "./composer.svelte";

let client: FakeClient;
let composer: ComposerState;
let id: number;

beforeEach(() => {
  client = fake();
  client.world.enter("ada");
  id = client.world.addRoom({ name: "general" }).id;
  composer = new ComposerState(client, id, 20);
});

test("counts bytes, not letters, and refuses beyond the limit", () => {
  composer.typed("äöü");
  expect(composer.left).toBe(14);
  composer.typed("👋👋👋👋👋👋");
  expect(composer.left).toBe(-4);
  expect(composer.canSend).toBe(false);
  composer.typed("   \n ");
  expect(composer.canSend).toBe(false);
});

test("a message that can't be stored stays in the composer with its reason", async () => {
  composer.typed("disk is full");
  expect(await composer.send()).toBe(false);
  expect(composer.text).toBe("disk is full");
  expect(composer.error?.kind).toBe("storage");
});

test("sending empties the text, the reply and the draft", async () => {
  const parent = client.world.say(id, 2, "hello");
  composer.replyTo = parent;
  composer.typed("hi");
  expect(await composer.send()).toBe(true);
  expect(composer.text).toBe("");
  expect(composer.replyTo).toBeNull();
  expect(client.world.room(id).draft.text).toBe("");
  expect(client.world.room(id).messages.at(-1)).toMatchObject({
    text: "hi",
    reply: { message_id: parent.message_id },
  });
});

test("a draft is kept when the room is left, and comes back", async () => {
  composer.typed("half a thou");
  composer.close();
  const again = new ComposerState(client, id, 20);
  await again.load();
  expect(again.text).toBe("half a thou");
});

test("a draft that loads late does not overwrite what was typed", async () => {
  client.world.room(id).draft = { ...NOTHING, text: "old" };
  const loading = composer.load();
  composer.typed("new");
  await loading;
  expect(composer.text).toBe("new");
});

test("another device's text is shown, but not under the hands", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  composer.typed("mine");
  await composer.flush();
  client.world.room(id).draft = { ...NOTHING, text: "theirs", version: "v9" };
  await composer.load();
  expect(composer.text).toBe("mine");
  await vi.advanceTimersByTimeAsync(3001);
  expect(composer.text).toBe("theirs");
  composer.typed("theirs and mine");
  await composer.flush();
  expect(client.world.room(id).saved.at(-1)).toMatchObject({ text: "theirs and mine", base: "v9" });
  vi.useRealTimers();
});

test("a text of another device is taken behind what stands there, or forgotten", async () => {
  const aside = ["one", "two"].map((text) => ({ version: text, text, at: "2026-11-24T09:00:00Z" }));
  client.world.room(id).draft = { ...NOTHING, text: "mine", version: "v1", aside };
  await composer.load();
  const [one, two] = composer.aside;
  await composer.take(one!, true);
  expect(composer.text).toBe("mine\none");
  await composer.take(two!, false);
  expect(composer.text).toBe("mine\none");
  expect(composer.aside).toEqual([]);
  expect(client.world.room(id).draft.aside).toEqual([]);
});

test("tells of typing rarely, and of its end at once", () => {
  const clock = vi.spyOn(performance, "now");
  for (const [at, text] of [[2000, "a"], [2100, "ab"], [2200, "abc"], [4000, "abcd"], [4100, ""]] as const) {
    clock.mockReturnValue(at);
    composer.typed(text);
  }
  clock.mockRestore();
  expect(client.world.typed).toEqual([
    [id, true],
    [id, true],
    [id, false],
  ]);
});

test("a discarded message's text comes before what is being written", () => {
  composer.typed("new");
  composer.restore("old");
  expect(composer.text).toBe("old\nnew");
});
