import { describe, expect, test, vi } from "vitest";
import { fake, type FakeClient } from "../api/fake";
import { frontMoved, keyOf, TimelineState } from "./timeline.svelte";

function room(count: number, readSeq = count): { client: FakeClient; id: number } {
  const client = fake();
  client.world.enter("ada");
  const { id } = client.world.addRoom({ name: "general" });
  for (let i = 1; i <= count; i += 1) client.world.say(id, 2, `message ${i}`);
  client.world.room(id).readSeq = readSeq;
  return { client, id };
}

function timelineOf(client: FakeClient, id: number): TimelineState {
  const summary = client.world.summary(client.world.room(id));
  return new TimelineState(client, id, summary.read_seq, summary.unread, (error) => {
    throw error;
  });
}

function seqs(timeline: TimelineState): number[] {
  return timeline.items.flatMap((item) => (item.kind === "message" && item.seq !== null ? [item.seq] : []));
}

describe("a timeline", () => {
  test("opens at the newest messages when everything is read", async () => {
    const { client, id } = room(500);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    expect(seqs(timeline).at(-1)).toBe(500);
    expect(seqs(timeline).length).toBe(60);
    expect(timeline.atEnd).toBe(true);
    expect(timeline.items.some((item) => item.kind === "unread")).toBe(false);
  });

  test("opens with all unread messages when these are few", async () => {
    const { client, id } = room(500, 460);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    const line = timeline.items.findIndex((item) => item.kind === "unread");
    expect(timeline.items[line + 1]).toMatchObject({ seq: 461 });
    expect(timeline.atEnd).toBe(true);
    expect(timeline.firstUnread).toBeNull();
  });

  test("opens at the newest when much is unread, and knows where the unread begins", async () => {
    const { client, id } = room(500, 200);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    expect(seqs(timeline).at(-1)).toBe(500);
    expect(timeline.firstUnread).toBe(201);
    await timeline.toSeq(201);
    const line = timeline.items.findIndex((item) => item.kind === "unread");
    expect(timeline.items[line + 1]).toMatchObject({ seq: 201 });
  });

  test("grows to the beginning without losing its end", async () => {
    const { client, id } = room(150);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    while (!timeline.atStart) await timeline.older();
    expect(seqs(timeline)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
  });

  test("says that its front moved when older messages come before", async () => {
    const { client, id } = room(150);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    expect(timeline.shift).toBe(false);
    await timeline.older();
    expect(timeline.shift).toBe(true);
    client.world.say(id, 2, "one more");
    await timeline.reload();
    expect(timeline.shift).toBe(false);
    expect(seqs(timeline).at(-1)).toBe(151);
  });

  test("lets go of the far end of a long way up, and comes back", async () => {
    const { client, id } = room(2000);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    for (let i = 0; i < 20; i += 1) await timeline.older();
    expect(seqs(timeline).length).toBeLessThan(500);
    expect(timeline.atEnd).toBe(false);
    while (!timeline.atEnd) await timeline.newer();
    expect(seqs(timeline).at(-1)).toBe(2000);
    expect(seqs(timeline).length).toBeLessThan(500);
  });

  test("does not read past a hole: it asks for the end that the reader comes from", async () => {
    const { client, id } = room(300);
    client.world.forget(id, 100, 250);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    expect(timeline.items[0]).toMatchObject({ kind: "hole", from: 241, to: 250 });
    const before = seqs(timeline);
    await timeline.older();
    expect(seqs(timeline)).toEqual(before);
    timeline.fill(241, 250, "high");
    await timeline.reload();
    expect(seqs(timeline)[0]).toBe(241);
    await timeline.older();
    expect(timeline.items[0]).toMatchObject({ kind: "hole", from: 181, to: 240 });
  });

  test("asks for no more than a page of a big hole", () => {
    const { client, id } = room(3);
    const fill = vi.spyOn(client, "fill");
    const timeline = timelineOf(client, id);
    timeline.fill(1, 5000, "high");
    timeline.fill(1, 5000, "low");
    expect(fill.mock.calls).toEqual([
      [id, 4941, 5000],
      [id, 1, 60],
    ]);
  });

  test("shows what is not sent yet at the end, and keeps its key when it is sent", async () => {
    const { client, id } = room(3);
    client.world.setOnline(false);
    await client.send(id, { text: "waits", reply_to: null, base: null, forget: [] }, null);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    const waiting = timeline.items.at(-1);
    expect(waiting).toMatchObject({ text: "waits", delivery: { state: "waiting" } });
    client.world.deliver(id);
    await timeline.reload();
    const sent = timeline.items.at(-1);
    expect(sent).toMatchObject({ seq: 4, delivery: { state: "sent" } });
    expect(sent && keyOf(sent)).toBe(waiting && keyOf(waiting));
  });

  test("goes to a quoted message outside the window", async () => {
    const { client, id } = room(500);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    await timeline.toSeq(42);
    expect(timeline.target).toBe(42);
    expect(seqs(timeline)).toContain(42);
  });

  test("goes to a message in the middle of a hole: what is around it is asked for first", async () => {
    const { client, id } = room(2000);
    client.world.forget(id, 1, 1900);
    const fill = vi.spyOn(client, "fill");
    const timeline = timelineOf(client, id);
    await timeline.reload();
    await timeline.toSeq(900);
    expect(fill.mock.calls).toEqual([[id, 870, 929]]);
    await timeline.reload();
    expect(timeline.target).toBe(900);
    expect(seqs(timeline)).toContain(900);
    // From here it goes on as from any other place.
    await timeline.older();
    expect(seqs(timeline)).toContain(900);
  });

  test("keeps the unread line where it was while new messages arrive", async () => {
    const { client, id } = room(10, 8);
    const timeline = timelineOf(client, id);
    await timeline.reload();
    client.world.say(id, 2, "another");
    await timeline.reload();
    const line = timeline.items.findIndex((item) => item.kind === "unread");
    expect(timeline.items[line + 1]).toMatchObject({ seq: 9 });
  });

  test("marks as read once for many rows, and never backwards", () => {
    vi.useFakeTimers();
    const { client, id } = room(10, 2);
    const mark = vi.spyOn(client, "markRead");
    const timeline = timelineOf(client, id);
    for (const seq of [3, 5, 4, 9]) timeline.seen(seq, false);
    vi.runAllTimers();
    timeline.seen(7, true);
    vi.runAllTimers();
    expect(mark.mock.calls).toEqual([[id, 9]]);
    vi.useRealTimers();
  });

  test("what is not here was not read, unless the reader went to the newest", async () => {
    vi.useFakeTimers();
    const { client, id } = room(100, 50);
    client.world.forget(id, 61, 80);
    const mark = vi.spyOn(client, "markRead");
    const timeline = timelineOf(client, id);
    await timeline.reload();
    timeline.seen(90, false);
    vi.runAllTimers();
    timeline.seen(100, true);
    vi.runAllTimers();
    expect(mark.mock.calls).toEqual([
      [id, 60],
      [id, 100],
    ]);
    vi.useRealTimers();
  });

  test("shows an error of the store and recovers from it", async () => {
    const { client, id } = room(3);
    const timeline = timelineOf(client, id);
    vi.spyOn(client, "timeline").mockRejectedValueOnce({
      kind: "storage",
      message: "the local store failed",
      code: null,
      fields: {},
    });
    await timeline.reload();
    expect(timeline.error?.kind).toBe("storage");
    await timeline.reload();
    expect(timeline.error).toBeNull();
    expect(seqs(timeline)).toEqual([1, 2, 3]);
  });
});

test("a change behind the first message does not move the front", async () => {
  const { client, id } = room(20);
  const { items } = await client.timeline(id, { kind: "newest", count: 10 }, null);
  expect(frontMoved(items, items.slice(0, -3), null)).toBe(false);
  expect(frontMoved(items, items.slice(3), null)).toBe(true);
  const filled = items.toSpliced(5, 0, { kind: "hole", from: 1, to: 2 });
  const [third, seventh] = [items[3], items[7]];
  expect(frontMoved(items, filled, third ? keyOf(third) : null)).toBe(false);
  expect(frontMoved(items, filled, seventh ? keyOf(seventh) : null)).toBe(true);
  expect(frontMoved([], items, null)).toBe(false);
});
