import { screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { furnished, open } from "../../testing/app";

test("wrong credentials are said at the form, and what was typed stays", async () => {
  await open();
  const user = userEvent.setup();
  await user.type(await screen.findByTestId("server"), "chat.example.org");
  await user.type(screen.getByTestId("username"), "ada");
  await user.type(screen.getByTestId("password"), "wrong");
  await user.click(screen.getByTestId("sign-in"));
  expect((await screen.findByTestId("error")).textContent).toContain("The user name or the password is wrong");
  expect(screen.getByTestId<HTMLInputElement>("username").value).toBe("ada");
});

test("signing in leads to the rooms", async () => {
  await open(({ world }) => void world.addRoom({ id: 7, name: "general" }));
  const user = userEvent.setup();
  await user.type(await screen.findByTestId("server"), "chat.example.org");
  await user.type(screen.getByTestId("username"), "ada");
  await user.type(screen.getByTestId("password"), "correct horse");
  await user.click(screen.getByTestId("sign-in"));
  expect((await screen.findByTestId("room-7")).dataset["roomName"]).toBe("general");
  expect(screen.getByTestId("room-title").textContent).toBe("general");
});

test("where sign-up is closed, the form says whom to ask", async () => {
  await open(({ world }) => (world.registration = "closed"));
  const user = userEvent.setup();
  await user.type(await screen.findByTestId("server"), "chat.example.org");
  await user.click(screen.getByTestId("to-sign-up"));
  await screen.findByTestId("registration-closed");
  expect(screen.getByTestId<HTMLButtonElement>("sign-up").disabled).toBe(true);
});

test("an account without rooms says what to do next", async () => {
  await open(({ world }) => void world.enter("ada"));
  expect((await screen.findByTestId("no-rooms")).textContent).toContain("Join a room");
});

test("unread rooms show their count, and other rooms don't", async () => {
  await open((client) => {
    furnished(client);
    client.world.addRoom({ id: 8, name: "news" });
    client.world.say(8, 2, "read me");
  });
  const news = await screen.findByTestId("room-8");
  await waitFor(() => expect(within(news).getByTestId("unread").textContent).toContain("1"));
  expect(within(screen.getByTestId("room-7")).queryByTestId("unread")).toBeNull();
});

test("a server that asks to wait is quoted at the composer", async () => {
  const { client } = await open(furnished);
  await screen.findByTestId("composer");
  expect(screen.queryByTestId("pause")).toBeNull();
  client.world.tell({ type: "paced", data: { room_id: 7, seconds: 10 } });
  expect((await screen.findByTestId("pause")).textContent).toContain("asks to wait 10 s");
});

test("the connection is said in words, and can be tried at once", async () => {
  const { client } = await open(furnished);
  const connection = await screen.findByTestId("connection");
  expect(connection.dataset["state"]).toBe("live");
  client.world.setOnline(false);
  await waitFor(() => expect(connection.textContent).toContain("Offline: can't reach the server"));
  await userEvent.setup().click(screen.getByTestId("try-now"));
  await waitFor(() => expect(connection.dataset["state"]).toBe("live"));
});

test("Enter sends, Shift-Enter breaks the line", async () => {
  const { client } = await open(furnished);
  const user = userEvent.setup();
  const box = await screen.findByTestId<HTMLTextAreaElement>("composer");
  await user.type(box, "one{Shift>}{Enter}{/Shift}two{Enter}");
  await waitFor(() => expect(client.world.room(7).messages.at(-1)?.text).toBe("one\ntwo"));
  expect(box.value).toBe("");
});

test("calling everybody in a large room asks first, and without the right it is refused", async () => {
  const many = Array.from({ length: 10 }, (_, n) => ({
    user_id: n + 1,
    username: `u${n}`,
    name: `U${n}`,
    role: "member" as const,
    muted_until: null,
    presence: null,
    last_seen: null,
    blocked: false,
    status: null,
  }));
  const { client, chat } = await open((client) => {
    furnished(client);
    client.world.addRoom({ id: 8, name: "hall", members: many, can: ["send", "mention_all"] });
    client.world.addRoom({ id: 9, name: "quiet", members: many });
  });
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  chat().select(8);
  await user.type(await screen.findByLabelText("Message hall"), "lunch, @here?{Enter}");
  await user.click(await screen.findByTestId("confirm-call"));
  await waitFor(() => expect(client.world.room(8).messages.at(-1)?.text).toBe("lunch, @here?"));
  chat().select(9);
  await user.type(await screen.findByLabelText("Message quiet"), "@all{Enter}");
  expect((await screen.findByTestId("call-refused")).textContent).toContain("without @all");
  expect(client.world.room(9).messages).toHaveLength(0);
});

test("drafts are kept by room", async () => {
  const { chat } = await open((client) => {
    furnished(client);
    client.world.addRoom({ id: 8, name: "news" });
  });
  const user = userEvent.setup();
  await user.type(await screen.findByTestId("composer"), "half a thought");
  chat().select(8);
  await waitFor(() => expect(screen.getByTestId<HTMLTextAreaElement>("composer").value).toBe(""));
  chat().select(7);
  await waitFor(() =>
    expect(screen.getByTestId<HTMLTextAreaElement>("composer").value).toBe("half a thought"),
  );
});

test("who types is said, and no longer said", async () => {
  const { client } = await open(furnished);
  const line = await screen.findByTestId("typing");
  client.world.tell({ type: "typing", data: { room_id: 7, names: ["Bo", "Cyd"] } });
  await waitFor(() => expect(line.textContent).toBe("Bo and Cyd are typing…"));
  client.world.tell({ type: "typing", data: { room_id: 99, names: ["Eve"] } });
  client.world.tell({ type: "typing", data: { room_id: 7, names: [] } });
  await waitFor(() => expect(line.textContent).toBe(""));
});

test("Ctrl-K goes to a room by a few letters", async () => {
  const { chat } = await open((client) => {
    furnished(client);
    client.world.addRoom({ id: 8, name: "summer camp" });
  });
  const user = userEvent.setup();
  await screen.findByTestId("composer");
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByTestId("switcher-query"), "suca{Enter}");
  expect(chat().open?.id).toBe(8);
  expect(screen.queryByTestId("switcher")).toBeNull();
});

