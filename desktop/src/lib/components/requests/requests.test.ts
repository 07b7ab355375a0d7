import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { FakeClient } from "../../api/fake";
import { furnished, open } from "../../../testing/app";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

/** A stranger has written twice. */
function asked(client: FakeClient): void {
  furnished(client);
  client.world.addRoom({ id: 40, name: "Eve", kind: "direct", peer: 9, request: "received" });
  for (const text of ["hello", "we met at the fair"]) client.world.say(40, 9, text);
}

test("a request stands in its own list, is read, and is a room like any other once it is accepted", async () => {
  const { client, chat } = await open(asked);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  expect(screen.queryByTestId("room-40")).toBeNull();
  expect(chat().rooms.unread).toBe(0);
  const line = screen.getByTestId("open-requests");
  expect(line.textContent).toContain("Requests (1)");
  await user.click(line);
  const row = await screen.findByTestId("request-40");
  expect(row.textContent).toContain("we met at the fair");
  await user.click(row);
  const bar = await screen.findByTestId("request-bar");
  expect(bar.textContent).toContain("Eve wants to write to you");
  expect(screen.queryByTestId("composer")).toBeNull();
  await user.click(screen.getByTestId("accept"));
  await screen.findByTestId("composer");
  expect(client.world.room(40).request).toBe("none");
  await screen.findByTestId("room-40");
  expect(screen.queryByTestId("open-requests")).toBeNull();
}, PATIENCE);

test("what is declined goes away without a word, and blocking asks first", async () => {
  const { client, chat } = await open((client) => {
    asked(client);
    client.world.addRoom({ id: 41, name: "Mal", kind: "direct", peer: 3, request: "received" });
    client.world.say(41, 3, "buy this");
  });
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().select(40);
  await user.click(await screen.findByTestId("decline"));
  await waitFor(() => expect(chat().open?.id).toBe(7));
  expect(client.world.room(40).request).toBe("declined");
  expect(chat().trouble).toBeNull();
  chat().select(41);
  await user.click(await screen.findByTestId("block-asker"));
  await user.click(await screen.findByTestId("confirm-block"));
  await waitFor(() => expect(client.world.room(41).request).toBe("declined"));
  expect(client.world.blocked.map((one) => one.user_id)).toEqual([3]);
  await waitFor(() => expect(screen.queryByTestId("open-requests")).toBeNull());
  chat().sheet = { kind: "requests" };
  await screen.findByTestId("no-requests");
}, PATIENCE);

test("who wrote to a stranger sees that they wait, and for how many messages more", async () => {
  const { client, chat } = await open((client) => {
    furnished(client);
    client.world.addRoom({ id: 42, name: "Bo", kind: "direct", peer: 2, request: "sent" });
  });
  await screen.findByTestId("composer");
  chat().select(42);
  expect((await screen.findByTestId("waits")).textContent).toMatch(/5 more\s+messages/u);
  for (let n = 0; n < 5; n += 1) await client.send(42, { text: `${n}`, reply_to: null, base: null, forget: [] }, null);
  await waitFor(() => expect(screen.getByTestId("read-only").textContent).toContain("wait until they accept"));
}, PATIENCE);

test("everybody decides who may begin to write to them", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().sheet = { kind: "attention" };
  await waitFor(() => expect((screen.getByTestId("quiet-zone") as HTMLInputElement).value).toBe("Europe/Berlin"));
  await user.selectOptions(screen.getByTestId("who-writes"), "acquainted");
  await user.click(screen.getByTestId("save-attention"));
  await waitFor(() => expect(client.world.attention.who_writes).toBe("acquainted"));
}, PATIENCE);
