import type { Chat } from "../state/chat.svelte";

/** The keys that work everywhere. */
export function shortcut(event: KeyboardEvent, chat: Chat): void {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k") chat.sheet = { kind: "switcher" };
  else if (command && event.key.toLowerCase() === "f") chat.sheet = { kind: "search" };
  else if (event.key === "F1") chat.sheet = { kind: "keys" };
  else if (chat.sheet) return;
  else if (event.key === "?" && !isTyping(event)) chat.sheet = { kind: "keys" };
  else if (event.altKey && event.key === "ArrowDown") step(chat, 1);
  else if (event.altKey && event.key === "ArrowUp") step(chat, -1);
  else if (event.key === "F6") region(event.shiftKey ? -1 : 1);
  else return;
  event.preventDefault();
}

function isTyping(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.closest("textarea, input") !== null;
}

/** The next or previous room, in the order of the list on screen: rooms, then people. */
function step(chat: Chat, by: 1 | -1): void {
  const list = [
    ...chat.rooms.list.filter((room) => room.kind !== "direct"),
    ...chat.rooms.list.filter((room) => room.kind === "direct"),
  ];
  const at = list.findIndex((room) => room.id === chat.open?.id);
  const next = list[at < 0 ? 0 : at + by];
  if (next) chat.select(next.id);
}

/** From the rooms to the messages to the composer, and around. */
function region(by: 1 | -1): void {
  const stops = ["[data-region=rooms] [data-room-name]", "[data-testid=timeline]", "[data-testid=composer]"]
    .map((selector) => document.querySelector<HTMLElement>(selector))
    .filter((stop) => stop !== null && stop.offsetParent !== null) as HTMLElement[];
  const inside = (stop: HTMLElement): boolean =>
    (stop.closest("[data-region], [data-testid=timeline]") ?? stop).contains(document.activeElement);
  const at = stops.findIndex(inside);
  stops[(at + by + stops.length) % stops.length]?.focus();
}
