import type { FilterAction } from "../../api/generated/FilterAction";
import type { FilterKind } from "../../api/generated/FilterKind";
import type { ReportKind } from "../../api/generated/ReportKind";
import type { ReportOutcome } from "../../api/generated/ReportOutcome";
import type { ReportView } from "../../api/generated/ReportView";

/** What may be wrong, in words. */
export const kinds: [ReportKind, string][] = [
  ["spam", "advertising, or the same over and over"],
  ["harassment", "insults, threats, following somebody around"],
  ["unwanted", "what nobody should have to see here"],
  ["illegal", "against the law"],
  ["danger", "somebody may be in danger"],
  ["other", "something else"],
];

/** What may come of a report, in words. */
export const outcomes: [ReportOutcome, string][] = [
  ["nothing", "there was nothing to do"],
  ["warned", "I talked to them"],
  ["message_deleted", "delete the message"],
  ["muted", "they only read in the room"],
  ["banned", "ban them from the room"],
  ["account_disabled", "disable their account"],
];

/** How a word filter's text is meant, in words. */
export const filterKinds: [FilterKind, string][] = [
  ["words", "words"],
  ["pattern", "a pattern (regular expression)"],
];

/** What happens to what has it, in words. */
export const filterActions: [FilterAction, string][] = [
  ["refuse", "isn't taken"],
  ["mask", "gets asterisks there"],
  ["flag", "is told to moderators"],
];

/** Those that make sense for a report. */
export function outcomesOf(report: ReportView): [ReportOutcome, string][] {
  return outcomes.filter(([outcome]) => {
    if (outcome === "message_deleted") return report.message_id !== null;
    if (outcome === "muted" || outcome === "banned") return report.room_id !== null;
    return true;
  });
}
