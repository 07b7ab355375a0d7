import { expect, test } from "vitest";
import { Coalesced } from "./coalesced";

test("a burst costs two reads, and the last one sees the newest state", async () => {
  let value = 0;
  const seen: number[] = [];
  const gates: (() => void)[] = [];
  const reading = new Coalesced(async () => {
    const now = value;
    await new Promise<void>((done) => gates.push(done));
    seen.push(now);
  });
  const all = [1, 2, 3, 4, 5].map((next) => {
    value = next;
    return reading.run();
  });
  gates.shift()?.();
  await expect.poll(() => gates.length).toBe(1);
  gates.shift()?.();
  await Promise.all(all);
  expect(seen).toEqual([1, 5]);
});

test("works again after a failure", async () => {
  let fails = true;
  const reading = new Coalesced(async () => {
    if (fails) throw new Error("no");
  });
  await expect(reading.run()).rejects.toThrow("no");
  fails = false;
  await expect(reading.run()).resolves.toBeUndefined();
});
