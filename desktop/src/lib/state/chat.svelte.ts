import { createContext } from "svelte";
import { SvelteSet } from "svelte/reactivity";
import { asCommandError, type Client } from "../api/client";
import type { AccountInfo } from "../api/generated/AccountInfo";
import type { CommandError } from "../api/generated/CommandError";
import type { Connection } from "../api/generated/Connection";
import type { Limits } from "../api/generated/Limits";
import type { Me } from "../api/generated/Me";
import type { MyPresenceView } from "../api/generated/MyPresenceView";
import type { MessageId } from "../api/generated/MessageId";
import type { MessageView } from "../api/generated/MessageView";
import type { RoomId } from "../api/generated/RoomId";
import type { ScheduledView } from "../api/generated/ScheduledView";
import type { Seq } from "../api/generated/Seq";
import type { SignedIn } from "../api/generated/SignedIn";
import type { UserId } from "../api/generated/UserId";
import type { Update } from "../api/generated/Update";
import { watchIdle } from "./idle";
import { Pictures } from "./pictures";
import { OpenRoom } from "./room.svelte";
import { Rooms } from "./rooms.svelte";

/** What stands in front of everything else. */
export type Sheet =
  | { kind: "create" }
  | { kind: "join" }
  | { kind: "direct" }
  | { kind: "switcher" }
  | { kind: "search" }
  | { kind: "keys" }
  | { kind: "account" }
  | { kind: "sign-in" }
  | { kind: "sign-out" }
  | { kind: "room" }
  | { kind: "invite" }
  | { kind: "links" }
  | { kind: "moderate"; user: UserId }
  | { kind: "block"; user: UserId; name: string }
  | { kind: "blocks" }
  | { kind: "requests" }
  | { kind: "report"; message?: MessageView; user?: UserId; name: string }
  | { kind: "reports" }
  | { kind: "room-audit" }
  | { kind: "room-filters" }
  | { kind: "server-filters" }
  | { kind: "emoji" }
  | { kind: "server-audit" }
  | { kind: "raid" }
  | { kind: "give-up" }
  | { kind: "pins" }
  | { kind: "analytics" | "server-analytics" | "export" | "export-me" }
  | { kind: "threads" | "room-threads" }
  | { kind: "notifications" }
  | { kind: "attention" }
  | { kind: "later" }
  | { kind: "expire" }
  | { kind: "lifetime" }
  | { kind: "status" }
  | { kind: "make-poll" }
  | { kind: "scheduled" }
  | { kind: "remind" | "react" | "forward" | "history" | "reacted" | "voted" | "close-poll" | "delete"; message: MessageView };

/** Everything of the account that is open. */
export class Chat {
  readonly client: Client;
  readonly account: AccountInfo;
  readonly limits: Limits;
  readonly rooms: Rooms;
  readonly pictures: Pictures;

  me = $state.raw<Me>() as Me;
  connection = $state.raw<Connection>({ state: "idle" });
  open = $state.raw<OpenRoom | null>(null);
  /** What one decided of how present one is; absent until it is read. */
  mine = $state.raw<MyPresenceView | null>(null);
  sheet = $state.raw<Sheet | null>(null);
  showMembers = $state(false);
  /** Something went wrong that belongs to no message and no form. */
  trouble = $state.raw<CommandError | null>(null);
  /** The server asks to wait before more is sent to this room. */
  pause = $state.raw<{ room: RoomId; seconds: number } | null>(null);
  /** A report of one's own was closed: shown until it is put away. */
  heardOfReport = $state(false);
  /** Until when the doors of the server are closed, if one may know. */
  raid = $state<string | null>(null);
  /** So many reports wait that one may look after. */
  reports = $state(0);
  /** Everything may be otherwise: so often. */
  everythingChanges = $state(0);
  /** Messages of people one blocks that are open all the same, by key. */
  readonly unfolded = new SvelteSet<string>();
  /** What is to be done later changed so often. */
  scheduledChanges = $state(0);
  /** Threads that one follows, or what is unread in them, changed so often. */
  threadChanges = $state(0);
  /** Reminders that ring and messages that could not be sent, the oldest first. */
  come = $state.raw<ScheduledView[]>([]);
  /** Spoken by screen readers. */
  announcement = $state("");

  readonly isOnline = $derived(
    this.connection.state === "live" || this.connection.state === "syncing",
  );
  /** The open room in the list; absent once it was left. */
  readonly room = $derived.by(() => (this.open ? this.rooms.get(this.open.id) : undefined));

  #wasOpen = false;
  readonly #stopWatching: () => void;

  /** Passed around as a callback. */
  readonly report = (thrown: unknown): void => {
    this.trouble = asCommandError(thrown);
  };

  constructor(client: Client, signedIn: SignedIn, limits: Limits) {
    this.client = client;
    this.account = signedIn.account;
    this.limits = limits;
    this.rooms = new Rooms(client);
    this.pictures = new Pictures(client);
    this.me = signedIn.me;
    this.connection = signedIn.connection;
    this.#stopWatching = watchIdle((active) => void client.setActive(active).catch(this.report));
  }

