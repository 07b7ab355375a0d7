import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open } from "../../../testing/app";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

test("a status is set by a preset or in one's own words, and taken back", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().sheet = { kind: "status" };
  await user.click(await screen.findByTestId("preset-in a meeting"));
  await waitFor(() => expect(client.world.mine.status?.text).toBe("in a meeting"));
  expect(client.world.mine.status?.until).not.toBeNull();
  await waitFor(() => expect(screen.queryByTestId("status")).toBeNull());

  chat().sheet = { kind: "status" };
  expect((await screen.findByTestId("my-status")).textContent).toContain("📅 in a meeting");
  await user.clear(screen.getByTestId("status-text"));
  await user.type(screen.getByTestId("status-text"), "writing");
  client.world.isOnline = false;
  await user.click(screen.getByTestId("save-status"));
  expect((await screen.findByTestId("error")).textContent).toContain("no network");
  client.world.isOnline = true;
  await user.click(screen.getByTestId("save-status"));
  await waitFor(() => expect(client.world.mine.status?.text).toBe("writing"));

  chat().sheet = { kind: "status" };
  await user.click(await screen.findByTestId("clear-status"));
  await waitFor(() => expect(client.world.mine.status).toBeNull());
}, PATIENCE);

test("do not disturb and invisible are chosen for all devices, for some time or until they are lifted", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().sheet = { kind: "status" };
  await user.selectOptions(await screen.findByTestId("choice-for"), "3600");
  await user.click(screen.getByTestId("choose-do_not_disturb"));
  await waitFor(() => expect(client.world.mine.choice).toBe("do_not_disturb"));
  expect(client.world.mine.choice_until).not.toBeNull();
  await user.click(screen.getByTestId("choose-invisible"));
  await waitFor(() => expect(client.world.mine.choice).toBe("invisible"));
  await user.click(screen.getByTestId("choose-automatic"));
  await waitFor(() => expect(client.world.mine).toMatchObject({ choice: "automatic", choice_until: null }));
  await user.click(screen.getByTestId("hide-last-seen"));
  await waitFor(() => expect(client.world.mine.hides_last_seen).toBe(true));
}, PATIENCE);

test("what others say of themselves stands with their names", async () => {
  const { client, chat } = await open((client) => {
    furnished(client);
    for (const person of client.world.people) {
      person.status = { text: "lunch", emoji: "🍜", until: null };
      person.presence = "do_not_disturb";
    }
  });
  await screen.findByTestId("composer");
  chat().showMembers = true;
  expect((await screen.findByTestId("status-of-2")).textContent).toContain("🍜 lunch");
  expect(screen.getByTestId("member-2").textContent).toContain("do not disturb");
  expect(client.world.isActive).toBe(true);
}, PATIENCE);
