import { screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open } from "../../../testing/app";
import type { FakeClient } from "../../api/fake";
import { lasting } from "./lasting";

/** Milliseconds for a test of many clicks, also on a busy machine. */
const PATIENCE = 30_000;

function moderating(client: FakeClient): void {
  furnished(client);
  client.world.room(7).can = ["send", "moderate"];
}

test("figures are shown as charts with a table behind each, over the time one chooses", async () => {
  await open(moderating);
  const user = userEvent.setup();
  await user.click(await screen.findByTestId("show-analytics"));
  const sheet = await screen.findByTestId("analytics");
  expect((await within(sheet).findByTestId("span")).textContent).toContain("2026-01-01 to 2026-01-02, UTC");
  const charts = within(sheet).getAllByTestId("chart");
  expect(charts.length).toBe(7);
  for (const chart of charts) expect(chart.querySelector("table caption")).not.toBeNull();
  expect(within(sheet).getAllByTestId("figure")[0]?.textContent).toBe("3");
  await user.click(screen.getByTestId("range-365"));
  expect(screen.getByTestId("range-365").getAttribute("aria-pressed")).toBe("true");
  await within(sheet).findByTestId("span");
}, PATIENCE);

test("without a link figures say so, and without messages they say that", async () => {
  const { client, chat } = await open((client) => {
    moderating(client);
    client.world.addRoom({ id: 8, name: "empty" });
  });
  await screen.findByTestId("composer");
  client.world.setOnline(false);
  chat().sheet = { kind: "analytics" };
  expect((await screen.findByTestId("error")).textContent).toContain("reach the server");
  client.world.setOnline(true);
  chat().sheet = null;
  chat().select(8);
  chat().sheet = { kind: "analytics" };
  await screen.findByTestId("no-figures");
}, PATIENCE);

test("who doesn't look after a room is offered no figures of it", async () => {
  await open((client) => {
    furnished(client);
    client.world.room(7).can = ["send"];
  });
  await screen.findByTestId("composer");
  expect(screen.queryByTestId("show-analytics")).toBeNull();
});

test("a room is exported, never over a file that is there, and it can be stopped", async () => {
  const { client } = await open(furnished);
  const user = userEvent.setup();
  await user.click(await screen.findByTestId("export-room"));
  await user.selectOptions(screen.getByTestId("export-format"), "markdown");
  await user.type(screen.getByTestId("export-path"), "~/general.md");
  await user.click(screen.getByTestId("start-export"));
  await waitFor(() => expect(screen.getByTestId("exported").textContent).toContain("~/general.md"));
  expect([...client.world.files]).toEqual(["~/general.md"]);
  await user.click(screen.getByTestId("start-export"));
  expect((await screen.findByTestId("error")).textContent).toContain("is there already");
  client.world.exportsGoOn = false;
  await user.click(screen.getByTestId("export-force"));
  await user.click(screen.getByTestId("start-export"));
  await user.click(await screen.findByTestId("stop-export"));
  expect((await screen.findByTestId("error")).textContent).toContain("was stopped");
}, PATIENCE);

test("without a link what is on the machine is exported, and what is missing is said", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  client.world.setOnline(false);
  chat().sheet = { kind: "export" };
  await user.click(await screen.findByTestId("start-export"));
  await waitFor(() => expect(screen.getByTestId("exported").textContent).toContain("3 messages are not on this machine"));
}, PATIENCE);

test("everything about oneself is exported from the account", async () => {
  const { client, chat } = await open(furnished);
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().sheet = { kind: "account" };
  await user.click(await screen.findByTestId("export-me"));
  await user.click(await screen.findByTestId("start-export"));
  await waitFor(() => expect(client.world.files.has("~/me.json")).toBe(true));
}, PATIENCE);

test("times are told in a unit that people read", () => {
  expect([null, 45, 180, 86_400].map(lasting)).toEqual(["not known", "45 s", "3 min", "24 h"]);
});
