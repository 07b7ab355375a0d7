import { asCommandError, type Client } from "../api/client";
import type { CommandError } from "../api/generated/CommandError";
import type { MemberView } from "../api/generated/MemberView";
import type { RoomId } from "../api/generated/RoomId";
import { Coalesced } from "./coalesced";

/** Who is in the open room. */
export class Members {
  list = $state.raw<MemberView[]>([]);
  loaded = $state(false);
  error = $state.raw<CommandError | null>(null);
  readonly present = $derived(
    this.list.filter((member) => member.presence !== null && member.presence !== "offline").length,
  );

  readonly #client: Client;
  readonly #room: RoomId;
  readonly #reading = new Coalesced(() => this.#read());

  constructor(client: Client, room: RoomId) {
    this.#client = client;
    this.#room = room;
  }

  reload(): Promise<void> {
    return this.#reading.run();
  }

  async #read(): Promise<void> {
    try {
      this.list = await this.#client.members(this.#room);
      this.loaded = true;
      this.error = null;
    } catch (thrown) {
      this.error = asCommandError(thrown);
    }
  }
}
