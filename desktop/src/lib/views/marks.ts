/** A text in parts, the marked ones between the others. `ranges` are bytes of its UTF-8, rising. */
export function marked(text: string, ranges: [number, number][]): { text: string; found: boolean }[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const parts: { text: string; found: boolean }[] = [];
  const put = (from: number, to: number, found: boolean): void => {
    if (to > from) parts.push({ text: decoder.decode(bytes.slice(from, to)), found });
  };
  let at = 0;
  for (const [from, to] of ranges) {
    if (from < at || to < from || to > bytes.length) continue;
    put(at, from, false);
    put(from, to, true);
    at = to;
  }
  put(at, bytes.length, false);
  return parts;
}
