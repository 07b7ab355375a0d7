import { expect, test } from "vitest";
import { pieces } from "./links";

function hrefs(text: string): string[] {
  return pieces(text).flatMap((piece) => piece.href ?? []);
}

test("links end before the punctuation of the sentence", () => {
  expect(hrefs("See https://example.org/a, (or http://b.example/x_(y)) and https://c.example!")).toEqual([
    "https://example.org/a",
    "http://b.example/x_(y)",
    "https://c.example",
  ]);
});

test("only web links are links", () => {
  expect(hrefs("javascript:alert(1) file:///etc/passwd data:text/html,x ftp://a.example http://")).toEqual([]);
});

test("put together, the pieces are the text", () => {
  const text = "a https://example.org/ü?q=1#x b\nhttp://[::1]:8000/ ‮ c";
  expect(pieces(text).map((piece) => piece.text).join("")).toBe(text);
});
