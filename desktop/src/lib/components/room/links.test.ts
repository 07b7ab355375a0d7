import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open } from "../../../testing/app";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

test("a link is made, copied, listed and taken back", async () => {
  const { client, chat } = await open((client) => {
    furnished(client);
    Object.assign(client.world.room(7), { can: ["send", "invite"] });
  });
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().showMembers = true;
  await user.click(await screen.findByTestId("invite-links"));
  await user.type(screen.getByTestId("link-uses"), "no");
  await user.click(screen.getByTestId("make-link"));
  expect((await screen.findByTestId("error")).textContent).toContain("no number of people");
  await user.clear(screen.getByTestId("link-uses"));
  await user.type(screen.getByTestId("link-uses"), "5");
  await user.click(screen.getByTestId("make-link"));
  const text = (await screen.findByTestId("made-link")).textContent;
  await user.click(screen.getByTestId("copy-link"));
  expect(await navigator.clipboard.readText()).toBe(text);
  expect((await screen.findByTestId("link-link-1")).textContent).toContain("5 may still");
  await user.click(screen.getByTestId("revoke-link-1"));
  await waitFor(() => expect(screen.queryByTestId("link-link-1")).toBeNull());
  expect(client.world.linked.size).toBe(0);
}, PATIENCE);

test("a pasted link is looked at, then followed", async () => {
  const { client, chat } = await open((client) => {
    furnished(client);
    client.world.leads.set("https://example.org/join#den", {
      room_id: 77,
      name: "den",
      topic: "quiet",
      server_name: "Example",
      member_count: 3,
    });
  });
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().sheet = { kind: "join" };
  const field = await screen.findByTestId("link-pasted");
  await user.type(field, "https://example.org/join#none");
  await user.click(screen.getByTestId("follow-link"));
  expect((await screen.findByTestId("error")).textContent).toContain("used up or too old");
  await user.clear(field);
  await user.type(field, "https://example.org/join#den");
  await user.click(screen.getByTestId("follow-link"));
  expect((await screen.findByTestId("link-leads-to")).textContent).toContain("3 members");
  expect(chat().open?.id).not.toBe(77);
  await user.click(screen.getByTestId("follow-link"));
  await waitFor(() => expect(chat().open?.id).toBe(77));
  expect(client.world.room(77).name).toBe("den");
}, PATIENCE);
