// The web chat: sends by REST, hears by the socket, and asks again for what it missed meanwhile.

import { ask, by, keep, make, me, pause, plain, Refused, refresh, token, uuid } from "./api.js";

const PAGE = 50;
const TYPING_EVERY = 4000;
const TYPING_LASTS = 6000;

let rooms = new Map(); // id → room, as the server gave it
let names = new Map(); // room id → name of a direct room's other person
let open = null; // id of the room on screen
let rows = new Map(); // message id → row, of the room on screen
let oldest = 0; // the lowest place held
let members = new Map(); // user id → member, of the room on screen
let present = new Map(); // user id → state
let typing = new Map(); // user id → {name, until}
let ws = null;
let tries = 0;
let saidTyping = 0;
let unsent = null; // {room, text, id}: what is sent again under the same id

// ---- the socket

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/chat/ws?token=${token()}`);
  ws = socket;
  socket.onopen = async () => {
    tries = 0;
    link("live", "Connected");
    await catchUp();
  };
  socket.onmessage = (event) => {
    const data = JSON.parse(event.data);
    handleMessage(data);
  };
  socket.onclose = async () => {
    if (ws !== socket) return;
    ws = null;
    link("away", "Connecting…");
    // Everybody's link breaks at once when the server restarts, so not all at the same moment.
    await pause(Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random()));
    tries += 1;
    if (!me() || ws) return;
    try {
      await refresh();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return signOut();
    }
    connect();
  };
}

function say(type, data) {
  if (ws?.readyState === WebSocket.OPEN) ws.send(JSON.stringify({ type, data }));
}

function handleMessage({ type, data }) {
  switch (type) {
    case "new_message":
      return heard(data);
    case "message_updated":
      if (data.chat_room_id === open && rows.has(data.message_id)) put(data);
      return;
    case "typing_indicator":
      if (data.room_id === open && data.user_id !== me().id) {
        if (data.is_typing) typing.set(data.user_id, { name: data.user_name, until: Date.now() + TYPING_LASTS });
        else typing.delete(data.user_id);
        showTyping();
        setTimeout(showTyping, TYPING_LASTS + 50);
      }
      return;
    case "presence_update":
      present.set(data.user_id, data.state);
      return showPeople();
    case "room_joined":
      if (data.room_id !== open) return;
      present = new Map(data.presence.map((one) => [one.user_id, one.state]));
      return showPeople();
    case "member_updated":
      if (data.room_id === open) {
        if (data.member.state === "joined") members.set(data.member.user_id, data.member);
        else members.delete(data.member.user_id);
        showPeople();
      }
      return data.member.user_id === me().id ? loadRooms() : undefined;
    case "room_updated":
    case "sync":
      return loadRooms();
    case "session_ended":
      return signOut();
    case "error":
      return complain(data.message);
  }
}

function heard(message) {
  const room = rooms.get(message.chat_room_id);
  if (!room) return loadRooms();
  const mine = message.sender_id === me().id;
  room.last_seq = Math.max(room.last_seq, message.seq);
  room.last_message_at = message.created_at;
  typing.delete(message.sender_id);
  showTyping();
  if (message.chat_room_id === open) {
    const log = by("messages");
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    put(message);
    if (atEnd || mine) log.scrollTop = log.scrollHeight;
    markRead();
  }
  if (!mine && (message.chat_room_id !== open || document.hidden)) room.unread.count += 1;
  showRooms();
}

/** What came while there was no socket. */
async function catchUp() {
  await loadRooms();
  if (open == null || !rooms.has(open)) return;
  say("join_room", { room_id: open });
  const room = open;
  for (;;) {
    const after = Math.max(0, ...[...rows.values()].map((row) => row.seq));
    const page = await ask("GET", `/chat/rooms/${room}/messages?limit=100&after_seq=${after}`);
    if (room !== open) return;
    page.messages.forEach(put);
    if (!page.has_more || !page.messages.length) break;
  }
  markRead();
}

// ---- rooms

async function loadRooms() {
  const list = await ask("GET", "/chat/rooms");
  rooms = new Map(list.rooms.map((room) => [room.id, room]));
  showRooms();
  for (const room of rooms.values()) {
    if (room.type === "direct" && !names.has(room.id)) {
      const { members } = await ask("GET", `/chat/rooms/${room.id}/members`);
      const other = members.find((one) => one.user_id !== me().id);
      names.set(room.id, other?.display_name ?? "somebody");
      showRooms();
    }
  }
}

const nameOf = (room) => room.name || names.get(room.id) || "…";

function showRooms() {
  const sorted = [...rooms.values()].sort((a, b) => b.last_message_at.localeCompare(a.last_message_at));
  const focused = document.activeElement?.dataset?.room;
  by("rooms").replaceChildren(
    ...sorted.map((room) => {
      const count = room.id === open && !document.hidden ? 0 : room.unread.count;
      const button = make(
        "button",
        { type: "button", "data-room": room.id, "aria-current": room.id === open && "true", onclick: () => enter(room.id) },
        make("bdi", {}, nameOf(room)),
      );
      if (count) {
        button.append(
          make("span", { class: "count" }, String(count), make("span", { class: "unseen" }, " unread")),
        );
      }
      return make("li", {}, button);
    }),
  );
  by("no-rooms").hidden = sorted.length > 0;
  if (focused) by("rooms").querySelector(`[data-room="${focused}"]`)?.focus();
  const unread = sorted.reduce((sum, room) => sum + (room.id === open && !document.hidden ? 0 : room.unread.count), 0);
  document.title = unread ? `(${unread}) ERC Chat` : "ERC Chat";
  by("title").textContent = open != null && rooms.has(open) ? nameOf(rooms.get(open)) : "ERC Chat";
}

async function enter(id) {
  if (open != null && open !== id) say("leave_room", { room_id: open });
  open = id;
  rows = new Map();
  members = new Map();
  present = new Map();
  typing = new Map();
  by("messages").replaceChildren();
  by("chat").classList.add("in-room");
  by("room").hidden = false;
  by("people").hidden = false;
  by("no-room").hidden = true;
  complain("");
  showTyping();
  showRooms();
  say("join_room", { room_id: id });
  const page = await ask("GET", `/chat/rooms/${id}/messages?limit=${PAGE}`, undefined, waiting);
  if (id !== open) return;
  page.messages.forEach(put);
  by("older").hidden = !page.has_more;
  const log = by("messages");
  log.scrollTop = log.scrollHeight;
  by("text").focus();
  await markRead();
  const list = await ask("GET", `/chat/rooms/${id}/members?limit=100`);
  if (id !== open) return;
  members = new Map(list.members.map((one) => [one.user_id, one]));
  showPeople();
}

async function older() {
  const room = open;
  const page = await ask("GET", `/chat/rooms/${room}/messages?limit=${PAGE}&before_seq=${oldest}`, undefined, waiting);
  if (room !== open) return;
  const log = by("messages");
  const fromEnd = log.scrollHeight - log.scrollTop;
  page.messages.forEach(put);
  log.scrollTop = log.scrollHeight - fromEnd;
  by("older").hidden = !page.has_more;
}

async function markRead() {
  const room = rooms.get(open);
  if (!room || document.hidden) return;
  const seq = Math.max(0, ...[...rows.values()].map((row) => row.seq));
  room.unread.count = 0;
  if (seq <= room.unread.read_seq) return showRooms();
  room.unread = await ask("POST", `/chat/rooms/${room.id}/read`, { seq });
  showRooms();
}

// ---- messages and people

/** Puts a row where its place is; a row that is there already only if this one is newer. */
function put(row) {
  const known = rows.get(row.message_id);
  if (known && known.rev >= row.rev) return;
  rows.set(row.message_id, row);
  const time = new Date(row.created_at);
  const line = make(
    "li",
    { "data-seq": row.seq, "data-id": row.message_id },
    make("span", { class: "who" }, make("bdi", {}, row.sender_name)),
    make("time", { class: "dim small", datetime: row.created_at }, time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })),
    row.edited_at ? make("span", { class: "dim small" }, " (edited)") : null,
    row.deleted_at
      ? make("div", { class: "text gone" }, "This message was deleted.")
      : make("div", { class: "text", dir: "auto" }, row.content),
  );
  const log = by("messages");
  const old = log.querySelector(`[data-id="${row.message_id}"]`);
  if (old) return old.replaceWith(line);
  const next = [...log.children].find((other) => Number(other.dataset.seq) > row.seq);
  log.insertBefore(line, next ?? null);
  oldest = Math.min(...[...rows.values()].map((one) => one.seq));
}

function showTyping() {
  const names = [...typing.values()].filter((one) => one.until > Date.now()).map((one) => one.name);
  const who = names.length > 3 ? `${names.length} people are` : `${names.join(", ")} ${names.length > 1 ? "are" : "is"}`;
  const text = names.length ? `${who} typing…` : "";
  if (by("typing").textContent !== text) by("typing").textContent = text;
}

function showPeople() {
  const state = (id) => present.get(id) ?? "offline";
  const order = { online: 0, idle: 1, offline: 2 };
  const sorted = [...members.values()].sort(
    (a, b) => order[state(a.user_id)] - order[state(b.user_id)] || a.display_name.localeCompare(b.display_name),
  );
  by("members").replaceChildren(
    ...sorted.map((one) =>
      make(
        "li",
        { "data-user": one.user_id, "data-state": state(one.user_id) },
        make("bdi", {}, one.display_name),
        make("span", { class: "dim small" }, ` ${state(one.user_id)}`),
      ),
    ),
  );
}

async function send() {
  const box = by("text");
  const text = box.value;
  if (!text.trim() || open == null) return;
  const room = open;
  // The same text once more is the same message: whether the first try arrived is not known.
  if (unsent?.room !== room || unsent?.text !== text) unsent = { room, text, id: uuid() };
  complain("");
  saidTyping = 0;
  try {
    const body = { content: text, message_type: "text", client_id: unsent.id };
    const row = await ask("POST", `/chat/rooms/${room}/messages`, body, waiting);
    unsent = null;
    if (box.value === text) box.value = "";
    complain("");
    if (room === open) {
      put(row);
      by("messages").scrollTop = by("messages").scrollHeight;
    }
  } catch (error) {
    complain(error instanceof Refused ? `Not sent: ${error.message}` : "Not sent: no connection. Press Send to try again.");
  }
  say("typing", { room_id: room, is_typing: false });
}

// ---- what is told to the person

function link(kind, text) {
  by("link").className = `small ${kind}`;
  by("link").textContent = text;
}

function complain(text) {
  by("send-error").textContent = text;
}

function waiting(seconds) {
  complain(`The server asks to wait ${seconds} s; this goes on by itself.`);
}

// ---- signing in and out

async function begin() {
  by("welcome").hidden = true;
  by("chat").hidden = false;
  link("away", "Connecting…");
  try {
    await loadRooms();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return signOut();
  }
  connect();
}

function signOut() {
  keep(null);
  const socket = ws;
  ws = null;
  socket?.close();
  location.reload();
}

by("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  by("sign-in-error").textContent = "";
  const body = { username: by("username").value, password: by("password").value, device_name: "Web chat" };
  try {
    keep(await plain("POST", "/auth/login", body));
    by("password").value = "";
    await begin();
  } catch (error) {
    const wait = error.wait ? ` Try again in ${error.wait} seconds.` : "";
    by("sign-in-error").textContent =
      error instanceof Refused ? `${error.message}.${wait}` : "The server can't be reached.";
    by("password").focus();
  }
});

by("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

by("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});

by("text").addEventListener("input", () => {
  if (Date.now() - saidTyping < TYPING_EVERY || !by("text").value) return;
  saidTyping = Date.now();
  say("typing", { room_id: open, is_typing: true });
});

by("older").addEventListener("click", older);

by("back").addEventListener("click", () => {
  say("leave_room", { room_id: open });
  open = null;
  by("chat").classList.remove("in-room");
  by("room").hidden = true;
  by("people").hidden = true;
  by("no-room").hidden = false;
  showRooms();
  by("rooms").querySelector("button")?.focus();
});

by("sign-out").addEventListener("click", async () => {
  try {
    await ask("POST", "/auth/logout");
  } catch {
    // The session may be over already; here it is in any case.
  }
  signOut();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) markRead();
});

plain("GET", "/auth/settings")
  .then(({ server_name }) => (by("server").textContent = server_name))
  .catch(() => {});
if (me()) begin();
else by("username").focus();
