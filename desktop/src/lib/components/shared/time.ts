/** Moments for people, in local time. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const long = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** Midnight of a day, in local time. */
function dayOf(moment: Date): number {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
}

function daysBetween(earlier: Date, later: Date): number {
  return Math.round((dayOf(later) - dayOf(earlier)) / 86_400_000);
}

/** For a list: the time today, the weekday this week, else the date. */
export function briefly(at: string, now: Date): string {
  const moment = new Date(at);
  const days = daysBetween(moment, now);
  if (days <= 0) return clock.format(moment);
  return days < 7 ? weekday.format(moment) : short.format(moment);
}

/** For a day line: `2026-11-24` as words. */
export function dayInWords(date: string, now: Date): string {
  const [year, month, day] = date.split("-").map(Number);
  const moment = new Date(year ?? 1970, (month ?? 1) - 1, day ?? 1);
  const days = daysBetween(moment, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return moment.getFullYear() === now.getFullYear() ? long.format(moment) : full.format(moment);
}

/** Everything, for a tooltip. */
export function exactly(at: string): string {
  return exact.format(new Date(at));
}