  /** Paints what is known: the rooms, and the room that was open last time. */
  async begin(): Promise<void> {
    this.#readMine();
    this.#readModeration();
    await this.rooms.reload();
    this.#openFirst();
  }

  /** Answers a message with an emoji, or takes that back; what goes wrong is shown. */
  react(message: MessageView, emoji: string): void {
    if (!this.open) return;
    const on = !message.reactions.some((one) => one.own && one.emoji === emoji);
    const { sender_id, client_id } = message;
    this.client.react(this.open.id, sender_id, client_id, emoji, on).catch(this.report);
  }

  /** Asks whether to block somebody; who is blocked is so no longer, at once. */
  block(user: UserId, name: string, isBlocked: boolean): void {
    if (isBlocked) this.client.unblock(user).catch(this.report);
    else this.sheet = { kind: "block", user, name };
  }

  /** Doesn't want a stranger's request: the room goes away, and they aren't told. */
  async decline(room: RoomId): Promise<void> {
    await this.client.answerRequest(room, false);
    if (this.open?.id === room) this.#leaveRequest();
  }

  #leaveRequest(): void {
    this.leave();
    const next = this.rooms.list[0];
    if (next) this.select(next.id);
  }

  /** Opens a message of somebody whom one blocks, or folds it again. */
  unfold(message: MessageView): void {
    if (!this.unfolded.delete(message.key)) this.unfolded.add(message.key);
  }

  /** Chooses an option of a poll, or takes that back; what goes wrong is shown. */
  vote(message: MessageView, place: number): void {
    if (!this.open || !message.poll?.can_vote) return;
    const { sender_id, client_id, poll } = message;
    const had = poll.options.flatMap((option, at) => (option.own ? [at] : []));
    const kept = poll.multiple ? had.filter((at) => at !== place) : [];
    const chosen = had.includes(place) ? kept : [...kept, place];
    this.client.vote(this.open.id, sender_id, client_id, chosen).catch(this.report);
  }

  /** Keeps a message at hand for the room, or no longer. */
  pin(message: MessageView): void {
    if (!this.open) return;
    const { sender_id, client_id, pinned } = message;
    this.client.pin(this.open.id, sender_id, client_id, !pinned).catch(this.report);
  }

  /** The same account was opened anew: what is on screen stays and is read again. */
  async resume(signedIn: SignedIn): Promise<void> {
    this.me = signedIn.me;
    this.connection = signedIn.connection;
    await this.#everything();
    await this.open?.follow().catch(this.report);
  }

  /** Shows a room, at its newest or unread messages or at a place. */
  select(room: RoomId, at: Seq | null = null): void {
    if (this.open?.id !== room || this.open.thread !== null) {
      const summary = this.rooms.get(room);
      if (!summary) return;
      this.open?.close();
      const next = new OpenRoom(this.client, summary, this.limits.message_bytes, this.report);
      this.open = next;
      this.#wasOpen = true;
      localStorage.setItem(this.#memory, String(room));
      void next.open(this.report);
    }
    if (at !== null) this.open?.timeline.toSeq(at).catch(this.report);
  }

  /** Shows a thread instead of its room, at its unread replies or at a place. */
  enterThread(room: RoomId, thread: MessageId, at: Seq | null = null): void {
    if (this.open?.id !== room || this.open.thread !== thread) {
      const summary = this.rooms.get(room);
      if (!summary) return;
      this.open?.close();
      const { message_bytes } = this.limits;
      const next = new OpenRoom(this.client, summary, message_bytes, this.report, thread);
      this.open = next;
      this.#wasOpen = true;
      void next.open(this.report);
    }
    if (at !== null) this.open?.timeline.toSeq(at).catch(this.report);
  }

  /** From a message into its thread, or from a thread back to where it began. */
  thread(message: MessageView): void {
    if (!this.open) return;
    if (this.open.thread !== null) return this.leaveThread();
    const thread = message.thread_id ?? message.message_id;
    if (thread !== null) this.enterThread(this.open.id, thread, message.thread_id ? message.seq : null);
  }

  leaveThread(): void {
    if (this.open?.thread == null) return;
    const { id, thread, timeline } = this.open;
    const began = timeline.items.find((item) => item.kind === "message" && item.message_id === thread);
    this.select(id, began?.kind === "message" ? began.seq : null);
  }

  /** Shows what stands at a place, in the room or in the thread in which alone it is shown. */
  async goTo(room: RoomId, seq: Seq): Promise<void> {
    const thread = await this.client.threadAt(room, seq);
    if (thread === null) this.select(room, seq);
    else this.enterThread(room, thread, seq);
  }

  /** Shows a message that was found, wherever it stands. */
  show(found: { room_id: RoomId; seq: Seq; thread_id: MessageId | null }): void {
    if (found.thread_id === null) this.select(found.room_id, found.seq);
    else this.enterThread(found.room_id, found.thread_id, found.seq);
  }

  /** Puts the address of a message on the clipboard. */
  async copyLink(message: MessageView): Promise<void> {
    if (!this.open || message.message_id === null) return;
    const link = await this.client.permalink(this.open.id, message.message_id);
    await navigator.clipboard.writeText(link);
    this.announcement = "The link is copied";
  }

  /** Follows an address: to a message of this server here, to all others outside. */
  async follow(href: string): Promise<void> {
    const found = await this.client.findMessage(href);
    if (!found) return this.client.openLink(href);
    this.show(found);
  }

  /** A room that was just made or joined may not be in the list yet. */
  async enter(room: RoomId): Promise<void> {
    await this.rooms.reload();
    this.select(room);
  }

  /** Back to the list. */
  leave(): void {
    this.open?.close();
    this.open = null;
    this.showMembers = false;
  }

  /** The account is closed: nothing of it is asked any more. */
  end(): void {
    this.#stopWatching();
    this.leave();
  }

  heard(update: Update): void {
    switch (update.type) {
      case "connection":
        this.connection = update.data;
        break;
      case "rooms":
        void this.#roomsChanged();
        break;
      case "timeline":
        if (this.open?.id === update.data) void this.open.timeline.reload();
        break;
      case "members":
        if (this.open?.id === update.data) void this.open.members.reload();
        break;
      case "typing":
        if (this.open?.id === update.data.room_id) this.open.typing = update.data.names;
        break;
      case "arrived":
        // What does not ring is silent for those who listen, too.
        if (update.data.rings || this.#isShown(update.data.room_id, update.data.thread_id)) {
          this.#announce(update.data.room_id, update.data.sender, update.data.text);
        }
        break;
      case "draft":
        if (this.open?.id === update.data) void this.open.composer.load();
        break;
      case "attention":
        // Read when its sheet opens.
        break;
      case "refused":
        this.announcement = `Not sent: ${update.data.reason}`;
        break;
      case "paced":
        this.#pause(update.data.room_id, update.data.seconds);
        break;
      case "my_presence":
        this.#readMine();
        break;
      case "threads":
        this.threadChanges += 1;
        break;
      case "reports":
        this.reports = update.data;
        break;
      case "raid":
        this.raid = update.data.until;
        break;
      case "report_closed":
        this.announcement = "Those who moderate have closed your report.";
        this.heardOfReport = true;
        break;
      case "scheduled":
        this.scheduledChanges += 1;
        break;
      case "time_has_come":
        this.come = [...this.come.filter((one) => one.client_id !== update.data.client_id), update.data];
        this.announcement = update.data.error
          ? `Not sent: ${update.data.error}`
          : `Reminder: ${update.data.text || (update.data.about ?? "")}`;
        break;
      case "everything":
        this.scheduledChanges += 1;
        this.everythingChanges += 1;
        this.#readMine();
        this.#readModeration();
        void this.#everything();
        break;
    }
  }

  /** Whether what comes into a room, or only into a thread of it, comes before one's eyes. */
  #isShown(room: RoomId, thread: MessageId | null): boolean {
    return this.open?.id === room && this.open.thread === thread;
  }

  #readModeration(): void {
    this.client.reportsWaiting().then((waiting) => (this.reports = waiting), this.report);
    this.client.raidUntil().then((until) => (this.raid = until), this.report);
  }

  #readMine(): void {
    this.client.myPresence().then((mine) => (this.mine = mine), this.report);
  }

  #pause(room: RoomId, seconds: number): void {
    const pause = { room, seconds };
    this.pause = pause;
    setTimeout(() => {
      if (this.pause === pause) this.pause = null;
    }, seconds * 1000);
  }

  /** Opens a room by itself once: as soon as there are rooms, and never after one was chosen. */
  #openFirst(): void {
    const last = Number(localStorage.getItem(this.#memory));
    const room = this.rooms.list.find((one) => one.id === last) ?? this.rooms.list[0];
    if (this.#wasOpen || !room) return;
    this.select(room.id);
  }

  get #memory(): string {
    return `last-room:${this.account.key}`;
  }

  async #everything(): Promise<void> {
    await Promise.all([
      this.#roomsChanged(),
      this.open?.timeline.reload(),
      this.open?.members.reload(),
      this.open?.composer.load(),
    ]);
  }

  async #roomsChanged(): Promise<void> {
    const wasAsked = this.room?.request === "received";
    await this.rooms.reload();
    if (wasAsked && this.room && this.room.request !== "received") this.open?.timeline.readAgain();
    if (this.open && !this.rooms.error && !this.rooms.get(this.open.id)) {
      if (wasAsked) return this.#leaveRequest();
      this.leave();
      this.report({ kind: "invalid", message: "the room is gone: you left it, were removed, or it was deleted", code: null, fields: {} });
    }
    this.#openFirst();
  }

  #announce(room: RoomId, sender: string, text: string): void {
    const name = this.open?.id === room ? "" : ` in ${this.rooms.get(room)?.name ?? "another room"}`;
    this.announcement = `${sender}${name}: ${text}`;
  }
}

/** How components reach the open account. */
export const [getChat, setChat] = createContext<Chat>();
