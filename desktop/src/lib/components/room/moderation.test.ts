import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open } from "../../../testing/app";
import type { FakeClient } from "../../api/fake";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

/** The room of `furnished`, looked after by this user. */
function ruled(client: FakeClient): void {
  furnished(client);
  Object.assign(client.world.room(7), {
    role: "owner",
    can: ["send", "react", "invite", "moderate", "manage"],
  });
}

test("a moderator mutes somebody, and lifts it", async () => {
  const { client, chat } = await open(ruled);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().showMembers = true;
  await user.click(await screen.findByTestId("moderate-2"));
  await user.type(screen.getByTestId("hours"), "nothing");
  await user.click(screen.getByTestId("mute"));
  expect((await screen.findByTestId("error")).textContent).toContain("no number of hours");
  await user.clear(screen.getByTestId("hours"));
  await user.click(screen.getByTestId("mute"));
  const bo = () => client.world.room(7).members.find((member) => member.user_id === 2);
  await waitFor(() => expect(bo()?.muted_until).not.toBeNull());
  await waitFor(() => expect(screen.getByTestId("member-2").textContent).toContain("muted"));
  await user.click(screen.getByTestId("moderate-2"));
  await user.click(screen.getByTestId("unmute"));
  await waitFor(() => expect(bo()?.muted_until).toBeNull());
}, PATIENCE);

test("who is banned is listed in the room's settings, and let in again there", async () => {
  const { client, chat } = await open(ruled);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().showMembers = true;
  await user.click(await screen.findByTestId("moderate-2"));
  await user.type(screen.getByTestId("reason"), "spam");
  await user.click(screen.getByTestId("ban"));
  await waitFor(() => expect(screen.queryByTestId("member-2")).toBeNull());
  chat().sheet = { kind: "room" };
  expect((await screen.findByTestId("bans")).textContent).toContain("Bo: spam");
  await user.click(screen.getByTestId("unban-2"));
  await waitFor(() => expect(client.world.room(7).bans).toEqual([]));
}, PATIENCE);

test("slow mode and an archive are set, and members see them", async () => {
  const { client, chat } = await open(ruled);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().sheet = { kind: "room" };
  const slow = await screen.findByTestId("room-slow");
  await user.clear(slow);
  await user.type(slow, "30");
  await user.click(screen.getByTestId("room-writes"));
  await user.click(screen.getByTestId("save-room"));
  await waitFor(() => expect(client.world.room(7).slowModeS).toBe(30));
  expect(client.world.room(7).writers).toBe("moderator");
  Object.assign(client.world.room(7), { can: ["send", "react"] });
  client.world.tell({ type: "rooms" });
  expect((await screen.findByTestId("slow-mode")).textContent).toContain("30 s");
  Object.assign(client.world.room(7), { isArchived: true });
  client.world.tell({ type: "rooms" });
  expect((await screen.findByTestId("read-only")).textContent).toContain("archived");
});

test("who looks after nothing sees no way to", async () => {
  const { chat } = await open(furnished);
  await screen.findByTestId("composer");
  chat().showMembers = true;
  await screen.findByTestId("member-2");
  expect(screen.queryByTestId("moderate-2")).toBeNull();
});
