import type { Client } from "../api/client";
import type { Completion } from "../api/generated/Completion";
import type { RoomId } from "../api/generated/RoomId";

/** What is proposed while one writes: people, rooms, emoji. */
export class CompleterState {
  choices = $state.raw<Completion[]>([]);
  selected = $state(0);
  /** One moved in the list: Enter takes the choice instead of sending. */
  moved = $state(false);

  readonly #client: Client;
  readonly #room: RoomId;
  #typed = "";
  #asked = "";

  constructor(client: Client, room: RoomId) {
    this.#client = client;
    this.#room = room;
  }

  get isOpen(): boolean {
    return this.choices.length > 0;
  }

  /** The text before the cursor changed. An answer that comes late is for another text. */
  async look(before: string): Promise<void> {
    this.close();
    this.#asked = before;
    if (!/[@#:]\S*$/u.test(before)) return;
    const { typed, choices } = await this.#client.complete(this.#room, before);
    if (this.#asked !== before) return;
    this.#typed = typed;
    this.choices = choices;
  }

  step(by: number): void {
    const count = this.choices.length;
    this.selected = (this.selected + by + count) % count;
    this.moved = true;
  }

  /** The text with what is chosen in the place of what was begun before the cursor. */
  take(text: string, cursor: number): { text: string; cursor: number } | null {
    const choice = this.choices[this.selected];
    this.close();
    if (!choice || !text.slice(0, cursor).endsWith(this.#typed)) return null;
    const before = text.slice(0, cursor - this.#typed.length) + choice.insert;
    return { text: before + text.slice(cursor), cursor: before.length };
  }

  close(): void {
    this.choices = [];
    this.selected = 0;
    this.moved = false;
    this.#asked = "";
  }
}
