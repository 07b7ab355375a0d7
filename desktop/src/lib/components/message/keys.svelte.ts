import { tick } from "svelte";
import type { MessageView } from "../../api/generated/MessageView";
import type { Chat } from "../../state/chat.svelte";
import type { OpenRoom } from "../../state/room.svelte";
import type { Viewport } from "./viewport.svelte";

/** The timeline by keyboard: up and down walk over messages, letters act on the current one. */
export class Keys {
  /** The message that the keys act on. */
  current = $state<string | null>(null);

  readonly #chat: Chat;
  readonly #open: OpenRoom;
  readonly #viewport: Viewport;

  constructor(chat: Chat, open: OpenRoom, viewport: Viewport) {
    this.#chat = chat;
    this.#open = open;
    this.#viewport = viewport;
  }

  pressed(event: KeyboardEvent): void {
    const from = event.target as HTMLElement;
    if (from.closest("textarea, input, button") || event.ctrlKey || event.metaKey || event.altKey) return;
    this.#viewport.taken();
    if (this.#act(event.key)) event.preventDefault();
  }

  #act(key: string): boolean {
    const { timeline, composer } = this.#open;
    if (key === "ArrowUp" || key === "k") return this.#move(-1);
    if (key === "ArrowDown" || key === "j") return this.#move(1);
    const message = this.current === null ? undefined : timeline.message(this.current);
    if (!message) return false;
    const isThere = message.message_id !== null && !message.deleted;
    const isAsked = this.#chat.room?.request === "received";
    if (key === "r" && isThere && !isAsked) composer.reply(message);
    else if (key === "+" && message.can_react) this.#chat.sheet = { kind: "react", message };
    else if (key === "w" && message.reactions.length > 0) this.#chat.sheet = { kind: "reacted", message };
    else if (/^[1-9]$/u.test(key) && message.poll?.can_vote) this.#vote(message, Number(key) - 1);
    else if (key === "V" && message.poll && !message.poll.anonymous) this.#chat.sheet = { kind: "voted", message };
    else if (key === "f" && isThere) this.#chat.sheet = { kind: "forward", message };
    else if (key === "s" && message.blocked) this.#chat.unfold(message);
    else if (key === "B" && !message.own) this.#chat.block(message.sender_id, message.sender, message.blocked);
    else if (key === "t" && (this.#open.thread !== null || message.can_answer || message.thread_id))
      this.#chat.thread(message);
    else if (key === "Y" && isThere) this.#chat.copyLink(message).catch(this.#chat.report);
    else if (key === "z" && isThere) this.#chat.sheet = { kind: "remind", message };
    else if (key === "!" && isThere && !message.own) this.#chat.sheet = { kind: "report", message, name: message.sender };
    else if (key === "p" && message.can_pin) this.#chat.pin(message);
    else if (key === "h" && message.edited) this.#chat.sheet = { kind: "history", message };
    else if (key === "e" && message.can_edit) timeline.editing = message.key;
    else if (key === "d" && message.can_delete) this.#chat.sheet = { kind: "delete", message };
    else if (key === "Escape") this.current = null;
    else return false;
    return true;
  }

  #vote(message: MessageView, place: number): void {
    const isFolded = message.blocked && !this.#chat.unfolded.has(message.key);
    if (!isFolded && message.poll?.options[place]) this.#chat.vote(message, place);
  }

  #move(by: 1 | -1): boolean {
    const { items } = this.#open.timeline;
    const messages = items.filter((item) => item.kind === "message") as MessageView[];
    const at = messages.findIndex((message) => message.key === this.current);
    const inView = messages.findIndex((message) => message.seq === this.#viewport.lastSeen);
    const next = messages[at < 0 ? (inView < 0 ? messages.length - 1 : inView) : at + by];
    if (!next) return false;
    this.current = next.key;
    const index = items.findIndex((item) => item.kind === "message" && item.key === next.key);
    this.#viewport.list?.scrollToIndex(index, { align: "nearest" });
    void tick().then(() => {
      const row = this.#viewport.root?.querySelector<HTMLElement>(`[data-row="${CSS.escape(next.key)}"]`);
      row?.focus({ preventScroll: true });
    });
    return true;
  }
}
