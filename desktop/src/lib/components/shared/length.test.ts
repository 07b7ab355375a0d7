import { expect, test } from "vitest";
import { left, lengthInWords } from "./length";

test("a length is said in the largest unit that fits", () => {
  expect([5, 60, 90, 3_600, 7_200, 86_400, 1_209_600].map(lengthInWords)).toEqual([
    "5 seconds",
    "1 minute",
    "90 seconds",
    "1 hour",
    "2 hours",
    "1 day",
    "2 weeks",
  ]);
});

test("what is left is never said to be more than it is", () => {
  const at = new Date(100_000_000).toISOString();
  expect(left(at, 100_000_000 - 59_999)).toBe("59 s");
  expect(left(at, 100_000_000 - 3_599_999)).toBe("59 min");
  expect(left(at, 100_000_000 - 86_399_999)).toBe("23 h");
  expect(left(at, 100_000_000 - 90_000_000)).toBe("1 d");
  expect(left(at, 100_000_001)).toBe("0 s");
});
