import { asCommandError, type Client } from "../api/client";
import type { CommandError } from "../api/generated/CommandError";
import type { RoomId } from "../api/generated/RoomId";
import type { RoomSummary } from "../api/generated/RoomSummary";
import { Coalesced } from "./coalesced";

/** The list of rooms, as the cache has it. */
export class Rooms {
  list = $state.raw<RoomSummary[]>([]);
  /** Requests of strangers that wait for an answer: in no list but their own, and counted nowhere. */
  requests = $state.raw<RoomSummary[]>([]);
  /** Whether the list was read once; before that it is unknown, not empty. */
  loaded = $state(false);
  error = $state.raw<CommandError | null>(null);

  /** Unread messages of all rooms that aren't silent. */
  readonly unread = $derived(
    this.list.reduce((sum, room) => sum + (room.is_silent ? 0 : room.unread), 0),
  );

  readonly #client: Client;
  readonly #reading = new Coalesced(() => this.#read());

  constructor(client: Client) {
    this.#client = client;
  }

  reload(): Promise<void> {
    return this.#reading.run();
  }

  get(room: RoomId): RoomSummary | undefined {
    return [...this.list, ...this.requests].find((entry) => entry.id === room);
  }

  async #read(): Promise<void> {
    try {
      const all = await this.#client.rooms();
      this.list = all.filter((room) => room.request !== "received");
      this.requests = all.filter((room) => room.request === "received");
      this.loaded = true;
      this.error = null;
    } catch (thrown) {
      this.error = asCommandError(thrown);
    }
  }
}
