import type { Me } from "../../api/generated/Me";
import type { RoomRole } from "../../api/generated/RoomRole";
import type { RoomSummary } from "../../api/generated/RoomSummary";

/** What is worth saying of a role; the ordinary one is silent. */
export const roleWords: Record<RoomRole, string> = {
  owner: "owner",
  admin: "admin",
  moderator: "moderator",
  member: "",
  read_only: "reads only",
};

/** Whether to offer adding people. The server decides; this only hides what fails. */
export function canManage(room: RoomSummary): boolean {
  return room.kind !== "direct" && room.can.includes("invite");
}

/** Whether to offer muting, removing and banning people. */
export function canModerate(room: RoomSummary): boolean {
  return room.kind !== "direct" && room.can.includes("moderate");
}

/** Whether to offer changing the room and roles in it. */
export function canChange(room: RoomSummary): boolean {
  return room.kind !== "direct" && room.can.includes("manage");
}

/** Whether members write, not only those who look after the room. */
export function membersWrite(room: RoomSummary): boolean {
  const least = room.permissions.send ?? (room.kind === "announcement" ? "moderator" : "member");
  return least === "member" || least === "read_only";
}

/** Why this user may not write, in words. */
export function whyNot(room: RoomSummary): string {
  if (room.messages_left === 0) return `You wrote as much as one may before ${room.name} accepts: wait until they accept.`;
  if (room.archived_at) return "This room is archived: it is only read.";
  if (room.muted_until) return "You are muted in this room: you can read, but not write.";
  return room.kind === "announcement"
    ? "Only moderators write here."
    : "You can read here, but not write.";
}

/** Whether to offer deleting the room. */
export function canDelete(room: RoomSummary, me: Me): boolean {
  return room.kind !== "direct" && (room.role === "owner" || isServerAdmin(me));
}

function isServerAdmin(me: Me): boolean {
  return me.role === "owner" || me.role === "admin";
}
