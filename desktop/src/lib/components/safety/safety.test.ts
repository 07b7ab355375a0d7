import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open, openRows } from "../../../testing/app";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

test("who is blocked is folded, opened one by one, and blocked no longer", async () => {
  const { client, chat } = await openRows(furnished);
  const user = userEvent.setup();
  const [button] = await screen.findAllByTestId("block-sender");
  await user.click(button as HTMLElement);
  await user.type(await screen.findByTestId("block-reason"), "loud");
  await user.click(screen.getByTestId("confirm-block"));
  const folded = await screen.findAllByTestId("folded");
  expect(folded[0]?.textContent).toContain("somebody you blocked");
  expect(client.world.blocked.map((one) => one.reason)).toEqual(["loud"]);
  const [open_] = screen.getAllByTestId("unfold");
  await user.click(open_ as HTMLElement);
  await waitFor(() => expect(screen.queryAllByTestId("folded").length).toBe(folded.length - 1));

  chat().sheet = { kind: "blocks" };
  const blocked = client.world.blocked[0]?.user_id ?? 0;
  await user.click(await screen.findByTestId(`unblock-${blocked}`));
  await waitFor(() => expect(screen.queryAllByTestId("folded")).toEqual([]));
  expect(client.world.blocked).toEqual([]);
}, PATIENCE);

test("an account is erased only by its password and a word, and rests by its password", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().sheet = { kind: "give-up" };
  await user.click(await screen.findByTestId("way-erase"));
  await user.type(screen.getByTestId("give-up-password"), "wrong");
  expect((screen.getByTestId("confirm-give-up") as HTMLButtonElement).disabled).toBe(true);
  await user.type(screen.getByTestId("sure"), "erase");
  await user.click(screen.getByTestId("confirm-give-up"));
  expect((await screen.findByTestId("error")).textContent).toContain("wrong");
  await user.click(screen.getByTestId("way-rest"));
  await user.clear(screen.getByTestId("give-up-password"));
  await user.type(screen.getByTestId("give-up-password"), client.world.password);
  await user.click(screen.getByTestId("confirm-give-up"));
  await waitFor(() => expect(client.world.signedIn).toBeNull());
}, PATIENCE);
