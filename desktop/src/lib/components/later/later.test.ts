import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open } from "../../../testing/app";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

test("a message is kept for later, changed in the list and cancelled", async () => {
  const { client } = await open(furnished);
  const user = userEvent.setup();
  await user.type(await screen.findByTestId("composer"), "tea?");
  await user.click(screen.getByTestId("send-later"));
  await user.type(screen.getByTestId("when"), "soon");
  await user.click(screen.getByTestId("keep-later"));
  expect((await screen.findByTestId("error")).textContent).toContain("For example");
  expect(screen.getByTestId("later-text").textContent).toBe("tea?");
  await user.clear(screen.getByTestId("when"));
  await user.type(screen.getByTestId("when"), "in 2h");
  await user.click(screen.getByTestId("keep-later"));
  await waitFor(() => expect(client.world.later.size).toBe(1));
  expect((screen.getByTestId("composer") as HTMLTextAreaElement).value).toBe("");

  await user.click(screen.getByTestId("send-later"));
  await user.click(screen.getByTestId("show-scheduled"));
  await user.click(await screen.findByTestId("change-later-1"));
  await user.type(screen.getByTestId("scheduled-text"), " at four");
  await user.click(screen.getByTestId("keep-change"));
  await waitFor(() => expect(screen.getByTestId("scheduled-later-1").textContent).toContain("tea? at four"));
  await user.click(screen.getByTestId("cancel-later-1"));
  await waitFor(() => expect(screen.queryByTestId("scheduled-later-1")).toBeNull());
  expect(client.world.later.size).toBe(0);
}, PATIENCE);

test("a reminder is asked for, rings, and is put away by looking", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  const message = client.world.timeline(7, { kind: "newest", count: 5 }, null).items.find((item) => item.kind === "message");
  if (message?.kind !== "message") throw new Error("there are messages");
  chat().sheet = { kind: "remind", message };
  await user.type(await screen.findByTestId("when"), "in 2h");
  await user.type(screen.getByTestId("remind-note"), "call back");
  await user.click(screen.getByTestId("keep-reminder"));
  await waitFor(() => expect(client.world.later.size).toBe(1));
  const kept = [...client.world.later.values()][0];
  if (!kept) throw new Error("it was kept");
  client.world.tell({ type: "time_has_come", data: { ...kept, state: "due" } });
  expect((await screen.findByTestId("has-come")).textContent).toContain("call back");
  await user.click(screen.getByTestId("look-at-it"));
  await waitFor(() => expect(client.world.later.size).toBe(0));
  expect(screen.queryByTestId("has-come")).toBeNull();
}, PATIENCE);

test("what could not be sent says why and is decided in the list", async () => {
  const { client } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  client.world.schedule({ text: "tea?" }, "in 2h");
  const row = client.world.later.get("later-1");
  if (!row) throw new Error("it was kept");
  const refused = { ...row, state: "refused" as const, error: "you are muted here" };
  client.world.later.set("later-1", refused);
  client.world.tell({ type: "time_has_come", data: refused });
  expect((await screen.findByTestId("has-come")).textContent).toContain("you are muted here");
  await user.click(screen.getByTestId("look-at-it"));
  expect((await screen.findByTestId("scheduled-later-1")).textContent).toContain("you are muted here");
}, PATIENCE);
