import type { Client } from "../api/client";
import type { MessageId } from "../api/generated/MessageId";
import type { ThreadView } from "../api/generated/ThreadView";

/** All of a thread: it has no places that one could load around. */
const ALL = 100_000;

/** What a thread's view says of itself besides its messages. */
export type About = Omit<ThreadView, "timeline">;

/** How answers of a thread go out. */
export interface Answering {
  alsoInRoom: boolean;
}

/**
 * The same client for a view of a thread: what reads, writes and marks a room does it to the thread.
 * Timeline and composer need not know which of the two they stand in.
 */
export function threadClient(
  client: Client,
  thread: MessageId,
  answering: Answering,
  about: (about: About) => void,
): Client {
  return {
    ...client,
    timeline: async (room, window, unreadAfter) => {
      const count = window.kind === "newest" ? window.count : ALL;
      const { timeline, ...rest } = await client.thread(room, thread, count, unreadAfter);
      about(rest);
      return timeline;
    },
    fill: (room) => client.fillThread(room, thread),
    markRead: (room, seq) => client.markThreadRead(room, thread, seq),
    send: (room, written) => {
      const { alsoInRoom } = answering;
      answering.alsoInRoom = false;
      return client.sendInThread(room, thread, written, alsoInRoom);
    },
    sendPoll: (room, poll) => {
      const { alsoInRoom } = answering;
      answering.alsoInRoom = false;
      return client.sendPollInThread(room, thread, poll, alsoInRoom);
    },
    schedule: () => {
      const message = "in a thread nothing is sent later: go back to the room";
      return Promise.reject({ kind: "invalid", message, code: null, fields: {} });
    },
    draft: (room) => client.draft(room, thread),
    saveDraft: (room, written) => client.saveDraft(room, written, thread),
  };
}
