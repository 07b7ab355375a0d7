import { screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, openRows } from "../../../testing/app";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

async function newest(): Promise<HTMLElement> {
  const rows = await screen.findAllByTestId("message");
  return rows.at(-1) as HTMLElement;
}

test("a reaction is found by its name, counted, and taken back by a press", async () => {
  const { client, chat } = await openRows(furnished);
  const user = userEvent.setup();
  await user.click(within(await newest()).getByTestId("react"));
  await user.type(await screen.findByTestId("pick-query"), "rocket{Enter}");
  const pill = await screen.findByTestId("reaction");
  expect(pill.textContent?.replace(/\s+/gu, " ").trim()).toBe("🚀 1");
  expect(pill.getAttribute("aria-pressed")).toBe("true");
  await user.click(screen.getByTestId("who-reacted"));
  expect((await screen.findByTestId("reacted-one")).textContent).toContain("Bo");
  chat().sheet = null;
  await user.click(await screen.findByTestId("reaction"));
  await waitFor(() => expect(screen.queryByTestId("reaction")).toBeNull());
  expect(client.world.room(7).messages.at(-1)?.reactions).toEqual([]);
}, PATIENCE);

test("who only reads presses no reaction", async () => {
  await openRows((client) => {
    furnished(client);
    const message = client.world.room(7).messages.at(-1);
    const reactions = [{ emoji: "👍", picture: null, count: 12, own: false, names: ["Bo", "Cyd"] }];
    client.world.change(7, message?.client_id ?? "", { reactions, can_react: false });
  });
  const pill = (await screen.findByTestId("reaction")) as HTMLButtonElement;
  expect(pill.disabled).toBe(true);
  expect(pill.title).toBe("Bo, Cyd and 10 more");
  expect(within(await newest()).queryByTestId("react")).toBeNull();
}, PATIENCE);

test("what is pinned is marked, listed, and found from the list", async () => {
  const { chat } = await openRows(furnished);
  const user = userEvent.setup();
  await user.click(within(await newest()).getByTestId("pin"));
  expect(await screen.findByTestId("pinned")).toBeTruthy();
  await user.click(screen.getByTestId("show-pins"));
  const pick = await screen.findByTestId("pick");
  expect(pick.textContent).toContain("third");
  await user.click(pick);
  await waitFor(() => expect(chat().sheet).toBeNull());
  await user.click(within(await newest()).getByTestId("pin"));
  await waitFor(() => expect(screen.queryByTestId("pinned")).toBeNull());
}, PATIENCE);

test("a message is forwarded to another room, with its author's name or without", async () => {
  const { client, chat } = await openRows((client) => {
    furnished(client);
    client.world.addRoom({ id: 8, name: "design" });
  });
  const user = userEvent.setup();
  for (const withAuthor of [true, false]) {
    await user.click(within(await newest()).getByTestId("forward"));
    if (!withAuthor) await user.click(await screen.findByTestId("with-author"));
    await user.type(await screen.findByTestId("pick-query"), "desi{Enter}");
    await waitFor(() => expect(chat().sheet).toBeNull());
  }
  const there = client.world.room(8).messages.map((message) => [message?.text, message?.forwarded_from]);
  expect(there).toEqual([["third", "Bo"], ["third", null]]);
}, PATIENCE);

test("an edited message shows what it said before", async () => {
  await openRows((client) => {
    furnished(client);
    const message = client.world.room(7).messages.at(-1);
    client.world.change(7, message?.client_id ?? "", { edited: true });
  });
  const user = userEvent.setup();
  await user.click(within(await newest()).getByTestId("show-history"));
  const versions = await screen.findAllByTestId("version");
  expect(versions.map((version) => version.querySelector("p")?.textContent)).toEqual(["as it was", "third"]);
}, PATIENCE);
