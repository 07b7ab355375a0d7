import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { idleMinutes, setIdleMinutes, watchIdle } from "./idle";

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
});
afterEach(() => vi.useRealTimers());

test("nobody is there after so many minutes without a key, and somebody with the next one", () => {
  const told: boolean[] = [];
  setIdleMinutes(3);
  const end = watchIdle((active) => told.push(active));
  vi.advanceTimersByTime(2 * 60_000);
  window.dispatchEvent(new Event("keydown"));
  vi.advanceTimersByTime(3 * 60_000 - 1);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([false]);
  window.dispatchEvent(new Event("pointermove"));
  window.dispatchEvent(new Event("keydown"));
  expect(told).toEqual([false, true]);
  end();
  vi.advanceTimersByTime(10 * 60_000);
  expect(told).toEqual([false, true]);
});

test("zero minutes are never, and nonsense is as usual", () => {
  const told: boolean[] = [];
  setIdleMinutes(0);
  const end = watchIdle((active) => told.push(active));
  vi.advanceTimersByTime(600 * 60_000);
  expect(told).toEqual([]);
  end();
  setIdleMinutes(Number.NaN);
  expect(idleMinutes()).toBe(0);
  localStorage.setItem("idle-minutes", "soon");
  expect(idleMinutes()).toBe(10);
});
