import type { PresenceState } from "../../api/generated/PresenceState";
import type { StatusView } from "../../api/generated/StatusView";

/** How present somebody is. */
export const presenceWords: Record<PresenceState, string> = {
  online: "online",
  idle: "away",
  do_not_disturb: "do not disturb",
  offline: "offline",
};

/** What somebody says of themselves, in a line; empty if nothing. */
export function statusWords(status: StatusView | null): string {
  return status ? [status.emoji, status.text].filter(Boolean).join(" ") : "";
}
