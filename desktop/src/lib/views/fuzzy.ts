/**
 * How well a query fits a text: null if its letters don't stand in the text in order; higher is
 * better. Letters at the beginning of words and next to each other count more.
 */
export function fit(query: string, text: string): number | null {
  const wanted = [...query.toLowerCase().replaceAll(/\s+/gu, "")];
  const letters = [...text.toLowerCase()];
  let score = 0;
  let at = -1;
  for (const letter of wanted) {
    const next = letters.indexOf(letter, at + 1);
    if (next < 0) return null;
    if (next === at + 1) score += 3;
    if (next === 0 || /[\s#@._-]/u.test(letters[next - 1] ?? "")) score += 4;
    score -= (next - at - 1) * 0.1;
    at = next;
  }
  return score - letters.length * 0.01;
}

/** The entries that fit, best first; for an empty query all of them as they stand. */
export function ranked<T>(query: string, entries: T[], textOf: (entry: T) => string): T[] {
  if (query.trim() === "") return entries;
  return entries
    .map((entry) => ({ entry, score: fit(query, textOf(entry)) }))
    .filter((scored): scored is { entry: T; score: number } => scored.score !== null)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}