test("a read-only room has no composer", async () => {
  await open(({ world }) => {
    world.enter("ada");
    world.addRoom({ id: 9, name: "news", kind: "announcement" });
  });
  expect((await screen.findByTestId("read-only")).textContent).toContain("Only moderators write here");
  expect(screen.queryByTestId("composer")).toBeNull();
});

test("a room that is gone is closed and said", async () => {
  const { client } = await open(furnished);
  await screen.findByTestId("composer");
  client.world.removeRoom(7);
  expect((await screen.findByTestId("error")).textContent).toContain("The room is gone");
  expect(screen.queryByTestId("composer")).toBeNull();
});

test("signing out leads to the sign-in form", async () => {
  await open(furnished);
  const user = userEvent.setup();
  await user.click(await screen.findByTestId("account"));
  await user.click(screen.getByTestId("sign-out"));
  await user.click(screen.getByTestId("confirm-sign-out"));
  await screen.findByTestId("welcome");
});

test("joining while offline says so, and keeps the dialog", async () => {
  const { client, chat } = await open(furnished);
  client.world.setOnline(false);
  chat().sheet = { kind: "join" };
  expect((await screen.findByTestId("error")).textContent).toContain("Can't reach the server");
});

test("a name that was begun is completed with Tab, and Enter still sends", async () => {
  const { client } = await open(furnished);
  const user = userEvent.setup();
  const box = await screen.findByTestId<HTMLTextAreaElement>("composer");
  await user.type(box, "hi @b");
  expect((await screen.findByTestId("completion")).textContent).toContain("@bo");
  await user.keyboard("{Tab}");
  await waitFor(() => expect(box.value).toBe("hi @bo "));
  expect(screen.queryByTestId("completions")).toBeNull();
  await user.type(box, "and @c");
  await screen.findByTestId("completions");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(client.world.room(7).messages.at(-1)?.text).toBe("hi @bo and @c"));
  expect(screen.queryByTestId("completions")).toBeNull();
});

test("what is proposed can be chosen with the arrows or left with Escape", async () => {
  await open(furnished);
  const user = userEvent.setup();
  const box = await screen.findByTestId<HTMLTextAreaElement>("composer");
  await user.type(box, "@");
  await screen.findByTestId("completions");
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}{Enter}");
  await waitFor(() => expect(box.value).toBe("@bo "));
  await user.type(box, "@");
  await screen.findByTestId("completions");
  await user.keyboard("{Escape}");
  expect(screen.queryByTestId("completions")).toBeNull();
  expect(box.value).toBe("@bo @");
});
