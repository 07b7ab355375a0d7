/**
 * What the interface can ask of the app. Two implementations: the real one (`tauri.ts`) and one in
 * memory (`fake.ts`) that lets the whole interface run in a browser.
 */
import type { AccountInfo } from "./generated/AccountInfo";
import type { AnalyticsView } from "./generated/AnalyticsView";
import type { AppEvent } from "./generated/AppEvent";
import type { AttentionView } from "./generated/AttentionView";
import type { AuditId } from "./generated/AuditId";
import type { AuditView } from "./generated/AuditView";
import type { BanView } from "./generated/BanView";
import type { BlockView } from "./generated/BlockView";
import type { ClientId } from "./generated/ClientId";
import type { CommandError } from "./generated/CommandError";
import type { Completion } from "./generated/Completion";
import type { Completions } from "./generated/Completions";
import type { DirectoryEntry } from "./generated/DirectoryEntry";
import type { Exported } from "./generated/Exported";
import type { EmojiId } from "./generated/EmojiId";
import type { EmojiList } from "./generated/EmojiList";
import type { ExportFormat } from "./generated/ExportFormat";
import type { ExportProgress } from "./generated/ExportProgress";
import type { DraftView } from "./generated/DraftView";
import type { FilterAction } from "./generated/FilterAction";
import type { FilterId } from "./generated/FilterId";
import type { FilterKind } from "./generated/FilterKind";
import type { FilterView } from "./generated/FilterView";
import type { Found } from "./generated/Found";
import type { Hit } from "./generated/Hit";
import type { Lifetime } from "./generated/Lifetime";
import type { Level } from "./generated/Level";
import type { LinkId } from "./generated/LinkId";
import type { LinkPreviewView } from "./generated/LinkPreviewView";
import type { LinkView } from "./generated/LinkView";
import type { MadeLinkView } from "./generated/MadeLinkView";
import type { MemberView } from "./generated/MemberView";
import type { MessageId } from "./generated/MessageId";
import type { MyPresenceView } from "./generated/MyPresenceView";
import type { NewPollForm } from "./generated/NewPollForm";
import type { NewRoomForm } from "./generated/NewRoomForm";
import type { OpenedRoom } from "./generated/OpenedRoom";
import type { PinView } from "./generated/PinView";
import type { ReactedView } from "./generated/ReactedView";
import type { ReportId } from "./generated/ReportId";
import type { ReportKind } from "./generated/ReportKind";
import type { ReportOutcome } from "./generated/ReportOutcome";
import type { ReportView } from "./generated/ReportView";
import type { RoomChangeForm } from "./generated/RoomChangeForm";
import type { RoomId } from "./generated/RoomId";
import type { RoomRole } from "./generated/RoomRole";
import type { RoomSummary } from "./generated/RoomSummary";
import type { ScheduledView } from "./generated/ScheduledView";
import type { Seq } from "./generated/Seq";
import type { ServerInfo } from "./generated/ServerInfo";
import type { SessionId } from "./generated/SessionId";
import type { SessionView } from "./generated/SessionView";
import type { SetPresenceRequest } from "./generated/SetPresenceRequest";
import type { SignedIn } from "./generated/SignedIn";
import type { SignInForm } from "./generated/SignInForm";
import type { SignUpForm } from "./generated/SignUpForm";
import type { Start } from "./generated/Start";
import type { ThreadLine } from "./generated/ThreadLine";
import type { ThreadView } from "./generated/ThreadView";
import type { Timeline } from "./generated/Timeline";
import type { UserId } from "./generated/UserId";
import type { UserView } from "./generated/UserView";
import type { VersionView } from "./generated/VersionView";
import type { VoteView } from "./generated/VoteView";
import type { Whereabouts } from "./generated/Whereabouts";
import type { WhoWrites } from "./generated/WhoWrites";
import type { Window } from "./generated/Window";
import type { Written } from "./generated/Written";

