import { asCommandError, type Client } from "../api/client";
import type { CommandError } from "../api/generated/CommandError";
import type { Item } from "../api/generated/Item";
import type { MessageView } from "../api/generated/MessageView";
import type { RoomId } from "../api/generated/RoomId";
import type { Seq } from "../api/generated/Seq";
import type { Timeline } from "../api/generated/Timeline";
import type { Window } from "../api/generated/Window";
import { Coalesced } from "./coalesced";

/** Messages that a room opens with. */
const PAGE = 60;
/** By how many places the window grows at an end. */
const STEP = 60;
/** The most places a window covers; beyond it the far end is let go. */
const MOST = 420;
/** How long read marks are gathered before they are written, in milliseconds. */
const GATHER_MS = 200;

/** A row's identity: the same row keeps it through every update. */
export function keyOf(item: Item): string {
  switch (item.kind) {
    case "message":
      return item.key;
    case "hole":
      return `hole-${item.from}`;
    case "day":
      return `day-${item.date}`;
    case "unread":
      return "unread";
  }
}

/** A moving window over one room, read from the cache. */
export class TimelineState {
  items = $state.raw<Item[]>([]);
  /** Whether the last change moved the front of `items`: the list keeps its place from the end. */
  shift = $state(false);
  loaded = $state(false);
  atStart = $state(false);
  atEnd = $state(true);
  error = $state.raw<CommandError | null>(null);
  /** The message being edited in place. */
  editing = $state<string | null>(null);
  /** Where the unread messages begin, if that is too far up to open there. */
  firstUnread = $state<Seq | null>(null);
  /** A place to bring into view; the view clears it when it has done so. */
  target = $state<Seq | "newest" | null>(null);

  /** The key of the row that must not move; the view knows it. */
  held: () => string | null = () => null;

  readonly room: RoomId;
  readonly #client: Client;
  readonly #reading = new Coalesced(() => this.#read());
  readonly #report: (error: unknown) => void;
  #window: Window;
  #from: Seq | null = null;
  #to: Seq | null = null;
  #unreadAfter: Seq | null;
  #readSeq: Seq;
  /** A place being gone to that is not here yet. */
  #goal: Seq | null = null;
  #shown = "";
  #marking: ReturnType<typeof setTimeout> | undefined;

  /** `readSeq` and `unread` of the moment of opening place the unread line, which stays there. */
  constructor(
    client: Client,
    room: RoomId,
    readSeq: Seq,
    unread: number,
    report: (error: unknown) => void,
  ) {
    this.#client = client;
    this.room = room;
    this.#readSeq = readSeq;
    this.#report = report;
    this.#unreadAfter = unread > 0 ? readSeq : null;
    const isFar = unread > PAGE;
    this.firstUnread = isFar ? readSeq + 1 : null;
    this.#window = { kind: "newest", count: isFar ? PAGE : PAGE + unread };
  }

  reload(): Promise<void> {
    return this.#reading.run();
  }

