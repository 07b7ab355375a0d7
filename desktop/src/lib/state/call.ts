import type { Limits } from "../api/generated/Limits";
import type { RoomSummary } from "../api/generated/RoomSummary";

/** `@all` or `@here` as the server reads them: not within a word, and no part of a longer name. */
const CALL = /(?<![\p{Alphabetic}\p{N}@])@(?:all|here)[.-]*(?![A-Za-z0-9._-])/iu;

/** Whether a text calls everybody. */
export function callsEverybody(text: string): boolean {
  return CALL.test(text);
}

/** Why a call to everybody is refused, whether one is asked before it, or that nothing is to be said. */
export type CallCheck = { kind: "refused"; why: string } | { kind: "ask" } | { kind: "fine" };

export function checkCall(text: string, room: RoomSummary, limits: Limits): CallCheck {
  if (!callsEverybody(text)) return { kind: "fine" };
  if (!room.can.includes("mention_all")) {
    return {
      kind: "refused",
      why: "Your role here doesn't call everybody: write without @all and @here.",
    };
  }
  if (room.member_count > limits.called_members) {
    return {
      kind: "refused",
      why: `@all and @here call at most ${limits.called_members} members, and here are ${room.member_count}.`,
    };
  }
  return { kind: room.member_count >= limits.call_asks_members ? "ask" : "fine" };
}
