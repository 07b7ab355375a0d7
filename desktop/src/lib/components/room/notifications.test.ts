import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open } from "../../../testing/app";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

test("a room is hushed for a while, shows it, and rings again", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  const room = chat().open?.id ?? 0;
  await user.click(screen.getByTestId("show-notifications"));
  await user.click(await screen.findByTestId("level-none"));
  await waitFor(() => expect(client.world.room(room).level).toBe("none"));
  await waitFor(() => expect(screen.getByTestId(`room-${room}`).className).toContain("silent"));
  await user.click(screen.getByTestId("level-usual"));
  await user.type(screen.getByTestId("hush-until"), "2h");
  await user.click(screen.getByTestId("hush"));
  await waitFor(() => expect(client.world.room(room).hushed).toBe("2h"));
  await user.click(await screen.findByTestId("unhush"));
  await waitFor(() => expect(client.world.room(room).hushed).toBeNull());
}, PATIENCE);

test("keywords and quiet hours are kept, and a wrong time says so", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().sheet = { kind: "attention" };
  await waitFor(() =>
    expect((screen.getByTestId("quiet-zone") as HTMLInputElement).value).toBe("Europe/Berlin"),
  );
  await user.type(screen.getByTestId("keywords"), "deploy, release train");
  await user.type(screen.getByTestId("quiet-hours"), "sometimes");
  await user.click(screen.getByTestId("save-attention"));
  expect((await screen.findByTestId("error")).textContent).toContain("no time of quiet");
  await user.clear(screen.getByTestId("quiet-hours"));
  await user.type(screen.getByTestId("quiet-hours"), "daily 22:00-7:00");
  await user.click(screen.getByTestId("save-attention"));
  await waitFor(() => expect(screen.queryByTestId("attention")).toBeNull());
  expect(client.world.attention).toEqual({
    keywords: ["deploy", "release train"],
    quiet: "daily 22:00-7:00",
    time_zone: "Europe/Berlin",
    who_writes: "everybody",
  });
}, PATIENCE);

test("only what rings is said to those who listen", async () => {
  const { client, chat } = await open(furnished);
  await screen.findByTestId("composer");
  const arrived = (rings: "mention" | null) =>
    client.world.tell({
      type: "arrived",
      data: { room_id: 99, sender: "Bo", text: `rings: ${rings}`, thread_id: null, rings },
    });
  arrived(null);
  expect(chat().announcement).toBe("");
  arrived("mention");
  expect(chat().announcement).toContain("rings: mention");
}, PATIENCE);
