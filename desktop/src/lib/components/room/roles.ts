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

/** Whether to offer adding and removing people. The server decides; this only hides what fails. */
export function canManage(room: RoomSummary, me: Me): boolean {
  if (room.kind === "direct") return false;
  return ["owner", "admin", "moderator"].includes(room.role) || isServerAdmin(me);
}

/** Whether to offer renaming. */
export function canChange(room: RoomSummary, me: Me): boolean {
  return room.kind !== "direct" && (["owner", "admin"].includes(room.role) || isServerAdmin(me));
}

/** Whether to offer deleting the room. */
export function canDelete(room: RoomSummary, me: Me): boolean {
  return room.kind !== "direct" && (room.role === "owner" || isServerAdmin(me));
}

function isServerAdmin(me: Me): boolean {
  return me.role === "owner" || me.role === "admin";
}