/** Every call fails with a {@link CommandError}; see {@link asCommandError}. */
export interface Client {
  /** Hears every event from now on; the answer stops it. */
  listen(heard: (event: AppEvent) => void): Promise<() => void>;

  start(): Promise<Start>;
  accounts(): Promise<AccountInfo[]>;
  serverInfo(server: string): Promise<ServerInfo>;
  signIn(form: SignInForm): Promise<SignedIn>;
  signUp(form: SignInForm, more: SignUpForm): Promise<SignedIn>;
  openAccount(key: string): Promise<SignedIn>;
  signOut(forget: boolean): Promise<void>;
  reconnectNow(): Promise<void>;
  setDisplayName(name: string): Promise<void>;
  sessions(): Promise<SessionView[]>;
  endSession(session: SessionId): Promise<void>;
  setUnread(count: number): Promise<void>;
  /** What one decided of how present one is. */
  myPresence(): Promise<MyPresenceView>;
  setPresence(request: SetPresenceRequest): Promise<void>;
  /** Somebody is at the machine, or not. */
  setActive(active: boolean): Promise<void>;

  /** Behind the rooms, requests of strangers; each says what it is. */
  rooms(): Promise<RoomSummary[]>;
  /** Accepts a request, or declines it. */
  answerRequest(room: RoomId, accept: boolean): Promise<void>;
  directory(): Promise<DirectoryEntry[]>;
  createRoom(form: NewRoomForm): Promise<RoomId>;
  changeRoom(room: RoomId, change: RoomChangeForm): Promise<void>;
  /** How long messages stay that are sent from now on; absent: for ever. */
  setLifetime(room: RoomId, lifetime: Lifetime | null): Promise<void>;
  deleteRoom(room: RoomId): Promise<void>;
  joinRoom(room: RoomId): Promise<void>;
  leaveRoom(room: RoomId): Promise<void>;
  directRoom(user: UserId): Promise<RoomId>;
  members(room: RoomId): Promise<MemberView[]>;
  findUsers(query: string): Promise<UserView[]>;
  addMember(room: RoomId, user: UserId): Promise<void>;
  removeMember(room: RoomId, user: UserId): Promise<void>;
  setRole(room: RoomId, user: UserId, role: RoomRole, handOver: boolean): Promise<void>;
  /** Seconds, or until it is lifted. */
  mute(room: RoomId, user: UserId, seconds: number | null): Promise<void>;
  unmute(room: RoomId, user: UserId): Promise<void>;
  ban(room: RoomId, user: UserId, seconds: number | null, reason: string): Promise<void>;
  unban(room: RoomId, user: UserId): Promise<void>;
  bans(room: RoomId): Promise<BanView[]>;
  /** Tells those who moderate of a message, or of somebody. */
  report(message: MessageId | null, user: UserId | null, kind: ReportKind, words: string): Promise<void>;
  /** How many reports wait that one may look after. */
  reportsWaiting(): Promise<number>;
  reports(closed: boolean): Promise<ReportView[]>;
  takeReport(id: ReportId, taken: boolean): Promise<ReportView>;
  /** Seconds of a mute or a ban, or until it is lifted. */
  closeReport(id: ReportId, outcome: ReportOutcome, seconds: number | null, note: string): Promise<ReportView>;
  /** Until when the doors of the server are closed, if one may know. */
  raidUntil(): Promise<string | null>;
  /** Closes them for so many seconds, or opens them. */
  setRaid(seconds: number | null): Promise<void>;
  /** What a room, or the server, doesn't take. */
  /** The community's own emoji. */
  customEmoji(): Promise<EmojiList>;
  /** Adds one; `picture`: the bytes of a file, as base64. */
  addEmoji(name: string, picture: string): Promise<void>;
  removeEmoji(id: EmojiId): Promise<void>;
  /** A picture, as an address of data. */
  emojiPicture(id: EmojiId): Promise<string>;
  filters(room: RoomId | null): Promise<FilterView[]>;
  addFilter(room: RoomId | null, kind: FilterKind, text: string, action: FilterAction): Promise<void>;
  removeFilter(room: RoomId | null, id: FilterId): Promise<void>;
  /** Of a room, or of the server; a family of what was done, or all; before a line. */
  audit(room: RoomId | null, action: string, before: AuditId | null): Promise<AuditView>;
  /** Takes nothing from somebody any more; the reason is for oneself. */
  block(user: UserId, reason: string): Promise<void>;
  unblock(user: UserId): Promise<void>;
  blocks(): Promise<BlockView[]>;
  /** The account rests until one signs in again. */
  deactivate(password: string): Promise<void>;
  /** There is no way back; with all that one wrote, or without. */
  erase(password: string, messages: boolean): Promise<void>;
  links(room: RoomId): Promise<LinkView[]>;
  /** For so many seconds, or a week; for so many people, or any number. */
  makeLink(room: RoomId, seconds: number | null, uses: number | null): Promise<MadeLinkView>;
  revokeLink(room: RoomId, link: LinkId): Promise<void>;
  previewLink(link: string): Promise<LinkPreviewView>;
  joinByLink(link: string): Promise<RoomId>;

