import type { Client } from "../api/client";
import type { MessageId } from "../api/generated/MessageId";
import type { RoomSummary } from "../api/generated/RoomSummary";
import { CompleterState } from "./completer.svelte";
import { ComposerState } from "./composer.svelte";
import { Members } from "./members.svelte";
import { threadClient, type About, type Answering } from "./thread";
import { TimelineState } from "./timeline.svelte";

/** The room on screen: its timeline, its composer, who is there and who types. */
export class OpenRoom {
  typing = $state.raw<string[]>([]);
  /** Of a thread: what its view says besides the messages; absent until it is read. */
  about = $state.raw<About | null>(null);
  /** Of a thread: whether the next answer is shown in the room, too. */
  readonly answering: Answering = $state({ alsoInRoom: false });
  /** The thread that is shown instead of the room itself. */
  readonly thread: MessageId | null;
  readonly id: number;
  readonly timeline: TimelineState;
  readonly composer: ComposerState;
  readonly completer: CompleterState;
  readonly members: Members;
  readonly #client: Client;

  constructor(
    client: Client,
    room: RoomSummary,
    messageBytes: number,
    report: (error: unknown) => void,
    thread: MessageId | null = null,
  ) {
    this.#client = client;
    this.id = room.id;
    this.thread = thread;
    const own =
      thread === null
        ? client
        : threadClient(client, thread, this.answering, (about) => (this.about = about));
    const unread = thread === null ? room.unread : 0;
    const read = thread === null ? room.read_seq : 0;
    this.timeline = new TimelineState(own, room.id, read, unread, report);
    this.composer = new ComposerState(own, room.id, messageBytes);
    this.completer = new CompleterState(client, room.id);
    this.members = new Members(client, room.id);
  }

  /** Paints from the cache; at the same time the app begins to follow the room. */
  async open(report: (error: unknown) => void): Promise<void> {
    void this.composer.load();
    void this.members.reload();
    if (this.thread !== null) {
      const opened = await this.#client.openThread(this.id, this.thread).catch(report);
      if (opened && opened.unread > 0) this.timeline.unreadFrom(opened.read_seq);
    }
    const first = this.timeline.reload();
    await this.follow().catch(report);
    await first;
  }

  /** Tells the app that this room is on screen; again after the account was reopened. */
  async follow(): Promise<void> {
    await this.#client.openRoom(this.id);
    this.typing = await this.#client.typing(this.id);
  }

  close(): void {
    this.timeline.close();
    this.composer.close();
    this.#client.closeRoom(this.id).catch(() => undefined);
  }
}
