import { screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { MessageView } from "../../api/generated/MessageView";
import { furnished, open, type Opened } from "../../../testing/app";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

function newest({ client }: Opened): MessageView {
  const { items } = client.world.timeline(7, { kind: "newest", count: 5 }, null);
  const last = items.findLast((item) => item.kind === "message");
  if (last?.kind !== "message") throw new Error("there are messages");
  return last;
}

test("a thread is entered, answered with a draft of its own, and left", async () => {
  const opened = await open(furnished);
  const { client, chat } = opened;
  const user = userEvent.setup();
  await user.type(await screen.findByTestId("composer"), "to the room");
  chat().thread(newest(opened));
  await screen.findByTestId("thread-bar");
  expect((screen.getByTestId("composer") as HTMLTextAreaElement).value).toBe("");
  await user.type(screen.getByTestId("composer"), "in the thread{Enter}");
  await waitFor(() => expect(client.world.replies.get(7003)?.[0]?.text).toBe("in the thread"));
  await waitFor(() => expect(screen.getByTestId("thread-about").textContent).toContain("1 reply"));
  await user.click(screen.getByTestId("also-in-room"));
  await user.type(screen.getByTestId("composer"), "for all{Enter}");
  await waitFor(() => expect(client.world.replies.get(7003)?.[1]?.also_in_room).toBe(true));
  // Said for one answer at a time.
  await waitFor(() => expect(screen.getByTestId<HTMLInputElement>("also-in-room").checked).toBe(false));
  await user.click(screen.getByTestId("follow-thread"));
  await waitFor(() => expect(newest(opened).thread?.following).toBe(false));
  await user.click(screen.getByTestId("leave-thread"));
  await waitFor(() => expect(screen.queryByTestId("thread-bar")).toBeNull());
  await waitFor(() =>
    expect((screen.getByTestId("composer") as HTMLTextAreaElement).value).toBe("to the room"),
  );
}, PATIENCE);

test("the list of threads leads into them and is read again when they change", async () => {
  const opened = await open(furnished);
  const { client, chat } = opened;
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().sheet = { kind: "threads" };
  expect((await screen.findByTestId("threads")).textContent).toContain("There is none yet");
  client.world.replyIn(7, 7003, "a reply", false);
  const choice = await within(screen.getByTestId("threads")).findByText(/Bo: third/);
  await user.click(choice);
  await screen.findByTestId("thread-bar");
  expect(chat().open?.thread).toBe(7003);
}, PATIENCE);

test("the address of a message leads to it, and others lead out", async () => {
  const { client, chat } = await open(furnished);
  await screen.findByTestId("composer");
  await chat().follow("https://chat.example.org/go/7/7001");
  expect(chat().open?.timeline.target).toBe(1);
  await chat().follow("https://example.org/");
  expect(client.world.opened).toEqual(["https://example.org/"]);
}, PATIENCE);
