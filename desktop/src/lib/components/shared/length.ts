/** Lengths of time for people. */

const units: [number, string][] = [
  [604_800, "week"],
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** The largest unit that fits without a rest: `7200` as `2 hours`. */
export function lengthInWords(seconds: number): string {
  const [each, unit] = units.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, "second"];
  const count = seconds / each;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** How long is left, roughly and never more than there is: `59 s`, `12 min`, `3 h`, `2 d`. */
export function left(at: string, now: number): string {
  const seconds = Math.max(0, Math.floor((new Date(at).getTime() - now) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
