import type { MessageView } from "../lib/api/generated/MessageView";
import type { OpenRoom } from "../lib/state/room.svelte";

/** The messages of the open room, without what lies between them. */
export function rows(open: OpenRoom): MessageView[] {
  return open.timeline.items.filter((item) => item.kind === "message") as MessageView[];
}
