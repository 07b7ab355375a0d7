/** A hue for a person, from the id: the same everywhere, neighbours far apart. */
export function hueOf(id: number): number {
  return Math.round((id * 137.508) % 360);
}

/** One or two letters for a round picture. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const first = words[0] ? [...words[0]][0] : "?";
  const second = words.length > 1 ? [...(words.at(-1) ?? "")][0] : "";
  return `${first ?? "?"}${second ?? ""}`.toUpperCase();
}
