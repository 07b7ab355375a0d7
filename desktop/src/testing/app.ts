/** The whole interface over the fake client. */
import { render } from "@testing-library/svelte";
import App from "../App.svelte";
import { fake, type FakeClient } from "../lib/api/fake";
import type { Chat } from "../lib/state/chat.svelte";
import AboutProbe from "./AboutProbe.svelte";
import { Session } from "../lib/state/session.svelte";

export interface Opened {
  client: FakeClient;
  session: Session;
  /** The open account; there must be one. */
  chat: () => Chat;
}

/** Opens the room of {@link furnished} as a plain list of its messages. */
export async function openRows(prepare: (client: FakeClient) => void): Promise<Opened> {
  const client = fake();
  prepare(client);
  const session = new Session(client);
  await session.begin();
  const { chat } = session;
  if (!chat) throw new Error("no account is open");
  render(AboutProbe, { session, chat });
  return { client, session, chat: () => chat };
}

/** Opens the interface; `prepare` furnishes the world before. */
export async function open(prepare: (client: FakeClient) => void = () => undefined): Promise<Opened> {
  const client = fake();
  prepare(client);
  const session = new Session(client);
  render(App, { session });
  await session.begin();
  return {
    client,
    session,
    chat: () => {
      if (!session.chat) throw new Error("no account is open");
      return session.chat;
    },
  };
}

/** Signed in, with one room and a few messages of Bo. */
export function furnished(client: FakeClient): void {
  client.world.enter("ada");
  const room = client.world.addRoom({ id: 7, name: "general" });
  for (const text of ["first", "second", "third"]) client.world.say(room.id, 2, text);
  room.readSeq = 3;
}
