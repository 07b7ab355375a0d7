/** What the fake client knows: rooms with messages, some of them not here yet. */
import type { AnalyticsView } from "./generated/AnalyticsView";
import type { Exported } from "./generated/Exported";
import type { ExportProgress } from "./generated/ExportProgress";
import type { NumberView } from "./generated/NumberView";
import type { AppEvent } from "./generated/AppEvent";
import type { AuditLineView } from "./generated/AuditLineView";
import type { EmojiList } from "./generated/EmojiList";
import type { FilterView } from "./generated/FilterView";
import type { BlockView } from "./generated/BlockView";
import type { AttentionView } from "./generated/AttentionView";
import type { BanView } from "./generated/BanView";
import type { Body } from "./generated/Body";
import type { Capability } from "./generated/Capability";
import type { CommandError } from "./generated/CommandError";
import type { Completions } from "./generated/Completions";
import type { DirectoryEntry } from "./generated/DirectoryEntry";
import type { DraftView } from "./generated/DraftView";
import type { ErrorCode } from "./generated/ErrorCode";
import type { Hit } from "./generated/Hit";
import type { Item } from "./generated/Item";
import type { Lifetime } from "./generated/Lifetime";
import type { Level } from "./generated/Level";
import type { LinkPreviewView } from "./generated/LinkPreviewView";
import type { LinkView } from "./generated/LinkView";
import type { MadeLinkView } from "./generated/MadeLinkView";
import type { MemberView } from "./generated/MemberView";
import type { MessageView } from "./generated/MessageView";
import type { ThreadLine } from "./generated/ThreadLine";
import type { ThreadView } from "./generated/ThreadView";
import type { Registration } from "./generated/Registration";
import type { ReportKind } from "./generated/ReportKind";
import type { ReportView } from "./generated/ReportView";
import type { RequestState } from "./generated/RequestState";
import type { RoomKind } from "./generated/RoomKind";
import type { RoomRole } from "./generated/RoomRole";
import type { MyPresenceView } from "./generated/MyPresenceView";
import type { NewPollForm } from "./generated/NewPollForm";
import type { PinView } from "./generated/PinView";
import type { PollOptionView } from "./generated/PollOptionView";
import type { PollView } from "./generated/PollView";
import type { RoomSummary } from "./generated/RoomSummary";
import type { Span } from "./generated/Span";
import type { SetPresenceRequest } from "./generated/SetPresenceRequest";
import type { SignedIn } from "./generated/SignedIn";
import type { ScheduledView } from "./generated/ScheduledView";
import type { Timeline } from "./generated/Timeline";
import type { Trouble } from "./generated/Trouble";
import type { Update } from "./generated/Update";
import type { Window } from "./generated/Window";
import type { Written } from "./generated/Written";

const ME = 1;
/** A composer in which nothing stands. */
export const NOTHING: DraftView = { text: "", reply: null, version: null, aside: [], refused: null };
const BEGIN = Date.UTC(2026, 10, 20, 8);

export interface FakeRoom {
  id: number;
  name: string;
  topic: string;
  kind: RoomKind;
  peer: number | null;
  /** Place minus one is the index; absent ones are holes. */
  messages: (MessageView | undefined)[];
  unsent: MessageView[];
  /** What a fill brings back. */
  missing: Map<number, MessageView>;
  readSeq: number;
  members: MemberView[];
  draft: DraftView;
  /** Every draft that was saved, in order. */
  saved: Written[];
  level: Level;
  hushed: string | null;
  bans: BanView[];
  can: Capability[];
  role: RoomRole;
  slowModeS: number;
  isArchived: boolean;
  writers: RoomRole | null;
  isMuted: boolean;
  request: RequestState;
  lifetime: Lifetime | null;
}

export function refusal(kind: Trouble, message: string, code: ErrorCode | null = null): CommandError {
  return { kind, message, code, fields: {} };
}