  /** What holds in all rooms: what rings, who may begin to write to one. */
  attention(): Promise<AttentionView>;
  setAttention(keywords: string[], quiet: string, timeZone: string, whoWrites: WhoWrites): Promise<void>;
  /** Which messages of a room ring. */
  setLevel(room: RoomId, level: Level): Promise<void>;
  /** Nothing of it rings until `2h`, `tomorrow 9:00`; empty: for ever; null: it rings again. */
  hush(room: RoomId, until: string | null): Promise<void>;

  /** What is to be done later; what asks for a decision first. */
  scheduled(): Promise<ScheduledView[]>;
  /** Sends it when the time comes: `9:00`, `tomorrow 18:30`, `in 2h`. */
  schedule(room: RoomId, text: string, replyTo: MessageId | null, when: string): Promise<void>;
  remind(message: MessageId, when: string, note: string): Promise<void>;
  /** An empty moment stays as it is. */
  reschedule(id: ClientId, text: string, when: string): Promise<void>;
  /** Cancels it, or puts a reminder away. */
  cancelScheduled(id: ClientId): Promise<void>;

  /** Figures of so many days: of a room, or of the server. */
  analytics(room: RoomId | null, days: number): Promise<AnalyticsView>;
  /** The same as a table for spreadsheets. */
  analyticsCsv(room: RoomId | null, days: number): Promise<string>;
  /** Writes a room into a file; an empty path is one called as the room, in the user's folder. */
  exportRoom(
    room: RoomId,
    format: ExportFormat,
    path: string,
    force: boolean,
    heard: (progress: ExportProgress) => void,
  ): Promise<Exported>;
  /** Writes everything that the server holds of oneself. */
  exportPersonal(path: string, force: boolean, heard: (progress: ExportProgress) => void): Promise<Exported>;
  /** Ends the export that runs; it leaves no file. */
  stopExport(): Promise<void>;

  openRoom(room: RoomId): Promise<OpenedRoom>;
  closeRoom(room: RoomId): Promise<void>;
  timeline(room: RoomId, window: Window, unreadAfter: Seq | null): Promise<Timeline>;
  fill(room: RoomId, from: Seq, to: Seq): Promise<void>;
  markRead(room: RoomId, seq: Seq): Promise<void>;
  typing(room: RoomId): Promise<string[]>;
  /** What may be meant by the text before the cursor. */
  complete(room: RoomId, before: string): Promise<Completions>;
  search(query: string, room: RoomId | null, limit: number): Promise<Hit[]>;
  /** The same, and what the server finds beside it. */
  searchEverywhere(query: string, room: RoomId | null, limit: number): Promise<Found>;
  openLink(url: string): Promise<void>;

