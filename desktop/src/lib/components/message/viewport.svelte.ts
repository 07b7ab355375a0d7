import { tick } from "svelte";
import type { VListHandle } from "virtua/svelte";
import type { Item } from "../../api/generated/Item";
import { keyOf, type TimelineState } from "../../state/timeline.svelte";

/** How near an end more is read, in pixels. */
const NEAR = 600;
/** How near the end still counts as being there, in pixels. */
const END = 8;
/** How long the list may take to reach a row that it had to measure first, in milliseconds. */
const SCROLLING_MS = 400;
/** How long after a move of the reader nothing else moves the view, in milliseconds. */
const TAKEN_MS = 200;
/** Frames in which a place is held until it no longer moves. */
const FRAMES = 20;

/** A row and how far below the upper edge it stands, in pixels. */
interface Anchor {
  key: string;
  offset: number;
  /** The rows above it; when these stay, nothing has to be held. */
  above: string;
}

/**
 * The reading position. At the newest message it stays there; anywhere else the row under the
 * reader's eyes stays where it is, whatever is read, filled or edited above it.
 */
export class Viewport {
  /** Whether the newest message is in view and new ones are followed. */
  atNewest = $state(true);
  /** The highest place in view. */
  lastSeen = $state(0);
  /** The row to point out after a jump. */
  pointedAt = $state<string | null>(null);

  list: VListHandle | undefined;
  root: HTMLElement | undefined;

  readonly #timeline: TimelineState;
  #placed = false;
  #anchor: Anchor | null = null;
  #lastOffset = 0;
  #size = "";
  #height = 0;
  #up = true;
  #holding = 0;
  #wanted: number | null = null;
  #scrolledAt = 0;
  #takenAt = -TAKEN_MS;
  #following: ReturnType<typeof setTimeout> | undefined;
  #pointing: ReturnType<typeof setTimeout> | undefined;

  constructor(timeline: TimelineState) {
    this.#timeline = timeline;
    timeline.held = () => (this.#placed && !this.atNewest ? (this.#find()?.key ?? null) : null);
  }

  /** The way the reader last moved. */
  get direction(): "up" | "down" {
    return this.#up ? "up" : "down";
  }

  /** Before the rows change: remembers where the reader is. */
  remember(): void {
    this.#anchor = this.#placed && !this.atNewest ? this.#find() : null;
  }

  /** After the rows changed. */
  async settle(): Promise<void> {
    const { items, target } = this.#timeline;
    if (items.length === 0) return;
    await tick();
    if (target !== null) {
      this.#timeline.target = null;
      this.#placed = true;
      this.#wanted = null;
      if (target === "newest") this.pin();
      else await this.show(target);
    } else if (this.#wanted !== null) {
      await this.show(this.#wanted);
    } else if (!this.#placed) {
      this.#placed = true;
      await this.#begin(items);
    } else if (this.atNewest && this.#timeline.atEnd) {
      this.#follow();
    } else if (this.#anchor) {
      await this.#hold(this.#anchor);
    }
    this.look();
  }

  /** To the newest row, and to stay there. */
  pin(): void {
    this.atNewest = true;
    this.#scroll(this.#timeline.items.length - 1, "end");
  }

  /** Brings a place into view and points it out; if it is not here yet, as soon as it is. */
  async show(seq: number): Promise<void> {
    const { items } = this.#timeline;
    const index = items.findIndex((item) =>
      item.kind === "message" ? item.seq === seq : item.kind === "hole" && holds(item, seq),
    );
    const item = items[index];
    if (!item) return;
    this.atNewest = false;
    this.#up = false;
    this.#wanted = item.kind === "hole" ? seq : null;
    if (item.kind === "message") this.#point(keyOf(item));
    this.#scroll(index, "center");
    await frames(3);
  }

  /** The reader takes over: whatever was being held or scrolled to is let go. */
  taken(): void {
    this.#holding += 1;
    this.#wanted = null;
    this.#takenAt = performance.now();
    // The list goes on measuring its way to a target for a moment; a new target ends that.
    if (performance.now() - this.#scrolledAt < SCROLLING_MS) {
      this.#scrolledAt = 0;
      this.list?.scrollTo(this.list.getScrollOffset());
    }
  }

  scrolled(offset: number): void {
    const moved = offset - this.#lastOffset;
    this.#lastOffset = offset;
    const wasLaidOut = this.#wasLaidOut();
    if (Math.abs(moved) > 1) this.#up = moved < 0;
    if (this.#isAtEnd()) this.atNewest = this.#timeline.atEnd;
    else if (moved < -2 && !wasLaidOut) this.atNewest = false;
    this.look();
  }

  /** The view or a row changed its size. */
  resized(): void {
    this.#wasLaidOut();
    if (this.#placed && this.atNewest) this.#follow();
    else this.look();
  }

  /** Notes what is in view and reads more near the ends. */
  look(): void {
    const { list } = this;
    if (!list || !this.#placed || list.getViewportSize() === 0) return;
    const offset = list.getScrollOffset();
    const bottom = offset + list.getViewportSize();
    const { items } = this.#timeline;
    for (let index = Math.min(list.findItemIndex(bottom - 2), items.length - 1); index >= 0; index -= 1) {
      const item = items[index];
      if (item?.kind === "message" && item.seq !== null) {
        this.lastSeen = item.seq;
        break;
      }
    }
    if (offset < NEAR) void this.#timeline.older();
    if (!this.#timeline.atEnd && list.getScrollSize() - bottom < NEAR) void this.#timeline.newer();
  }

  /** Where a room opens: at the unread line if there is one, else at the newest message. */
  async #begin(items: Item[]): Promise<void> {
    const line = items.findIndex((item) => item.kind === "unread");
    if (line < 0 || this.#timeline.firstUnread !== null) {
      this.pin();
      await frames(2);
      return;
    }
    this.atNewest = false;
    this.#up = false;
    this.#scroll(Math.max(0, line - 1), "start");
    await frames(3);
    if (this.#isAtEnd()) this.atNewest = this.#timeline.atEnd;
  }

  /** Stays at the newest row, unless the reader is just moving away from it. */
  #follow(): void {
    const wait = this.#takenAt + TAKEN_MS - performance.now();
    if (wait <= 0) {
      this.pin();
      return;
    }
    clearTimeout(this.#following);
    this.#following = setTimeout(() => {
      if (this.atNewest) this.#follow();
    }, wait);
  }

  #scroll(index: number, align: "start" | "center" | "end"): void {
    this.#scrolledAt = performance.now();
    this.list?.scrollToIndex(index, { align });
  }

  /** Whether the last move came from a new layout (another size, shorter rows), not the reader. */
  #wasLaidOut(): boolean {
    const { root } = this;
    if (!root) return false;
    const size = `${root.clientWidth}x${root.clientHeight}`;
    const isNew = size !== this.#size || root.scrollHeight < this.#height;
    this.#size = size;
    this.#height = root.scrollHeight;
    return isNew;
  }

  /** Asks the page itself: the list hears of its own new size later than of the scrolling. */
  #isAtEnd(): boolean {
    const { root } = this;
    return !!root && root.scrollTop + root.clientHeight >= root.scrollHeight - END;
  }

  #rows(): HTMLElement[] {
    return [...(this.root?.querySelectorAll<HTMLElement>("[data-item]") ?? [])];
  }

