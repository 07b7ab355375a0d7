import { screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { plain, span } from "../../api/fake-world";
import { furnished, openRows } from "../../../testing/app";
import { readPicture, suggested } from "./chosen";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

const file = (name: string, type: string, bytes = 12): File => new File([new Uint8Array(bytes)], name, { type });

test("an emoji is added with its picture before one's eyes, and taken away after a question", async () => {
  const { client, chat } = await openRows(furnished);
  const user = userEvent.setup();
  chat().sheet = { kind: "emoji" };
  expect((await screen.findByTestId("emoji-sheet")).textContent).toContain("There are none");
  expect((screen.getByTestId("add-emoji") as HTMLButtonElement).disabled).toBe(true);
  await user.upload(screen.getByTestId("emoji-file"), file("Party Parrot.png", "image/png"));
  const preview = await screen.findByTestId("emoji-preview");
  expect(preview.querySelector("img")?.src).toMatch(/^data:image\/png;base64,/u);
  expect((screen.getByTestId("emoji-name") as HTMLInputElement).value).toBe("party_parrot");
  await user.click(screen.getByTestId("add-emoji"));
  const row = await screen.findByTestId("emoji-party_parrot");
  expect(row.textContent).toContain("by Ada");
  const shown = (await within(row).findByTestId("custom-emoji")) as HTMLImageElement;
  expect([shown.alt, shown.src.slice(0, 11)]).toEqual([":party_parrot:", "data:image/"]);

  await user.click(screen.getByTestId("remove-emoji-party_parrot"));
  expect(client.world.emoji.emoji.length).toBe(1);
  await user.click(await screen.findByTestId("confirm-remove-emoji"));
  await waitFor(() => expect(screen.queryByTestId("emoji-party_parrot")).toBeNull());
  expect(client.world.emoji.emoji).toEqual([]);
}, PATIENCE);

test("what can't be added says why, at the field that it is about", async () => {
  const { client, chat } = await openRows((client) => {
    furnished(client);
    client.world.addEmoji("owl", "AAAA");
  });
  const user = userEvent.setup();
  chat().sheet = { kind: "emoji" };
  await user.upload(await screen.findByTestId("emoji-file"), file("owl.png", "image/png", 300_000));
  expect((await screen.findByTestId("emoji-sheet")).textContent).toContain("293 KiB, at most 256");
  expect(screen.queryByTestId("emoji-preview")).toBeNull();
  await user.upload(screen.getByTestId("emoji-file"), file("owl.png", "image/png"));
  await user.click(await screen.findByTestId("add-emoji"));
  await waitFor(() => expect(screen.getByTestId("emoji-sheet").textContent).toContain("is there already"));
  expect(client.world.emoji.emoji.length).toBe(1);
}, PATIENCE);

test("who may not add any sees those that there are", async () => {
  const { chat } = await openRows((client) => {
    furnished(client);
    client.world.addEmoji("owl", "AAAA");
    client.world.emoji = { ...client.world.emoji, can_manage: false };
  });
  chat().sheet = { kind: "emoji" };
  await screen.findByTestId("emoji-owl");
  expect(screen.queryByTestId("emoji-file")).toBeNull();
  expect(screen.queryByTestId("remove-emoji-owl")).toBeNull();
}, PATIENCE);

test("messages and reactions show the picture, or the name where there is none", async () => {
  const { client } = await openRows((client) => {
    furnished(client);
    client.world.addEmoji("owl", "AAAA");
    const message = client.world.room(7).messages.at(-1);
    const body = plain("so ");
    body.blocks = [
      { kind: "paragraph", spans: [span("so "), span(":owl:", { emoji: "e0" }), span(":raven:", { emoji: "gone" })] },
    ];
    const reactions = [
      { emoji: ":owl:", picture: "e0", count: 2, own: false, names: ["Bo"] },
      { emoji: ":raven:", picture: null, count: 1, own: false, names: ["Bo"] },
    ];
    client.world.change(7, message?.client_id ?? "", { body, reactions });
  });
  const row = (await screen.findAllByTestId("message")).at(-1) as HTMLElement;
  const text = within(row).getByTestId("message-text");
  expect(((await within(text).findByTestId("custom-emoji")) as HTMLImageElement).alt).toBe(":owl:");
  expect(text.textContent).toBe("so :raven:");
  const [owl, raven] = within(row).getAllByTestId("reaction");
  expect(await within(owl as HTMLElement).findByTestId("custom-emoji")).toBeTruthy();
  expect(raven?.textContent).toContain(":raven:");
  expect(client.world.pictures.size).toBe(1);
}, PATIENCE);

test("a name is proposed from that of the file, and only pictures are read", async () => {
  expect(suggested("Party Parrot (2).GIF")).toBe("party_parrot_2");
  expect(suggested("__x__.png")).toBe("x");
  expect(suggested(`${"a".repeat(40)}.png`)).toHaveLength(32);
  await expect(readPicture(file("x.svg", "image/svg+xml"), 100)).rejects.toMatchObject({ kind: "invalid" });
  await expect(readPicture(file("x.png", "image/png", 101), 100)).rejects.toMatchObject({ kind: "invalid" });
  expect((await readPicture(file("x.png", "image/png", 3), 100)).base64).toBe("AAAA");
});