  /** More of the past; does nothing while a hole stands there, for that fills by itself. */
  async older(): Promise<void> {
    if (this.atStart || this.#from === null || this.items[0]?.kind === "hole") return;
    const from = Math.max(1, this.#from - STEP);
    if (from === this.#from) return;
    this.#cover(from, this.#to ?? from, "front");
    await this.reload();
  }

  /** More towards the newest. */
  async newer(): Promise<void> {
    if (this.atEnd || this.#to === null || this.items.at(-1)?.kind === "hole") return;
    this.#cover(this.#from ?? this.#to, this.#to + STEP, "back");
    await this.reload();
  }

  /** To the newest messages. */
  async toNewest(): Promise<void> {
    if (!this.atEnd) {
      this.#goal = null;
      this.#window = { kind: "newest", count: PAGE };
      await this.reload();
    }
    this.target = "newest";
  }

  /** To a place, wherever it is. */
  async toSeq(seq: Seq): Promise<void> {
    const here = this.items.some((item) => item.kind === "message" && item.seq === seq);
    if (!here) {
      this.#window = { kind: "around", seq, before: PAGE / 2, after: PAGE / 2 };
      this.#goal = seq;
      await this.reload();
      const hole = holeAt(this.items, seq);
      if (hole) this.fill(Math.max(hole.from, seq - STEP / 2), hole.to, "low");
    }
    this.target = seq;
  }

  /** While the reader stays at the newest: lets go of what is far above. */
  trim(): void {
    if (!this.atEnd || this.#from === null || this.#to === null) return;
    if (this.#to - this.#from < MOST) return;
    this.#window = { kind: "since", seq: this.#to - PAGE * 2 };
    void this.reload();
  }

  /** Asks for the end of a hole that the reader comes from. */
  fill(from: Seq, to: Seq, end: "low" | "high"): void {
    const part: [Seq, Seq] =
      end === "high" ? [Math.max(from, to - STEP + 1), to] : [from, Math.min(to, from + STEP - 1)];
    this.#client.fill(this.room, ...part).catch(this.#report);
  }

  /** This place was on screen, and so was what stands before it, unless it is not here yet. */
  seen(last: Seq, isNewest: boolean): void {
    const hole = this.items.find(
      (item) => item.kind === "hole" && item.to > this.#readSeq && item.from <= last,
    );
    const seq = hole?.kind === "hole" && !isNewest ? hole.from - 1 : last;
    if (seq <= this.#readSeq) return;
    this.#readSeq = seq;
    if (this.#marking !== undefined) return;
    this.#marking = setTimeout(() => this.#mark(), GATHER_MS);
  }

  /** The unread line stands behind this place. */
  unreadFrom(readSeq: Seq): void {
    this.#readSeq = readSeq;
    this.#unreadAfter = readSeq;
  }

  /** What arrives while nobody looks stands below a new unread line. */
  away(lastSeq: Seq): void {
    if (this.#readSeq >= lastSeq) this.#unreadAfter = lastSeq;
  }

  /** The reader wrote: what stands above is no longer new, and the answer comes into view. */
  async answered(): Promise<void> {
    this.#unreadAfter = null;
    await this.reload();
    await this.toNewest();
  }

  message(key: string): MessageView | undefined {
    const found = this.items.find((item) => item.kind === "message" && item.key === key);
    return found?.kind === "message" ? found : undefined;
  }

  /** The newest own message that may be changed. */
  lastOwn(): MessageView | undefined {
    const found = this.items.findLast((item) => item.kind === "message" && item.own && item.can_edit);
    return found?.kind === "message" ? found : undefined;
  }

  /** What was seen while it was a request counts as read once it is accepted. */
  readAgain(): void {
    this.#mark();
  }

  /** Nothing is read after this. */
  close(): void {
    if (this.#marking !== undefined) this.#mark();
  }

  #mark(): void {
    clearTimeout(this.#marking);
    this.#marking = undefined;
    this.#client.markRead(this.room, this.#readSeq).catch(this.#report);
  }

  #cover(from: Seq, to: Seq, grown: "front" | "back"): void {
    this.#goal = null;
    if (grown === "front") {
      this.#window =
        this.atEnd && to - from <= MOST
          ? { kind: "since", seq: from }
          : { kind: "between", from, to: Math.min(to, from + MOST) };
    } else {
      this.#window = { kind: "between", from: Math.max(from, to - MOST), to };
    }
  }

  async #read(): Promise<void> {
    const asked = this.#window;
    try {
      this.#show(await this.#client.timeline(this.room, asked, this.#unreadAfter), asked);
    } catch (thrown) {
      this.error = asCommandError(thrown);
    }
  }

  #show(next: Timeline, asked: Window): void {
    // Most updates are about something else than what is on screen.
    const text = JSON.stringify(next);
    if (text === this.#shown && this.#window === asked && !this.error) return;
    this.#shown = text;
    const first = next.items.find((item) => item.kind === "hole" || item.kind === "message");
    this.shift = frontMoved(this.items, next.items, this.held());
    this.items = next.items;
    this.atStart = next.at_start;
    this.atEnd = next.at_end;
    // A hole at the beginning may be as long as the room: only what is filled next belongs to it.
    this.#from = first?.kind === "hole" ? Math.max(first.from, first.to - STEP + 1) : next.from_seq;
    this.#to = next.to_seq;
    this.error = null;
    this.loaded = true;
    // What is read stays around a place that is being gone to until it is here.
    if (this.#goal !== null && holeAt(next.items, this.#goal)) return;
    this.#goal = null;
    // From here the window keeps its beginning, and its end is the newest message or its own.
    if (this.#window === asked && this.#from !== null && this.#to !== null) {
      this.#window = next.at_end
        ? { kind: "since", seq: this.#from }
        : { kind: "between", from: this.#from, to: this.#to };
    }
  }
}

function holeAt(items: Item[], seq: Seq): { from: Seq; to: Seq } | undefined {
  const found = items.find((item) => item.kind === "hole" && item.from <= seq && item.to >= seq);
  return found?.kind === "hole" ? found : undefined;
}

/** Whether rows were added or taken before the row that is held, or else before all messages. */
export function frontMoved(before: Item[], after: Item[], held: string | null): boolean {
  const isHeld = (item: Item): boolean =>
    held === null ? item.kind === "message" : keyOf(item) === held;
  const at = before.findIndex(isHeld);
  const first = before[at];
  if (!first) return false;
  const key = keyOf(first);
  const now = after.findIndex((item) => keyOf(item) === key);
  if (now >= 0) return now !== at;
  const last = before.findLast((item) => item.kind === "message");
  const lastKey = last && keyOf(last);
  return after.some((item) => keyOf(item) === lastKey);
}
