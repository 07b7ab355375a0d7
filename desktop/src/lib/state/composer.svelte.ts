import { asCommandError, type Client } from "../api/client";
import type { CommandError } from "../api/generated/CommandError";
import type { Lifetime } from "../api/generated/Lifetime";
import type { MessageView } from "../api/generated/MessageView";
import type { RoomId } from "../api/generated/RoomId";

/** How long after the last key a draft is written to disk, in milliseconds. */
const SAVE_AFTER_MS = 400;
/** How often the app is told that somebody types, in milliseconds. */
const TYPING_EVERY_MS = 1500;
/** How near the limit the count is shown, in bytes. */
const NEAR = 1024;

const encoder = new TextEncoder();

/** What is being written in one room. */
export class ComposerState {
  text = $state("");
  replyTo = $state.raw<MessageView | null>(null);
  error = $state.raw<CommandError | null>(null);
  /** How long the next message stays; as usual in the room if absent. */
  lifetime = $state.raw<Lifetime | null>(null);

  readonly limit: number;
  /** Bytes left; negative beyond the limit. */
  readonly left: number = $derived.by(() => this.limit - encoder.encode(this.text).length);
  readonly isNear = $derived(this.left < NEAR);
  readonly canSend = $derived(this.text.trim() !== "" && this.left >= 0);

  readonly #client: Client;
  readonly #room: RoomId;
  #touched = false;
  #saving: ReturnType<typeof setTimeout> | undefined;
  #typingAt = 0;

  constructor(client: Client, room: RoomId, limit: number) {
    this.#client = client;
    this.#room = room;
    this.limit = limit;
  }

  /** Brings back the draft, unless something was typed meanwhile. */
  async load(): Promise<void> {
    try {
      const draft = await this.#client.draft(this.#room);
      if (!this.#touched) this.text = draft;
    } catch (thrown) {
      this.error = asCommandError(thrown);
    }
  }

  /** The user changed the text. */
  typed(text: string): void {
    this.#touched = true;
    this.text = text;
    this.error = null;
    this.#saveSoon();
    const now = performance.now();
    if (text === "") this.#stopTyping();
    else if (now - this.#typingAt > TYPING_EVERY_MS) {
      this.#typingAt = now;
      this.#client.setTyping(this.#room, true).catch(() => undefined);
    }
  }

  /** Puts text before what stands there, for example of a discarded message. */
  restore(text: string): void {
    this.typed(this.text === "" ? text : `${text}\n${this.text}`);
  }

  /** Answers whether the message is safely in the outbox; if not, the text is still here. */
  async send(): Promise<boolean> {
    if (!this.canSend) return false;
    const { text, replyTo, lifetime } = this;
    this.#touched = true;
    this.text = "";
    this.replyTo = null;
    this.lifetime = null;
    this.error = null;
    this.#stopTyping();
    try {
      await this.#client.send(this.#room, text, replyTo?.message_id ?? null, lifetime);
      await this.flush();
      return true;
    } catch (thrown) {
      this.restore(text);
      this.replyTo ??= replyTo;
      this.lifetime ??= lifetime;
      this.error = asCommandError(thrown);
      return false;
    }
  }

  /** Keeps it until its time; fails with the text still here. */
  async later(when: string): Promise<void> {
    const { text, replyTo } = this;
    await this.#client.schedule(this.#room, text, replyTo?.message_id ?? null, when);
    this.#touched = true;
    if (this.text === text) this.text = "";
    this.replyTo = null;
    this.#stopTyping();
    await this.flush();
  }

  /** Writes the draft now: the room is left, or the window. */
  async flush(): Promise<void> {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (!this.#touched) return;
    try {
      await this.#client.saveDraft(this.#room, this.text);
    } catch (thrown) {
      this.error = asCommandError(thrown);
    }
  }

  /** The room is left. */
  close(): void {
    this.#stopTyping();
    if (this.#saving !== undefined) void this.flush();
  }

  #saveSoon(): void {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => void this.flush(), SAVE_AFTER_MS);
  }

  #stopTyping(): void {
    if (this.#typingAt === 0) return;
    this.#typingAt = 0;
    this.#client.setTyping(this.#room, false).catch(() => undefined);
  }
}
