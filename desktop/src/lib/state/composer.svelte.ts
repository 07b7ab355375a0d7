import { asCommandError, type Client } from "../api/client";
import type { CommandError } from "../api/generated/CommandError";
import type { Lifetime } from "../api/generated/Lifetime";
import type { AsideView } from "../api/generated/AsideView";
import type { ClientId } from "../api/generated/ClientId";
import type { MessageView } from "../api/generated/MessageView";
import type { NewPollForm } from "../api/generated/NewPollForm";
import type { RoomId } from "../api/generated/RoomId";

/** How long after the last key a draft is written to disk, in milliseconds. */
const SAVE_AFTER_MS = 400;
/** How often the app is told that somebody types, in milliseconds. */
const TYPING_EVERY_MS = 1500;
/** How long after the last key another device's text may take the place, in milliseconds. */
const REST_MS = 3000;
/** How near the limit the count is shown, in bytes. */
const NEAR = 1024;

const encoder = new TextEncoder();

/** The message that will be answered, as far as it is shown. */
export type Answered = Pick<MessageView, "message_id" | "sender" | "text">;

/** What is being written in one room. */
export class ComposerState {
  text = $state("");
  replyTo = $state.raw<Answered | null>(null);
  /** What other devices had written when this took its place. */
  aside = $state.raw<AsideView[]>([]);
  /** Why the other devices don't get it. */
  refused = $state.raw<string | null>(null);
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
  /** Changed since it was last saved. */
  #touched = false;
  /** What the draft is called that stands here. */
  #base: ClientId | null = null;
  /** Ends when no draft is being written. */
  #writing: Promise<void> = Promise.resolve();
  #typedAt = Number.NEGATIVE_INFINITY;
  #looking: ReturnType<typeof setTimeout> | undefined;
  #saving: ReturnType<typeof setTimeout> | undefined;
  #typingAt = 0;

  constructor(client: Client, room: RoomId, limit: number) {
    this.#client = client;
    this.#room = room;
    this.limit = limit;
  }

  /** Shows the draft as it is now, unless somebody is writing here: then it is looked at again. */
  async load(): Promise<void> {
    try {
      const draft = await this.#client.draft(this.#room);
      this.aside = draft.aside;
      this.refused = draft.refused;
      if (draft.text === this.text) {
        this.#base = draft.version;
        if (!this.#touched) this.replyTo = draft.reply;
      } else if (this.#touched) {
        this.#lookLater(REST_MS);
      } else {
        const rest = this.#typedAt + REST_MS - performance.now();
        if (rest > 0) {
          this.#lookLater(rest);
          return;
        }
        this.text = draft.text;
        this.replyTo = draft.reply;
        this.#base = draft.version;
      }
    } catch (thrown) {
      this.error = asCommandError(thrown);
    }
  }

  /** Answers a message with what is written. */
  reply(message: Answered | null): void {
    this.replyTo = message;
    this.#touched = true;
    this.#saveSoon();
  }

  /** Writes what another device had written behind what stands here, or only forgets it. */
  async take(text: AsideView, isWanted: boolean): Promise<void> {
    if (isWanted) this.typed(this.text === "" ? text.text : `${this.text}\n${text.text}`);
    this.aside = this.aside.filter((one) => one.version !== text.version);
    this.#touched = true;
    await this.flush([text.version]);
  }

  /** The user changed the text. */
  typed(text: string): void {
    this.#touched = true;
    this.#typedAt = performance.now();
    this.text = text;
    this.error = null;
    this.#saveSoon();
    const now = this.#typedAt;
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
    this.#stopSaving();
    this.#touched = true;
    this.text = "";
    this.replyTo = null;
    this.lifetime = null;
    this.error = null;
    this.#stopTyping();
    try {
      // A draft that is being written is the message's, too.
      await this.#writing;
      const written = { text, reply_to: replyTo?.message_id ?? null, base: this.#base, forget: [] };
      // The message is what the draft is called that it empties.
      this.#base = await this.#client.send(this.#room, written, lifetime);
      if (this.text === "") this.#touched = false;
      return true;
    } catch (thrown) {
      this.restore(text);
      this.replyTo ??= replyTo;
      this.lifetime ??= lifetime;
      this.error = asCommandError(thrown);
      return false;
    }
  }

  /** Asks everybody; fails with what is written still here. */
  async ask(poll: NewPollForm): Promise<void> {
    await this.#client.sendPoll(this.#room, poll, this.lifetime);
    this.lifetime = null;
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
  flush(forget: ClientId[] = []): Promise<void> {
    const write = this.#write(forget);
    this.#writing = Promise.all([this.#writing, write]).then(() => undefined);
    return write;
  }

  async #write(forget: ClientId[]): Promise<void> {
    this.#stopSaving();
    if (!this.#touched) return;
    this.#touched = false;
    const { text, replyTo } = this;
    try {
      const written = { text, reply_to: replyTo?.message_id ?? null, base: this.#base, forget };
      this.#base = await this.#client.saveDraft(this.#room, written);
    } catch (thrown) {
      this.#touched = true;
      this.error = asCommandError(thrown);
    }
  }

  /** The room is left. */
  close(): void {
    this.#stopTyping();
    clearTimeout(this.#looking);
    if (this.#saving !== undefined) void this.flush();
  }

  #lookLater(ms: number): void {
    clearTimeout(this.#looking);
    this.#looking = setTimeout(() => void this.load(), ms);
  }

  #stopSaving(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
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