export class FakeWorld {
  attention: AttentionView = { keywords: [], quiet: "", time_zone: "Europe/Berlin", who_writes: "everybody" };
  /** Links into rooms, by their text. */
  /** What is to be done later. */
  readonly later = new Map<string, ScheduledView>();
  readonly linked = new Map<string, { room: number; link: LinkView }>();
  blocked: BlockView[] = [];
  reports: ReportView[] = [];
  log: AuditLineView[] = [];
  filters: FilterView[] = [];
  emoji: EmojiList = { can_manage: true, emoji: [] };
  /** Pictures of emoji, as addresses of data. */
  readonly pictures = new Map<string, string>();
  raid: string | null = null;
  /** What a pasted link of another room leads to. */
  readonly leads = new Map<string, LinkPreviewView>();
  readonly limits = {
    message_bytes: 16384,
    poll_question_chars: 300,
    poll_option_chars: 100,
    poll_options: 12,
    emoji_bytes: 262144,
    username_chars: 32,
    display_name_chars: 64,
    password_bytes_min: 8,
    room_name_chars: 80,
    topic_chars: 250,
    called_members: 1000,
    call_asks_members: 10,
  };
  readonly listeners = new Set<(event: AppEvent) => void>();
  readonly opened: string[] = [];
  readonly typed: [number, boolean][] = [];
  readonly people: MemberView[] = ["ada", "bo", "cyd"].map((username, index) => ({
    user_id: index + 1,
    username,
    name: username.charAt(0).toUpperCase() + username.slice(1),
    role: "member",
    muted_until: null,
    presence: index === 2 ? "idle" : "online",
    last_seen: null,
    blocked: false,
    status: null,
  }));
  directory: DirectoryEntry[] = [];
  rooms: FakeRoom[] = [];
  signedIn: SignedIn | null = null;
  isOnline = true;
  /** Somebody is at the machine. */
  isActive = true;
  mine: MyPresenceView = { choice: "automatic", choice_until: null, status: null, hides_last_seen: false };
  password = "correct horse";
  registration: Registration = "open";
  /** Makes the next sends fail with this reason. */
  refuse: string | null = null;
  /** What a search finds on the server alone. */
  onServer: Hit[] = [];
  #next = 100;

  /** Messages that hold the word, newest first. */
  search(query: string): Hit[] {
    const hits = this.rooms.flatMap((room) =>
      room.messages.flatMap((message) => {
        const at = message?.text.indexOf(query.trim()) ?? -1;
        if (!message || at < 0 || message.message_id === null || message.seq === null) return [];
        const hit: Hit = {
          room_id: room.id,
          room_name: room.name,
          message_id: message.message_id,
          seq: message.seq,
          sender: message.sender,
          blocked: message.blocked,
          at: message.at,
          text: message.text,
          matches: [[at, at + query.trim().length]],
          thread_id: null,
          found_in: "everywhere",
        };
        return [hit];
      }),
    );
    return hits.reverse();
  }

  links(room: number): LinkView[] {
    return [...this.linked.values()].filter((made) => made.room === room).map((made) => made.link);
  }

  makeLink(room: number, seconds: number | null, uses: number | null): MadeLinkView {
    const text = `https://example.org/join#code${this.linked.size + 1}`;
    const link: LinkView = {
      id: `link-${this.linked.size + 1}`,
      made_by: "Ada",
      created_at: new Date(BEGIN).toISOString(),
      expires_at: new Date(BEGIN + (seconds ?? 604_800) * 1000).toISOString(),
      used: 0,
      uses_left: uses,
    };
    this.linked.set(text, { room, link });
    return { text, link };
  }

  revokeLink(id: string): void {
    for (const [text, made] of this.linked) {
      if (made.link.id === id) this.linked.delete(text);
    }
  }

  previewLink(text: string): LinkPreviewView {
    const seen = this.leads.get(text.trim());
    if (!seen) throw refusal("refused", "the link is unknown, used up or too old", "invalid_invite");
    return seen;
  }

  changeMember(room: number, user: number, change: Partial<MemberView>): void {
    const held = this.room(room);
    held.members = held.members.map((one) => (one.user_id === user ? { ...one, ...change } : one));
    this.tell({ type: "members", data: room });
  }

