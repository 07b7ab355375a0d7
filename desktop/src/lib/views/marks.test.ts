import { expect, test } from "vitest";
import { marked } from "./marks";

test("marks are bytes of the text, in any script", () => {
  expect(marked("un café 日本語", [[3, 8], [12, 15]])).toEqual([
    { text: "un ", found: false },
    { text: "café", found: true },
    { text: " 日", found: false },
    { text: "本", found: true },
    { text: "語", found: false },
  ]);
  expect(marked("plain", [])).toEqual([{ text: "plain", found: false }]);
  expect(marked("short", [[2, 99]])).toEqual([{ text: "short", found: false }]);
});
