import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { MessageView } from "../../api/generated/MessageView";
import { fake, type FakeClient } from "../../api/fake";
import { Chat } from "../../state/chat.svelte";
import RowProbe from "../../../testing/RowProbe.svelte";

interface Shown {
  client: FakeClient;
  chat: Chat;
}

async function show(change: (client: FakeClient) => MessageView): Promise<Shown> {
  const client = fake();
  const signedIn = client.world.enter("ada");
  client.world.addRoom({ id: 7, name: "general" });
  const message = change(client);
  const chat = new Chat(client, signedIn, client.world.limits);
  await chat.begin();
  render(RowProbe, { chat, message });
  return { client, chat };
}

test("the text of others is text, never markup", async () => {
  await show(({ world }) => world.say(7, 2, "<img src=x onerror=alert(1)><b>bold</b>"));
  expect(screen.getByTestId("message-text").textContent).toBe("<img src=x onerror=alert(1)><b>bold</b>");
  expect(document.querySelector("img, b")).toBeNull();
});

test("a link opens in the system's browser, not in the window", async () => {
  const { client } = await show(({ world }) => world.say(7, 2, "see https://example.org/x."));
  await userEvent.setup().click(screen.getByRole("link"));
  expect(client.world.opened).toEqual(["https://example.org/x"]);
});

test("only own messages can be edited and deleted", async () => {
  await show(({ world }) => world.say(7, 2, "of Bo"));
  expect(screen.queryByTestId("edit")).toBeNull();
  expect(screen.queryByTestId("delete")).toBeNull();
  expect(screen.getByTestId("reply")).toBeTruthy();
});

test("editing in place saves with Enter", async () => {
  const { client } = await show(({ world }) => world.say(7, 1, "helo"));
  const user = userEvent.setup();
  await user.click(screen.getByTestId("edit"));
  const box = await screen.findByTestId<HTMLTextAreaElement>("edit-input");
  expect(box.value).toBe("helo");
  await user.clear(box);
  await user.type(box, "hello{Enter}");
  await waitFor(() => expect(client.world.room(7).messages[0]).toMatchObject({ text: "hello", edited: true }));
});

test("Escape leaves an edit without changing anything", async () => {
  const { client, chat } = await show(({ world }) => world.say(7, 1, "helo"));
  const user = userEvent.setup();
  await user.click(screen.getByTestId("edit"));
  await user.type(await screen.findByTestId("edit-input"), " there{Escape}");
  await waitFor(() => expect(chat.open?.timeline.editing).toBeNull());
  expect(client.world.room(7).messages[0]).toMatchObject({ text: "helo", edited: false });
});

test("a refused message says why; discarding gives its text back", async () => {
  const { client, chat } = await show(({ world }) => {
    world.refuse = "you were removed";
    world.send(7, "precious words", null);
    return world.room(7).unsent[0] as MessageView;
  });
  expect(screen.getByTestId("message").dataset["delivery"]).toBe("failed");
  expect(screen.getByTestId("failed").textContent).toContain("Not sent: you were removed");
  await userEvent.setup().click(screen.getByTestId("discard"));
  await waitFor(() => expect(chat.open?.composer.text).toBe("precious words"));
  expect(client.world.room(7).unsent).toEqual([]);
});

test("a deleted message keeps its place and shows nothing of its text", async () => {
  await show(({ world }) => ({ ...world.say(7, 2, ""), deleted: true }));
  expect(screen.getByTestId("message-text").textContent).toBe("Message deleted");
  expect(screen.queryByTestId("reply")).toBeNull();
});
