// Raw frames: what is said and what is told, in the order in which it happens.

import { by, make, token } from "./api.js";

const LINES = 500;
const EXAMPLES = {
  "ping": { type: "ping", data: {} },
  "join a room": { type: "join_room", data: { room_id: 1 } },
  "leave a room": { type: "leave_room", data: { room_id: 1 } },
  "type": { type: "typing", data: { room_id: 1, is_typing: true } },
  "send a message": { type: "send_message", id: 1, data: { room_id: 1, content: "Hello world!" } },
  "be idle": { type: "set_presence", data: { state: "idle" } },
  "hello, from the beginning": { type: "hello", data: { client: "by hand" } },
};
let ws = null;

function note(kind, way, text) {
  const log = by("log");
  const time = new Date().toLocaleTimeString([], { hour12: false });
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(make("li", { class: kind }, make("span", { class: "way" }, `${time} ${way}`), text));
  while (log.childElementCount > LINES) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function state(text, isOpen) {
  by("state").textContent = text;
  by("send").disabled = !isOpen;
  by("disconnect").disabled = !ws;
  by("connect").disabled = Boolean(ws);
}

by("open").addEventListener("submit", (event) => {
  event.preventDefault();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const given = by("token").value.trim();
  const address = `${scheme}://${location.host}/chat/ws`;
  ws = by("hello").checked
    ? new WebSocket(address, ["erc.v1", `bearer.${given}`])
    : new WebSocket(`${address}?token=${encodeURIComponent(given)}`);
  state("connecting…", false);
  ws.onopen = () => {
    note("note", "—", "open");
    state("connected", true);
  };
  ws.onmessage = (event) => note("told", "←", event.data);
  ws.onclose = (event) => {
    note("note", "—", `closed: ${event.code}${event.reason ? ` ${event.reason}` : ""}${event.code === 1006 ? " (no upgrade: is the token good?)" : ""}`);
    ws = null;
    state("not connected", false);
  };
});

by("disconnect").addEventListener("click", () => ws?.close());
by("clear").addEventListener("click", () => by("log").replaceChildren());

by("say").addEventListener("submit", (event) => {
  event.preventDefault();
  by("fault").textContent = "";
  const text = by("frame").value;
  try {
    JSON.parse(text);
  } catch (error) {
    // It goes out all the same: how the server answers to what is no JSON is worth seeing, too.
    by("fault").textContent = `This is no JSON (${error.message}); the server will say so.`;
  }
  ws?.send(text);
  note("sent", "→", text);
});

for (const name of Object.keys(EXAMPLES)) by("example").append(make("option", { value: name }, name));
function example() {
  by("frame").value = JSON.stringify(EXAMPLES[by("example").value], null, 2);
}
by("example").addEventListener("change", example);
example();
if (token()) by("token").value = token();