  reported(message: number | null, user: number | null, kind: ReportKind, words: string): void {
    const said = this.rooms.flatMap((room) => room.messages).find((one) => one?.message_id === message && message !== null);
    const person = this.people.find((one) => one.user_id === (said?.sender_id ?? user));
    const report: ReportView = {
      id: `report-${this.reports.length + 1}`,
      kind,
      state: "open",
      outcome: null,
      reporter: "Ada",
      user_id: person?.user_id ?? 0,
      user: person?.name ?? "",
      room_id: said ? 7 : null,
      room: said ? "general" : null,
      message_id: message,
      words,
      context: said ? [{ sender: said.sender, text: said.text, at: said.at, reported: true }] : [],
      taken_by: null,
      note: "",
      created_at: new Date(BEGIN).toISOString(),
    };
    this.reports = [...this.reports, report];
    this.#count();
  }

  decideReport(id: string, change: Partial<ReportView>): ReportView {
    this.reports = this.reports.map((one) => (one.id === id ? { ...one, ...change } : one));
    this.#count();
    const found = this.reports.find((one) => one.id === id);
    if (!found) throw refusal("refused", "there is no such report", "not_found");
    return found;
  }

  #count(): void {
    this.tell({ type: "reports", data: this.reports.filter((one) => one.state !== "closed").length });
  }

  /** Blocks somebody, or no longer without a reason. */
  block(user: number, reason: string | null): void {
    const person = this.people.find((one) => one.user_id === user);
    this.blocked = this.blocked.filter((one) => one.user_id !== user);
    if (person && reason !== null) {
      const { user_id, username, name } = person;
      this.blocked = [{ user_id, username, name, reason }, ...this.blocked];
    }
    const blocked = reason !== null;
    for (const room of this.rooms) {
      if (blocked && room.peer === user && room.request === "received") room.request = "declined";
    }
    for (const room of this.rooms) {
      room.messages = room.messages.map((one) => (one?.sender_id === user ? { ...one, blocked } : one));
      room.members = room.members.map((one) => (one.user_id === user ? { ...one, blocked } : one));
    }
    this.tell({ type: "everything" });
  }

  ban(room: number, user: number, reason: string): void {
    const held = this.room(room);
    const out = held.members.find((one) => one.user_id === user);
    if (!out) return;
    const { user_id, username, name } = out;
    held.bans = [{ user_id, username, name, reason, expires_at: null }, ...held.bans];
    held.members = held.members.filter((one) => one !== out);
    this.tell({ type: "members", data: room });
  }

  /** Fails unless it is the password. */
  prove(password: string): void {
    if (password !== this.password) throw refusal("refused", "the password is wrong", "invalid_credentials");
  }

  tell(update: Update): void {
    this.#say({ type: "update", data: update });
  }

  enter(username: string): SignedIn {
    this.signedIn = {
      account: {
        key: `${username}@example`,
        server_url: "https://example",
        username,
        display_name: username,
        user_id: ME,
      },
      me: { id: ME, username, display_name: username, role: "member" },
      connection: { state: "live", latency_ms: 12 },
    };
    this.#say({ type: "account", data: this.signedIn });
    return this.signedIn;
  }

  leave(): void {
    this.signedIn = null;
    this.#say({ type: "account", data: null });
  }

  /** Understands "in 2h" only. */
  schedule(what: Partial<ScheduledView>, when: string): void {
    if (when !== "in 2h") throw refusal("invalid", "when? For example: 9:00, in 2h");
    const room = what.room_id ?? this.rooms[0]?.id ?? 0;
    const row: ScheduledView = {
      client_id: `later-${this.later.size + 1}`,
      kind: "message",
      room_id: room,
      room: this.room(room).name,
      text: "",
      about: null,
      about_seq: null,
      due_at: new Date(Date.now() + 7_200_000).toISOString(),
      local_time: null,
      time_zone: null,
      state: "waiting",
      error: null,
      ...what,
    };
    this.later.set(row.client_id, row);
    this.tell({ type: "scheduled" });
  }

  setOnline(isOnline: boolean): void {
    this.isOnline = isOnline;
    this.tell({
      type: "connection",
      data: isOnline
        ? { state: "live", latency_ms: 12 }
        : { state: "offline", reason: "can't reach the server", retry_at: null },
    });
  }

  addRoom(given: Partial<FakeRoom>): FakeRoom {
    const room: FakeRoom = {
      id: (this.#next += 1),
      name: "room",
      topic: "",
      kind: "group",
      peer: null,
      messages: [],
      unsent: [],
      missing: new Map(),
      readSeq: 0,
      members: this.people,
      draft: NOTHING,
      saved: [],
      level: "usual",
      hushed: null,
      bans: [],
      can: ["send", "react"],
      role: "member",
      slowModeS: 0,
      isArchived: false,
      writers: null,
      isMuted: false,
      request: "none",
      lifetime: null,
      ...given,
    };
    this.rooms.push(room);
    this.tell({ type: "rooms" });
    return room;
  }

  /** What one decides of how present one is. */
  decide(request: SetPresenceRequest): void {
    const until = (seconds: number | null): string | null =>
      seconds === null ? null : new Date(Date.now() + seconds * 1000).toISOString();
    const mine = { ...this.mine };
    if (request.state !== null) {
      const chosen = { do_not_disturb: "do_not_disturb", offline: "invisible" } as const;
      mine.choice = request.state === "do_not_disturb" || request.state === "offline" ? chosen[request.state] : "automatic";
      mine.choice_until = until(request.state_for_s);
    }
    if (request.status !== null) {
      const { text, emoji, for_s } = request.status;
      mine.status = text || emoji ? { text, emoji, until: until(for_s) } : null;
    }
    mine.hides_last_seen = request.hides_last_seen ?? mine.hides_last_seen;
    this.mine = mine;
    this.tell({ type: "my_presence" });
  }

  answerRequest(id: number, accept: boolean): void {
    this.room(id).request = accept ? "none" : "declined";
    this.tell({ type: "rooms" });
  }

  removeRoom(id: number): void {
    this.rooms = this.rooms.filter((room) => room.id !== id);
    this.tell({ type: "rooms" });
  }

  room(id: number): FakeRoom {
    const room = this.rooms.find((candidate) => candidate.id === id);
    if (!room) throw refusal("invalid", "not found");
    return room;
  }

  /** A message of somebody, at the end of a room. */
  say(id: number, sender: number, text: string): MessageView {
    const room = this.room(id);
    const message = this.#message(room, sender, text, room.messages.length + 1);
    room.messages.push(message);
    this.tell({ type: "timeline", data: id });
    this.tell({ type: "rooms" });
    return message;
  }

  /** Takes messages away, as if they had never been fetched. */
  forget(id: number, from: number, to: number): void {
    const room = this.room(id);
    for (let seq = from; seq <= to; seq += 1) {
      const message = room.messages[seq - 1];
      if (message) room.missing.set(seq, message);
      room.messages[seq - 1] = undefined;
    }
  }

  fill(id: number, from: number, to: number): void {
    const room = this.room(id);
    for (let seq = from; seq <= to; seq += 1) room.messages[seq - 1] ??= room.missing.get(seq);
    this.tell({ type: "timeline", data: id });
  }

  /** The people whose names begin so. */
  complete(id: number, before: string): Completions {
    const typed = /@\w*$/u.exec(before)?.[0] ?? "";
    const choices = this.room(id)
      .members.filter((person) => typed !== "" && `@${person.username}`.startsWith(typed))
      .map(({ username, name }) => ({ label: `@${username}`, hint: name, insert: `@${username} `, picture: null }));
    return { typed, choices };
  }

  markRead(id: number, seq: number): void {
    const room = this.room(id);
    room.readSeq = Math.max(room.readSeq, seq);
    this.tell({ type: "rooms" });
  }

  send(id: number, text: string, replyTo: number | null, lifetime: Lifetime | null = null): string {
    if (text.includes("disk is full")) throw refusal("storage", "the local store failed: disk is full");
    const room = this.room(id);
    const parent = room.messages.find((message) => message?.message_id === replyTo);
    const message = this.#message(room, ME, text, null);
    const goes = lifetime ?? room.lifetime;
    if (goes?.from === "sent") message.expires_at = new Date(Date.now() + goes.after_s * 1000).toISOString();
    else message.lifetime = goes;
    if (parent?.message_id) {
      message.reply = {
        message_id: parent.message_id,
        thread_id: parent.thread_id,
        seq: parent.seq,
        sender: parent.sender,
        text: parent.text,
        deleted: false,
        known: true,
      };
    }
    if (this.refuse !== null) message.delivery = { state: "failed", reason: this.refuse };
    room.unsent.push(message);
    if (this.isOnline && this.refuse === null) this.deliver(id);
    this.tell({ type: "timeline", data: id });
    this.tell({ type: "rooms" });
    return message.client_id;
  }

  /** The server has everything that waited. */
  deliver(id: number): void {
    const room = this.room(id);
    for (const message of room.unsent.splice(0)) {
      const seq = room.messages.length + 1;
      room.messages.push({ ...message, seq, message_id: id * 1000 + seq, delivery: { state: "sent" } });
    }
    this.tell({ type: "timeline", data: id });
  }

  change(id: number, client: string, changed: Partial<MessageView>): void {
    const room = this.room(id);
    const body = changed.text === undefined ? {} : { body: plain(changed.text) };
    const apply = <T extends MessageView | undefined>(message: T): T =>
      message?.client_id === client ? { ...message, ...changed, ...body } : message;
    room.messages = room.messages.map(apply);
    room.unsent = room.unsent.map(apply);
    for (const [root, replies] of this.replies) this.replies.set(root, replies.map(apply));
    this.tell({ type: "timeline", data: id });
  }

  /** A sent message, wherever it is. */
  message(id: number): MessageView {
    const found = this.rooms.flatMap((room) => room.messages).find((one) => one?.message_id === id);
    if (!found) throw refusal("invalid", "not found");
    return found;
  }

  addEmoji(name: string, picture: string): void {
    if (this.emoji.emoji.some((one) => one.name === name)) {
      const why = `:${name}: is there already: take it away first`;
      throw { ...refusal("refused", why, "validation_failed"), fields: { name: why } };
    }
    const id = `e${this.pictures.size}`;
    this.pictures.set(id, `data:image/png;base64,${picture}`);
    const one = { id, name, size: picture.length, width: 16, height: 16, is_animated: false, by: "Ada" };
    this.emoji = { ...this.emoji, emoji: [...this.emoji.emoji, one] };
    this.tell({ type: "everything" });
  }

  removeEmoji(id: string): void {
    this.emoji = { ...this.emoji, emoji: this.emoji.emoji.filter((one) => one.id !== id) };
    this.tell({ type: "everything" });
  }

  react(id: number, client: string, emoji: string, on: boolean): void {
    const held = this.room(id).messages.find((one) => one?.client_id === client)?.reactions ?? [];
    const others = held.filter((one) => one.emoji !== emoji);
    const count = (held.find((one) => one.emoji === emoji)?.count ?? 0) + (on ? 1 : -1);
    const reactions = count > 0 ? [...others, { emoji, picture: null, count, own: on, names: on ? ["Ada"] : ["Bo"] }] : others;
    this.change(id, client, { reactions });
  }

  /** A poll of one's own, open. */
  sendPoll(id: number, form: NewPollForm): string {
    return this.#asks(id, this.send(id, form.question, null), form);
  }

  sendPollIn(id: number, root: number, form: NewPollForm, alsoInRoom: boolean): string {
    return this.#asks(id, this.replyIn(id, root, form.question, alsoInRoom), form);
  }

  #asks(id: number, client: string, form: NewPollForm): string {
    const option = (text: string): PollOptionView => ({
      text,
      votes: form.hidden ? null : 0,
      percent: form.hidden ? null : 0,
      own: false,
      names: [],
    });
    const poll: PollView = {
      question: form.question,
      options: form.options.map(option),
      multiple: form.multiple,
      anonymous: form.anonymous,
      hidden: form.hidden,
      voters: 0,
      closes_at: null,
      closed: false,
      can_vote: true,
      can_close: true,
    };
    this.change(id, client, { poll });
    return client;
  }

  vote(id: number, client: string, chosen: number[]): void {
    const poll = this.#anywhere(id, client)?.poll;
    if (!poll) throw refusal("invalid", "that is no poll");
    const options = poll.options.map((option, place) => {
      const own = chosen.includes(place);
      const votes = option.votes === null ? null : Number(own);
      return { ...option, own, votes, percent: votes === null ? null : votes * 100 };
    });
    this.changePoll(id, client, { options, voters: chosen.length > 0 ? 1 : 0 });
  }

  changePoll(id: number, client: string, changed: Partial<PollView>): void {
    const poll = this.#anywhere(id, client)?.poll;
    if (poll) this.change(id, client, { poll: { ...poll, ...changed } });
  }

  #anywhere(id: number, client: string): MessageView | undefined {
    const room = this.room(id);
    const all = [...room.messages, ...room.unsent, ...[...this.replies.values()].flat()];
    return all.find((message) => message?.client_id === client);
  }

  forward(source: number, id: number, withAuthor: boolean): string {
    const { sender, text } = this.message(source);
    const client = this.send(id, text, null);
    this.change(id, client, { forwarded_from: withAuthor ? sender : null });
    return client;
  }

  /** Replies by root. */
  readonly replies = new Map<number, MessageView[]>();
  readonly threadDrafts = new Map<number, DraftView>();

  thread(id: number, root: number): ThreadView {
    const began = this.message(root);
    const replies = this.replies.get(root) ?? [];
    const items = [began, ...replies].map((message) => ({ kind: "message" as const, ...message }));
    return {
      room_id: id,
      thread_id: root,
      timeline: {
        items,
        from_seq: began.seq,
        to_seq: replies.at(-1)?.seq ?? began.seq,
        at_start: true,
        at_end: true,
      },
      has_root: true,
      replies: replies.length,
      following: began.thread?.following ?? false,
      unread: began.thread?.unread ?? 0,
      mentions: 0,
      can_send: true,
    };
  }

  replyIn(id: number, root: number, text: string, alsoInRoom: boolean): string {
    const room = this.room(id);
    const began = this.message(root);
    const replies = this.replies.get(root) ?? [];
    const seq = 10_000 + replies.length;
    const reply = {
      ...this.#message(room, ME, text, seq),
      thread_id: root,
      also_in_room: alsoInRoom,
    };
    this.replies.set(root, [...replies, reply]);
    const thread = {
      replies: replies.length + 1,
      last: reply.time,
      following: true,
      unread: 0,
      mentions: 0,
    };
    this.change(id, began.client_id, { thread });
    this.tell({ type: "threads" });
    return reply.client_id;
  }

  follow(id: number, root: number, on: boolean): void {
    const began = this.message(root);
    const thread = began.thread ?? { replies: 0, last: "", following: on, unread: 0, mentions: 0 };
    this.change(id, began.client_id, { thread: { ...thread, following: on } });
    this.tell({ type: "threads" });
  }

  threadLines(): ThreadLine[] {
    return [...this.replies.keys()].map((root) => {
      const began = this.message(root);
      const room = this.room(Math.floor(root / 1000));
      return {
        room_id: room.id,
        room: room.name,
        thread_id: root,
        sender: began.sender,
        text: began.text,
        replies: began.thread?.replies ?? 0,
        last_at: began.at,
        last: began.thread?.last ?? "",
        following: began.thread?.following ?? false,
        unread: began.thread?.unread ?? 0,
        mentions: 0,
        has_draft: (this.threadDrafts.get(root)?.text ?? "") !== "",
      };
    });
  }

  pins(id: number): PinView[] {
    return this.room(id).messages.flatMap((message) => {
      if (!message?.pinned || message.message_id === null || message.seq === null) return [];
      const { message_id, client_id, sender_id, seq, sender, text, at } = message;
      return [{ message_id, client_id, sender_id, seq, sender, text, at }];
    });
  }

  discard(id: number, client: string): string | null {
    const room = this.room(id);
    const text = room.unsent.find((message) => message.client_id === client)?.text ?? null;
    room.unsent = room.unsent.filter((message) => message.client_id !== client);
    this.tell({ type: "timeline", data: id });
    return text;
  }

  /** Figures as a server that has counted everything would tell them. */
  figures(id: number | null): AnalyticsView {
    const rooms = id === null ? this.rooms : [this.room(id)];
    const messages = rooms.flatMap((room) => room.messages).filter((message) => message !== undefined);
    const senders = [...new Set(messages.map((message) => message.sender_id))];
    const count = (name: string, count: number): NumberView => ({ name, count });
    const written = messages.length;
    return {
      room_id: id,
      from: "2026-01-01",
      to: "2026-01-02",
      time_zone: "UTC",
      behind: 0,
      totals: {
        messages: written,
        replies: 0,
        answered: 0,
        reactions: 0,
        edited: 0,
        deleted: 0,
        writers: senders.length,
        members: 2,
        joined: 2,
      },
      active: { daily: senders.length, weekly: senders.length, monthly: senders.length },
      next_speaker_s: written > 1 ? 45 : null,
      reply_s: null,
      by_type: written > 0 ? [count("text", written)] : [],
      by_hour: Array.from({ length: 24 }, (_, hour) => count(String(hour).padStart(2, "0"), hour === 9 ? written : 0)),
      by_weekday: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map((day, n) => count(day, n === 0 ? written : 0)),
      by_day: ["2026-01-01", "2026-01-02"].map((date, n) => ({
        date,
        messages: n === 0 ? written : 0,
        reactions: 0,
        writers: n === 0 ? senders.length : 0,
        joined: 0,
        members: 2,
      })),
      by_user: senders.map((sender) => ({
        user_id: sender,
        username: `user${sender}`,
        name: messages.find((message) => message.sender_id === sender)?.sender ?? "",
        messages: messages.filter((message) => message.sender_id === sender).length,
        replies: 0,
        reactions: 0,
      })),
    };
  }

  /** Files that were written, by path. */
  readonly files = new Set<string>();
  /** Lets an export go on; without it, it waits until it is stopped. */
  exportsGoOn = true;
  #stopExport: (() => void) | null = null;

  async export(
    path: string,
    force: boolean,
    of: number,
    heard: (progress: ExportProgress) => void,
  ): Promise<Exported> {
    if (this.files.has(path) && !force) throw refusal("invalid", `${path} is there already`);
    heard({ done: 0, of });
    if (!this.exportsGoOn) {
      await new Promise<void>((_, stop) => {
        this.#stopExport = () => stop(refusal("invalid", "the export was stopped"));
      });
    }
    this.files.add(path);
    const missing = this.isOnline ? [] : [{ from: 2, to: 4 }];
    return { path, messages: of, bytes: 10 * of, from_server: this.isOnline, missing };
  }

  stopExport(): void {
    this.#stopExport?.();
    this.#stopExport = null;
  }

  summary(room: FakeRoom): RoomSummary {
    const last = room.messages.findLast((message) => message !== undefined);
    const asked = room.request === "received";
    const left = room.request === "sent" ? Math.max(0, 5 - room.messages.length) : null;
    return {
      id: room.id,
      kind: room.kind,
      name: room.name,
      topic: room.topic,
      is_private: false,
      role: room.role,
      can: asked ? [] : room.can,
      request: room.request,
      messages_left: left,
      slow_mode_s: room.slowModeS,
      archived_at: room.isArchived ? new Date(BEGIN).toISOString() : null,
      category: "",
      permissions: room.writers === null ? {} : { send: room.writers },
      muted_until: room.isMuted ? new Date(BEGIN).toISOString() : null,
      unread: asked ? 0 : room.messages.length - room.readSeq,
      mentions: 0,
      marked_unread: false,
      read_seq: room.readSeq,
      last_seq: room.messages.length,
      preview: last
        ? { sender: last.sender, text: last.text, at: last.at, own: last.own }
        : null,
      last_activity: last?.at ?? new Date(BEGIN).toISOString(),
      member_count: room.members.length,
      can_send: !asked && left !== 0 && room.kind !== "announcement" && !room.isArchived && !room.isMuted,
      peer: room.peer,
      presence: room.kind === "direct" ? "online" : null,
      last_seen: null,
      status: null,
      lifetime: room.lifetime,
      has_draft: room.draft.text !== "" || room.draft.aside.length > 0,
      level: room.level,
      hushed_until: room.hushed === null ? null : new Date(BEGIN + 7_200_000).toISOString(),
      is_silent: room.hushed !== null || room.level === "none",
      failed: room.unsent.filter((message) => message.delivery.state === "failed").length,
    };
  }

  timeline(id: number, window: Window, unreadAfter: number | null): Timeline {
    const room = this.room(id);
    const head = room.messages.length;
    const [low, high] = bounds(window, head);
    const items: Item[] = [];
    let day = "";
    for (let seq = low; seq <= high; seq += 1) {
      const message = room.messages[seq - 1];
      const before = items.at(-1);
      if (!message) {
        if (before?.kind === "hole") before.to = seq;
        else items.push({ kind: "hole", from: seq, to: seq });
        continue;
      }
      if (message.at.slice(0, 10) !== day) items.push({ kind: "day", date: (day = message.at.slice(0, 10)) });
      if (seq - 1 === unreadAfter) items.push({ kind: "unread", count: head - unreadAfter });
      items.push({ kind: "message", ...message });
    }
    const atEnd = high >= head;
    if (atEnd) items.push(...room.unsent.map((message): Item => ({ kind: "message", ...message })));
    return {
      items,
      from_seq: head === 0 ? null : low,
      to_seq: head === 0 ? null : high,
      at_start: low <= 1,
      at_end: atEnd,
    };
  }

  #message(room: FakeRoom, sender: number, text: string, seq: number | null): MessageView {
    const client = `client-${room.id}-${(this.#next += 1)}`;
    const at = new Date(BEGIN + room.messages.length * 600_000).toISOString();
    const before = room.messages.at(-1);
    return {
      key: `${sender}:${client}`,
      client_id: client,
      message_id: seq === null ? null : room.id * 1000 + seq,
      seq,
      sender_id: sender,
      sender: this.people.find((person) => person.user_id === sender)?.name ?? `user ${sender}`,
      text,
      body: plain(text),
      at,
      time: at.slice(11, 16),
      own: sender === ME,
      follows: before?.sender_id === sender,
      edited: false,
      deleted: false,
      delivery: seq === null ? { state: "waiting" } : { state: "sent" },
      reach: null,
      mentions_me: false,
      reply: null,
      thread_id: null,
      also_in_room: false,
      thread: null,
      can_answer: seq !== null,
      can_edit: sender === ME,
      can_delete: sender === ME,
      reactions: [],
      pinned: false,
      can_pin: true,
      can_react: true,
      forwarded_from: null,
      blocked: this.blocked.some((one) => one.user_id === sender),
      expires_at: null,
      lifetime: null,
      poll: null,
    };
  }

  #say(event: AppEvent): void {
    for (const heard of this.listeners) heard(structuredClone(event));
  }
}

/** Text without marks: reading them is client-core's. */
export function plain(text: string, style: Partial<Span> = {}): Body {
  return { blocks: [{ kind: "paragraph", spans: [span(text, style)] }], jumbo: false };
}

export function span(text: string, style: Partial<Span> = {}): Span {
  return {
    text,
    bold: false,
    italic: false,
    struck: false,
    code: false,
    spoiler: null,
    link: null,
    mention: null,
    emoji: null,
    ...style,
  };
}

function bounds(window: Window, head: number): [number, number] {
  const clamp = (seq: number): number => Math.min(Math.max(1, seq), Math.max(1, head));
  const pair = ((): [number, number] => {
    switch (window.kind) {
      case "newest":
        return [head - window.count + 1, head];
      case "since":
        return [window.seq, head];
      case "around":
        return [window.seq - window.before, window.seq + window.after];
      case "between":
        return [window.from, window.to];
    }
  })();
  return head === 0 ? [1, 0] : [clamp(pair[0]), clamp(pair[1])];
}
