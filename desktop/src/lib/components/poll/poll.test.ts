import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open, openRows } from "../../../testing/app";
import type { NewPollForm } from "../../api/generated/NewPollForm";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

const tea: NewPollForm = {
  question: "Tea?",
  options: ["yes", "no"],
  ends: "",
  multiple: false,
  anonymous: false,
  hidden: false,
};

const words = (element: HTMLElement | undefined): string => (element?.textContent ?? "").replace(/\s+/gu, " ").trim();

test("a poll is made from the composer's side, and voted in by a press", async () => {
  const { chat } = await openRows(furnished);
  const user = userEvent.setup();
  chat().sheet = { kind: "make-poll" };
  await user.type(await screen.findByTestId("poll-question"), "Tea?");
  const ask = screen.getByTestId("send-poll") as HTMLButtonElement;
  const [one, two] = screen.getAllByTestId("poll-new-option") as [HTMLElement, HTMLElement];
  await user.type(one, "yes");
  expect(ask.disabled).toBe(true);
  await user.type(two, "no");
  await user.click(screen.getByTestId("poll-more"));
  expect(screen.getAllByTestId("poll-new-option").length).toBe(3);
  await user.click(ask);
  await waitFor(() => expect(chat().sheet).toBeNull());
  const [yes, no] = (await screen.findAllByTestId("poll-option")) as [HTMLElement, HTMLElement];
  expect(yes.getAttribute("role")).toBe("radio");
  await user.click(yes);
  await waitFor(() => expect(words(screen.getAllByTestId("poll-votes")[0])).toBe("1 · 100%"));
  await user.click(no);
  await waitFor(() => expect(screen.getAllByTestId("poll-option")[1]?.getAttribute("aria-checked")).toBe("true"));
  expect(screen.getAllByTestId("poll-option")[0]?.getAttribute("aria-checked")).toBe("false");
  expect(screen.getAllByTestId("poll-option")[1]?.getAttribute("aria-label")).toBe("no: 1 of 1");
  await user.click(screen.getByTestId("who-voted"));
  expect(words(await screen.findByTestId("voted-one"))).toContain("no");
}, PATIENCE);

test("in a thread it is asked and answered there", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().thread(client.world.message(7003));
  await screen.findByTestId("thread-bar");
  await user.click(screen.getByTestId("also-in-room"));
  await user.click(screen.getByTestId("ask-poll"));
  await user.type(await screen.findByTestId("poll-question"), "Tea?");
  const [one, two] = screen.getAllByTestId("poll-new-option") as [HTMLElement, HTMLElement];
  await user.type(one, "yes");
  await user.type(two, "no");
  await user.click(screen.getByTestId("send-poll"));
  const asked = () => client.world.replies.get(7003)?.[0];
  await waitFor(() => expect(asked()?.poll?.question).toBe("Tea?"));
  expect(asked()?.also_in_room).toBe(true);
  expect(chat().open?.answering.alsoInRoom).toBe(false);
  const message = asked();
  if (message) chat().vote(message, 1);
  await waitFor(() => expect(asked()?.poll?.options[1]?.votes).toBe(1));
}, PATIENCE);

test("a poll is ended after a question, and takes no vote then", async () => {
  await openRows((client) => {
    furnished(client);
    client.world.sendPoll(7, tea);
  });
  const user = userEvent.setup();
  await user.click(await screen.findByTestId("close-poll"));
  await user.click(await screen.findByTestId("confirm-end-poll"));
  await waitFor(() => expect(words(screen.getByTestId("poll-state"))).toContain("the poll is over"));
  expect((screen.getAllByTestId("poll-option")[0] as HTMLButtonElement).disabled).toBe(true);
  expect(screen.queryByTestId("close-poll")).toBeNull();
}, PATIENCE);

test("of a hidden poll no votes are shown, and of an anonymous one nobody", async () => {
  await openRows((client) => {
    furnished(client);
    client.world.sendPoll(7, { ...tea, hidden: true, multiple: true });
  });
  const user = userEvent.setup();
  const [first] = (await screen.findAllByTestId("poll-option")) as [HTMLElement];
  expect(first.getAttribute("role")).toBe("checkbox");
  await user.click(first);
  await waitFor(() => expect(words(screen.getByTestId("poll-state"))).toContain("1 has voted"));
  expect(screen.queryByTestId("poll-votes")).toBeNull();
  expect(screen.queryByTestId("who-voted")).toBeNull();
}, PATIENCE);