  /** Answers a message with an emoji, or takes that back. */
  react(room: RoomId, sender: UserId, message: ClientId, emoji: string, on: boolean): Promise<void>;
  pin(room: RoomId, sender: UserId, message: ClientId, on: boolean): Promise<void>;
  /** Sends a message's text into a room. */
  forward(source: MessageId, room: RoomId, withAuthor: boolean): Promise<ClientId>;
  /** What a room keeps at hand, the latest first. */
  pins(room: RoomId): Promise<PinView[]>;
  /** Every text that a message had, oldest first. */
  history(message: MessageId): Promise<VersionView[]>;
  reactions(message: MessageId): Promise<ReactedView[]>;
  /** Absent lifetime: it stays as long as is usual in the room. */
  sendPoll(room: RoomId, poll: NewPollForm, lifetime: Lifetime | null): Promise<ClientId>;
  sendPollInThread(room: RoomId, thread: MessageId, poll: NewPollForm, alsoInRoom: boolean): Promise<ClientId>;
  /** Options are numbered from 0: all that one chooses now. */
  vote(room: RoomId, sender: UserId, message: ClientId, options: number[]): Promise<void>;
  closePoll(room: RoomId, sender: UserId, message: ClientId): Promise<void>;
  /** Who chose what in a poll. */
  votes(message: MessageId): Promise<VoteView[]>;
  /** Emoji for a reaction, by what they show. */
  emoji(letters: string): Promise<Completion[]>;

  /** Sends what stood in the composer; its draft is empty on all devices then. Absent lifetime: it
   * stays as long as is usual in the room. */
  send(room: RoomId, written: Written, lifetime: Lifetime | null): Promise<ClientId>;
  /** Where the unread line of a thread stands, for who follows it; what is missing is asked for. */
  openThread(room: RoomId, thread: MessageId): Promise<OpenedRoom | null>;
  thread(room: RoomId, thread: MessageId, count: number, unreadAfter: Seq | null): Promise<ThreadView>;
  fillThread(room: RoomId, thread: MessageId): Promise<void>;
  sendInThread(
    room: RoomId,
    thread: MessageId,
    written: Written,
    alsoInRoom: boolean,
  ): Promise<ClientId>;
  followThread(room: RoomId, thread: MessageId, on: boolean): Promise<void>;
  markThreadRead(room: RoomId, thread: MessageId, seq: Seq): Promise<void>;
  /** Threads that one follows, those with something unread first. */
  threads(): Promise<ThreadLine[]>;
  threadsOfRoom(room: RoomId): Promise<ThreadLine[]>;
  /** The address of a message. */
  permalink(room: RoomId, message: MessageId): Promise<string>;
  /** The thread in which alone what stands at a place is shown. */
  threadAt(room: RoomId, seq: Seq): Promise<MessageId | null>;
  /** Where an address leads, if it is that of a message on this server. */
  findMessage(url: string): Promise<Whereabouts | null>;

  edit(room: RoomId, message: ClientId, text: string): Promise<void>;
  delete(room: RoomId, sender: UserId, message: ClientId): Promise<void>;
  retry(room: RoomId, message: ClientId): Promise<void>;
  discard(room: RoomId, message: ClientId): Promise<string | null>;
  /** What stands in the composer of a room, or of a thread in it. */
  draft(room: RoomId, thread?: MessageId): Promise<DraftView>;
  /** Answers what it is called now: the base of what is written next. */
  saveDraft(room: RoomId, written: Written, thread?: MessageId): Promise<ClientId | null>;
  setTyping(room: RoomId, typing: boolean): Promise<void>;
}

/** What was thrown, in the one shape that the interface shows. */
export function asCommandError(thrown: unknown): CommandError {
  if (typeof thrown === "object" && thrown !== null && "kind" in thrown && "message" in thrown) {
    return thrown as CommandError;
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: "bug", message, code: null, fields: {} };
}
