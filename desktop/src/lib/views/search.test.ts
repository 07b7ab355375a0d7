import { screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Hit } from "../api/generated/Hit";
import { furnished, open } from "../../testing/app";

const far: Hit = {
  room_id: 7,
  room_name: "general",
  message_id: 900,
  seq: 2,
  sender: "Cy",
  blocked: false,
  at: "2026-01-01T00:00:00.000Z",
  text: "a second far away",
  matches: [[2, 8]],
  thread_id: null,
  found_in: "on_server",
};

test("what is here and what the server finds stand together, with marks", async () => {
  const { client } = await open((client) => {
    furnished(client);
    client.world.onServer = [far];
  });
  const user = userEvent.setup();
  await user.click(await screen.findByTestId("search"));
  await user.type(screen.getByTestId("search-query"), "second");
  await waitFor(() => expect(screen.getAllByTestId("hit")).toHaveLength(2));
  const [first, last] = screen.getAllByTestId("hit");
  expect(first?.textContent).toContain("on the server");
  expect(first?.querySelector("mark")?.textContent).toBe("second");
  expect(last?.querySelector("mark")?.textContent).toBe("second");
  client.world.setOnline(false);
  await user.type(screen.getByTestId("search-query"), "{Backspace}");
  expect((await screen.findByTestId("search-note")).textContent).toContain("Only this machine");
  await user.click(screen.getAllByTestId("hit")[0] as HTMLElement);
  expect(screen.queryByTestId("search-panel")).toBeNull();
});

test("what is found of somebody blocked is folded", async () => {
  await open((client) => {
    furnished(client);
    client.world.onServer = [{ ...far, blocked: true }];
  });
  const user = userEvent.setup();
  await user.click(await screen.findByTestId("search"));
  await user.type(screen.getByTestId("search-query"), "second");
  await waitFor(() => expect(screen.getAllByTestId("hit")).toHaveLength(2));
  const [first, last] = screen.getAllByTestId("hit");
  expect(first?.textContent).toContain("1 message of somebody you blocked");
  expect(first?.textContent).not.toContain("second");
  expect(last?.querySelector("mark")?.textContent).toBe("second");
});

test("a query that makes no sense is told, and Ctrl F opens the search", async () => {
  const { client } = await open(furnished);
  await screen.findByTestId("composer");
  const user = userEvent.setup();
  await user.keyboard("{Control>}f{/Control}");
  client.search = async () => {
    throw { kind: "invalid", message: "has: is one of file, link (at character 5)", code: null, fields: {} };
  };
  await user.type(await screen.findByTestId("search-query"), "has:cake");
  expect((await screen.findByTestId("search-problem")).textContent).toContain("at character 5");
});
