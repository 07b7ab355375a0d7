import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Block } from "../../api/generated/Block";
import type { Cell } from "../../api/generated/Cell";
import type { MessageView } from "../../api/generated/MessageView";
import { fake, type FakeClient } from "../../api/fake";
import { plain, span } from "../../api/fake-world";
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
  const link = plain("the site", { link: "https://example.org/x" });
  const { client } = await show(({ world }) => ({ ...world.say(7, 2, ""), body: link }));
  expect(screen.getByRole("link").title).toBe("https://example.org/x");
  await userEvent.setup().click(screen.getByRole("link"));
  expect(client.world.opened).toEqual(["https://example.org/x"]);
});

function said(blocks: Block[]): (client: FakeClient) => MessageView {
  return ({ world }) => ({ ...world.say(7, 2, ""), body: { blocks, jumbo: false } });
}

test("marks become elements, and text keeps its own spaces", async () => {
  const spans = [
    span("a "),
    span("bold", { bold: true, italic: true }),
    span(" \n"),
    span("@ada", { mention: "me" }),
    span(" `x`", { code: true }),
  ];
  await show(said([{ kind: "paragraph", spans }]));
  expect(screen.getByTestId("message-text").textContent?.trim()).toBe("a bold \n@ada `x`");
  expect(document.querySelector("strong > em")?.textContent).toBe("bold");
  expect(screen.getByTestId("mention").className).toContain("me");
});

test("a spoiler is covered until it is pressed, and can be covered again", async () => {
  const spans = [span("the "), span("but", { spoiler: 1 }), span("ler", { spoiler: 1, bold: true })];
  await show(said([{ kind: "paragraph", spans }]));
  expect(screen.getByTestId("message-text").textContent).not.toContain("but");
  const user = userEvent.setup();
  screen.getByTestId("spoiler").focus();
  await user.keyboard("{Enter}");
  expect(screen.getByTestId("message-text").textContent).toContain("the butler");
  await user.click(screen.getByTestId("cover"));
  expect(screen.getByTestId("message-text").textContent).not.toContain("butler");
});

test("code is copied as it stands", async () => {
  const text = "fn a() {\n    <b>\n}";
  await show(said([{ kind: "code", language: "rust", text }]));
  expect(document.querySelector("pre")?.textContent).toBe(text);
  const user = userEvent.setup();
  await user.click(screen.getByTestId("copy-code"));
  expect(await navigator.clipboard.readText()).toBe(text);
  expect(screen.getByTestId("copy-code").textContent?.trim()).toBe("Copied");
});

test("lists, tables, quotes and headings are what they are to a screen reader", async () => {
  const paragraph = (text: string): Block => ({ kind: "paragraph", spans: [span(text)] });
  const cell = (text: string): Cell => ({ spans: [span(text)] });
  await show(
    said([
      { kind: "heading", level: 1, spans: [span("Head")] },
      { kind: "quote", blocks: [paragraph("quoted")] },
      {
        kind: "list",
        start: 3,
        items: [
          { done: null, blocks: [paragraph("three")] },
          { done: true, blocks: [paragraph("four")] },
        ],
      },
      { kind: "table", columns: ["left", "right"], head: [cell("a"), cell("b")], rows: [[cell("c"), cell("d")]] },
      { kind: "rule" },
    ]),
  );
  expect(screen.getByRole("heading", { level: 3 }).textContent?.trim()).toBe("Head");
  expect(document.querySelector("blockquote")?.textContent?.trim()).toBe("quoted");
  expect(screen.getByRole("list").getAttribute("start")).toBe("3");
  expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "Done" }).checked).toBe(true);
  expect(screen.getAllByRole("columnheader").map((head) => head.textContent?.trim())).toEqual(["a", "b"]);
  expect(screen.getAllByRole("cell").map((one) => one.textContent?.trim())).toEqual(["c", "d"]);
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