  /**
   * The first row that is whole in view. Where a hole is in view, the side that the reader came
   * from: what is read on the way up stands below it, on the way down above it.
   */
  #find(): Anchor | null {
    if (!this.root) return null;
    const view = this.root.getBoundingClientRect();
    const rows = this.#rows()
      .map((row) => ({ row, box: row.getBoundingClientRect() }))
      .filter(({ box }) => box.bottom > view.top && box.top < view.bottom)
      .sort((a, b) => a.box.top - b.box.top);
    const hole = rows.findLastIndex(({ row }) => row.dataset["kind"] === "hole");
    const side = hole < 0 ? rows : this.#up ? rows.slice(hole + 1) : rows.slice(0, hole);
    // Day lines move with what is before them.
    const still = (side.length > 0 ? side : rows).filter(
      ({ row }) => row.dataset["kind"] === "message" || row.dataset["kind"] === "unread",
    );
    const chosen = still.find(({ box }) => box.top >= view.top) ?? still[0];
    const key = chosen?.row.dataset["item"];
    if (!chosen || key === undefined) return null;
    return { key, offset: chosen.box.top - view.top, above: this.#above(key) };
  }

  #above(key: string): string {
    const { items } = this.#timeline;
    const index = items.findIndex((item) => keyOf(item) === key);
    return items.slice(0, Math.max(0, index)).map(keyOf).join();
  }

  async #hold(anchor: Anchor): Promise<void> {
    if (this.#above(anchor.key) === anchor.above) return;
    const turn = (this.#holding += 1);
    for (let still = 0, frame = 0; still < 3 && frame < FRAMES; frame += 1) {
      if (turn !== this.#holding || !this.root || !this.list) return;
      const row = this.#rows().find((candidate) => candidate.dataset["item"] === anchor.key);
      if (row) {
        const off = row.getBoundingClientRect().top - this.root.getBoundingClientRect().top;
        const delta = off - anchor.offset;
        still = Math.abs(delta) < 1 ? still + 1 : 0;
        if (still === 0) this.root.scrollTop += delta;
      } else {
        const index = this.#timeline.items.findIndex((item) => keyOf(item) === anchor.key);
        if (index < 0) return;
        this.root.scrollTop = this.list.getItemOffset(index) - anchor.offset;
      }
      await frames(1);
    }
  }

  #point(key: string): void {
    clearTimeout(this.#pointing);
    this.pointedAt = key;
    this.#pointing = setTimeout(() => (this.pointedAt = null), 2000);
  }
}

function holds(hole: { from: number; to: number }, seq: number): boolean {
  return hole.from <= seq && seq <= hole.to;
}

async function frames(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((done) => requestAnimationFrame(done));
}
