/** Seconds in a unit that people read. */
export function lasting(seconds: number | null): string {
  if (seconds === null) return "not known";
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
