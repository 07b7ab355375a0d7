import type { Client } from "../api/client";
import type { RoomSummary } from "../api/generated/RoomSummary";
import { CompleterState } from "./completer.svelte";
import { ComposerState } from "./composer.svelte";
import { Members } from "./members.svelte";
import { TimelineState } from "./timeline.svelte";

/** The room on screen: its timeline, its composer, who is there and who types. */
export class OpenRoom {
  typing = $state.raw<string[]>([]);
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
  ) {
    this.#client = client;
    this.id = room.id;
    this.timeline = new TimelineState(client, room.id, room.read_seq, room.unread, report);
    this.composer = new ComposerState(client, room.id, messageBytes);
    this.completer = new CompleterState(client, room.id);
    this.members = new Members(client, room.id);
  }

  /** Paints from the cache; at the same time the app begins to follow the room. */
  async open(report: (error: unknown) => void): Promise<void> {
    void this.composer.load();
    void this.members.reload();
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
