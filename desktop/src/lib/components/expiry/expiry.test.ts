import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open, openRows } from "../../../testing/app";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

test("the next message goes by itself, and the one after it as usual", async () => {
  const { client } = await open(furnished);
  const user = userEvent.setup();
  await user.click(await screen.findByTestId("let-go"));
  await user.selectOptions(await screen.findByTestId("expire-length"), "3600");
  await user.click(screen.getByTestId("keep-expire"));
  expect(screen.getByTestId("composer-lifetime").textContent).toContain("1 hour");
  await user.type(screen.getByTestId("composer"), "soon gone{Enter}");
  const sent = (text: string) => client.world.room(7).messages.find((message) => message?.text === text);
  await waitFor(() => expect(sent("soon gone")?.expires_at).toBeTruthy());
  expect(screen.queryByTestId("composer-lifetime")).toBeNull();
  await user.type(screen.getByTestId("composer"), "stays{Enter}");
  await waitFor(() => expect(sent("stays")).toBeDefined());
  expect(sent("stays")).toMatchObject({ expires_at: null, lifetime: null });
}, PATIENCE);

test("how long messages stay in a room is set, shown and lifted; offline it says why not", async () => {
  const { client } = await open((client) => {
    furnished(client);
    for (const room of client.world.rooms) room.can = ["send", "react", "manage"];
  });
  const user = userEvent.setup();
  await user.click(await screen.findByTestId("room-lifetime"));
  await user.selectOptions(await screen.findByTestId("expire-length"), "86400");
  await user.click(screen.getByTestId("expire-from-read"));
  client.world.isOnline = false;
  await user.click(screen.getByTestId("save-lifetime"));
  expect((await screen.findByTestId("error")).textContent).toContain("no network");
  client.world.isOnline = true;
  await user.click(screen.getByTestId("save-lifetime"));
  await waitFor(() => expect(screen.getByTestId("stays").textContent).toBe("messages go 1 day after they are read"));
  await user.type(screen.getByTestId("composer"), "as usual here{Enter}");
  await waitFor(() => expect(client.world.room(7).messages.at(-1)?.lifetime?.from).toBe("read"));
  await user.click(screen.getByTestId("room-lifetime"));
  await user.selectOptions(await screen.findByTestId("expire-length"), "");
  await user.click(screen.getByTestId("save-lifetime"));
  await waitFor(() => expect(screen.queryByTestId("stays")).toBeNull());
}, PATIENCE);

test("a message says how long it is still there, or from when that counts", async () => {
  await openRows((client) => {
    furnished(client);
    const [first, second] = client.world.room(7).messages;
    if (!first || !second) throw new Error("there are messages");
    first.expires_at = new Date(Date.now() + 5_400_000).toISOString();
    second.lifetime = { after_s: 60, from: "read" };
  });
  const goes = await screen.findAllByTestId("goes");
  expect(goes.map((one) => one.textContent?.trim().replace(/\s+/g, " "))).toEqual([
    "goes in 1 h",
    "goes 1 minute after it is read",
  ]);
});
