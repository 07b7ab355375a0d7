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

test("a message is reported, looked after, and closed with an outcome", async () => {
  const { client, chat } = await openRows(furnished);
  const user = userEvent.setup();
  const buttons = await screen.findAllByTestId("report");
  await user.click(buttons.at(-1) as HTMLElement);
  await user.selectOptions(await screen.findByTestId("report-kind"), "harassment");
  await user.type(screen.getByTestId("report-words"), "again");
  await user.click(screen.getByTestId("send-report"));
  await screen.findByTestId("reported");
  expect(client.world.reports[0]).toMatchObject({ kind: "harassment", words: "again", user: "Bo" });
  await waitFor(() => expect(chat().reports).toBe(1));
  chat().sheet = { kind: "reports" };
  const row = await screen.findByTestId("report-report-1");
  expect(row.textContent).toContain("third");
  await user.click(screen.getByTestId("take-report-1"));
  await waitFor(() => expect(client.world.reports[0]?.state).toBe("taken"));
  await user.click(screen.getByTestId("decide-report-1"));
  await user.selectOptions(screen.getByTestId("outcome"), "message_deleted");
  await user.type(screen.getByTestId("report-note"), "spam");
  await user.click(screen.getByTestId("close-report"));
  await waitFor(() => expect(client.world.reports[0]).toMatchObject({ state: "closed", outcome: "message_deleted", note: "spam" }));
  await waitFor(() => expect(screen.queryByTestId("report-report-1")).toBeNull());
  expect(chat().reports).toBe(0);
}, PATIENCE);

test("the log is filtered and read further back", async () => {
  const { client, chat } = await openRows(furnished);
  const user = userEvent.setup();
  const actions = ["member.ban", "report.close", "member.mute", "member.add"];
  client.world.log = actions.map((action, n) => ({
    id: String(n),
    at: new Date(0).toISOString(),
    actor: "Ada",
    action,
    user: "Bo",
    room: "general",
    details: "",
  }));
  chat().sheet = { kind: "server-audit" };
  await waitFor(() => expect(screen.getAllByTestId("audit-line").length).toBe(2));
  await user.click(screen.getByTestId("older"));
  await waitFor(() => expect(screen.getAllByTestId("audit-line").length).toBe(4));
  await user.selectOptions(screen.getByTestId("audit-action"), "report");
  await waitFor(() => expect(screen.getAllByTestId("audit-line").length).toBe(1));
}, PATIENCE);

test("the doors are closed for some hours and opened again", async () => {
  const { client, chat } = await openRows(furnished);
  const user = userEvent.setup();
  chat().sheet = { kind: "raid" };
  await user.clear(await screen.findByTestId("raid-hours"));
  expect((screen.getByTestId("close-doors") as HTMLButtonElement).disabled).toBe(true);
  await user.type(screen.getByTestId("raid-hours"), "3");
  await user.click(screen.getByTestId("close-doors"));
  expect((await screen.findByTestId("raid-until")).textContent).toContain("closed until");
  await user.click(screen.getByTestId("open-doors"));
  await screen.findByTestId("close-doors");
  expect(client.world.raid).toBeNull();
}, PATIENCE);

test("a word filter is added, listed and taken away", async () => {
  const { client, chat } = await openRows(furnished);
  const user = userEvent.setup();
  chat().sheet = { kind: "room-filters" };
  await screen.findByText("There is none.");
  await user.type(screen.getByTestId("filter-text"), "darn");
  await user.selectOptions(screen.getByTestId("filter-action"), "mask");
  await user.click(screen.getByTestId("add-filter"));
  expect((await screen.findByTestId("filter-f0")).textContent).toContain("gets asterisks there");
  expect(client.world.filters).toMatchObject([{ kind: "words", text: "darn", action: "mask" }]);
  await user.click(screen.getByTestId("remove-f0"));
  await screen.findByText("There is none.");
  expect(client.world.filters).toEqual([]);
}, PATIENCE);
