/**
 * A client in memory, for component tests and for looking at the interface in a browser. It keeps
 * the promises of the real one that the interface relies on (order, keys, windows, holes, outbox
 * states); the real window is tested against the real server.
 */
import type { Client } from "./client";
import { FakeWorld, NOTHING, refusal } from "./fake-world";
import type { AppEvent } from "./generated/AppEvent";

export interface FakeClient extends Client {
  readonly world: FakeWorld;
}

export function fake(world = new FakeWorld()): FakeClient {
  const rooms = () =>
    world.rooms.filter((room) => room.request !== "declined").map((room) => world.summary(room));
  const online = (): void => {
    if (!world.isOnline) throw refusal("offline", "can't reach the server: no network");
  };
  return {
    world,
    listen: async (heard: (event: AppEvent) => void) => {
      world.listeners.add(heard);
      return () => void world.listeners.delete(heard);
    },

    start: async () => ({
      signed_in: world.signedIn,
      accounts: world.signedIn ? [world.signedIn.account] : [],
      problem: null,
      limits: world.limits,
    }),
    accounts: async () => [],
    serverInfo: async (server) => {
      online();
      return { server_url: `https://${server}`, server_name: "Example", registration: world.registration };
    },
    signIn: async (form) => {
      online();
      if (form.password !== world.password) {
        throw refusal("refused", "the user name or the password is wrong", "invalid_credentials");
      }
      return world.enter(form.username);
    },
    signUp: async (form) => {
      online();
      return world.enter(form.username);
    },
    openAccount: async () => world.enter("ada"),
    signOut: async () => world.leave(),
    reconnectNow: async () => world.setOnline(true),
    setDisplayName: async () => online(),
    sessions: async () => {
      online();
      return [];
    },
    endSession: async () => online(),
    setUnread: async () => undefined,
    myPresence: async () => world.mine,
    setPresence: async (request) => {
      online();
      world.decide(request);
    },
    setActive: async (active) => void (world.isActive = active),

    rooms: async () => rooms(),
    answerRequest: async (room, accept) => world.answerRequest(room, accept),
    directory: async () => {
      online();
      return world.directory;
    },
    createRoom: async (form) => {
      online();
      return world.addRoom({ name: form.name, topic: form.topic, kind: form.kind }).id;
    },
    changeRoom: async (room, change) => {
      online();
      const held = world.room(room);
      if (change.name !== null) held.name = change.name;
      if (change.slow_mode_s !== null) held.slowModeS = change.slow_mode_s;
      if (change.archived !== null) held.isArchived = change.archived;
      if (change.writers !== null) held.writers = change.writers;
      world.tell({ type: "rooms" });
    },
    setLifetime: async (room, lifetime) => {
      online();
      world.room(room).lifetime = lifetime;
      world.tell({ type: "rooms" });
    },
    deleteRoom: async (room) => world.removeRoom(room),
    joinRoom: async (room) => {
      online();
      const entry = world.directory.find((candidate) => candidate.id === room);
      world.addRoom({ id: room, name: entry?.name ?? "joined" });
    },
    leaveRoom: async (room) => world.removeRoom(room),
    directRoom: async (user) => {
      online();
      return world.addRoom({ name: `person ${user}`, kind: "direct", peer: user }).id;
    },
    members: async (room) => world.room(room).members,
    findUsers: async (query) => {
      online();
      return world.people
        .filter((person) => person.username.includes(query.toLowerCase()))
        .map((person) => ({ user_id: person.user_id, username: person.username, name: person.name }));
    },
    addMember: async () => online(),
    removeMember: async () => online(),
    setRole: async (room, user, role) => {
      online();
      world.changeMember(room, user, { role });
    },
    mute: async (room, user, seconds) => {
      online();
      const end = Date.now() + (seconds ?? 1_000_000) * 1000;
      world.changeMember(room, user, { muted_until: new Date(end).toISOString() });
    },
    unmute: async (room, user) => world.changeMember(room, user, { muted_until: null }),
    ban: async (room, user, _seconds, reason) => {
      online();
      world.ban(room, user, reason);
    },
    unban: async (room, user) => {
      world.room(room).bans = world.room(room).bans.filter((ban) => ban.user_id !== user);
    },
    bans: async (room) => world.room(room).bans,
    report: async (message, user, kind, words) => {
      online();
      world.reported(message, user, kind, words);
    },
    reportsWaiting: async () => world.reports.filter((one) => one.state !== "closed").length,
    reports: async (closed) => {
      online();
      return world.reports.filter((one) => (one.state === "closed") === closed);
    },
    takeReport: async (id, taken) =>
      world.decideReport(id, { state: taken ? "taken" : "open", taken_by: taken ? "Ada" : null }),
    closeReport: async (id, outcome, _seconds, note) => world.decideReport(id, { state: "closed", outcome, note }),
    raidUntil: async () => world.raid,
    setRaid: async (seconds) => {
      online();
      world.raid = seconds === null ? null : new Date(Date.now() + seconds * 1000).toISOString();
      world.tell({ type: "raid", data: { until: world.raid } });
    },
    customEmoji: async () => world.emoji,
    addEmoji: async (name, picture) => {
      online();
      world.addEmoji(name, picture);
    },
    removeEmoji: async (id) => {
      online();
      world.removeEmoji(id);
    },
    emojiPicture: async (id) => {
      const picture = world.pictures.get(id);
      if (picture === undefined) throw refusal("refused", "there is no such emoji", "not_found");
      return picture;
    },
    filters: async () => {
      online();
      return world.filters;
    },
    addFilter: async (_room, kind, text, action) => {
      online();
      world.filters = [...world.filters, { id: `f${world.filters.length}`, kind, text, action, by: "Ada" }];
    },
    removeFilter: async (_room, id) => {
      online();
      world.filters = world.filters.filter((one) => one.id !== id);
    },
    audit: async (_room, action, before) => {
      online();
      const lines = world.log.filter((line) => line.action.startsWith(action));
      const from = before === null ? 0 : lines.findIndex((line) => line.id === before) + 1;
      return { lines: lines.slice(from, from + 2), has_more: lines.length > from + 2 };
    },
    block: async (user, reason) => {
      online();
      world.block(user, reason);
    },
    unblock: async (user) => {
      online();
      world.block(user, null);
    },
    blocks: async () => world.blocked,
    deactivate: async (password) => {
      online();
      world.prove(password);
      world.leave();
    },
    erase: async (password) => {
      online();
      world.prove(password);
      world.leave();
    },
    links: async (room) => world.links(room),
    makeLink: async (room, seconds, uses) => {
      online();
      return world.makeLink(room, seconds, uses);
    },
    revokeLink: async (_room, link) => world.revokeLink(link),
    previewLink: async (link) => {
      online();
      return world.previewLink(link);
    },
    joinByLink: async (link) => {
      online();
      const seen = world.previewLink(link);
      return world.addRoom({ id: seen.room_id, name: seen.name }).id;
    },

    attention: async () => world.attention,
    setAttention: async (keywords, quiet, timeZone, whoWrites) => {
      online();
      if (quiet.includes("sometimes")) throw refusal("invalid", "that is no time of quiet");
      world.attention = { keywords, quiet, time_zone: timeZone, who_writes: whoWrites };
    },
    setLevel: async (room, level) => {
      online();
      world.room(room).level = level;
      world.tell({ type: "rooms" });
    },
    hush: async (room, until) => {
      online();
      world.room(room).hushed = until;
      world.tell({ type: "rooms" });
    },

    scheduled: async () => [...world.later.values()],
    schedule: async (room, text, _replyTo, when) => {
      online();
      world.schedule({ kind: "message", room_id: room, text }, when);
    },
    remind: async (message, when, note) => {
      online();
      const about = world.message(message);
      world.schedule({ kind: "reminder", text: note, about: about.text, about_seq: about.seq }, when);
    },
    reschedule: async (id, text, when) => {
      online();
      world.schedule({ ...world.later.get(id), client_id: id, text }, when || "in 2h");
    },
    cancelScheduled: async (id) => {
      online();
      world.later.delete(id);
      world.tell({ type: "scheduled" });
    },

    analytics: async (room) => {
      online();
      return world.figures(room);
    },
    analyticsCsv: async () => {
      online();
      return "table,key\r\n";
    },
    exportRoom: async (room, format, path, force, heard) =>
      world.export(path || `~/${world.room(room).name}.${format}`, force, world.room(room).messages.length, heard),
    exportPersonal: async (path, force, heard) => {
      online();
      return world.export(path || "~/me.json", force, 100, heard);
    },
    stopExport: async () => world.stopExport(),

    openRoom: async (room) => {
      const summary = world.summary(world.room(room));
      return { read_seq: summary.read_seq, unread: summary.unread };
    },
    closeRoom: async () => undefined,
    timeline: async (room, window, unreadAfter) => world.timeline(room, window, unreadAfter),
    fill: async (room, from, to) => world.fill(room, from, to),
    markRead: async (room, seq) => world.markRead(room, seq),
    typing: async () => [],
    complete: async (room, before) => world.complete(room, before),
    search: async (query) => world.search(query),
    searchEverywhere: async (query) => ({
      hits: world.isOnline ? [...world.onServer, ...world.search(query)] : world.search(query),
      asked_server: world.isOnline,
      complete: true,
      more: false,
    }),
    openLink: async (url) => void world.opened.push(url),

    react: async (room, _sender, message, emoji, on) => world.react(room, message, emoji, on),
    pin: async (room, _sender, message, on) => world.change(room, message, { pinned: on }),
    forward: async (source, room, withAuthor) => world.forward(source, room, withAuthor),
    pins: async (room) => world.pins(room),
    history: async (message) => {
      online();
      return [
        { text: "as it was", at: new Date().toISOString() },
        { text: world.message(message).text, at: new Date().toISOString() },
      ];
    },
    reactions: async (message) => {
      online();
      return world.message(message).reactions.map(({ emoji, picture }) => ({
        emoji,
        picture,
        user_id: 2,
        name: "Bo",
        at: new Date().toISOString(),
      }));
    },
    sendPoll: async (room, poll) => world.sendPoll(room, poll),
    sendPollInThread: async (room, thread, poll, alsoInRoom) => world.sendPollIn(room, thread, poll, alsoInRoom),
    vote: async (room, _sender, message, options) => world.vote(room, message, options),
    closePoll: async (room, _sender, message) => world.changePoll(room, message, { closed: true, can_vote: false, can_close: false }),
    votes: async (message) => {
      online();
      const poll = world.message(message).poll;
      const options = (poll?.options ?? []).flatMap((option, place) => (option.own ? [place] : []));
      return options.length > 0 ? [{ user_id: 1, name: "Ada", options, at: new Date().toISOString() }] : [];
    },
    emoji: async (letters) =>
      [":thumbsup: 👍", ":heart: ❤️", ":rocket: 🚀"]
        .filter((emoji) => emoji.includes(letters))
        .map((emoji) => {
          const [label = "", insert = ""] = emoji.split(" ");
          return { label, hint: insert, insert, picture: null };
        }),

    send: async (room, written, lifetime) => {
      const sent = world.send(room, written.text, written.reply_to, lifetime);
      world.room(room).draft = NOTHING;
      return sent;
    },
    openThread: async () => null,
    thread: async (room, thread) => world.thread(room, thread),
    fillThread: async () => undefined,
    sendInThread: async (room, thread, written, alsoInRoom) => {
      const sent = world.replyIn(room, thread, written.text, alsoInRoom);
      world.threadDrafts.delete(thread);
      return sent;
    },
    followThread: async (room, thread, on) => world.follow(room, thread, on),
    markThreadRead: async () => undefined,
    threads: async () => world.threadLines(),
    threadsOfRoom: async (room) => world.threadLines().filter((line) => line.room_id === room),
    permalink: async (room, message) => `https://chat.example.org/go/${room}/${message}`,
    threadAt: async () => null,
    findMessage: async (url) => {
      const found = /^https:\/\/chat\.example\.org\/go\/(\d+)\/(\d+)$/.exec(url);
      if (!found) return null;
      const message = world.message(Number(found[2]));
      return {
        room_id: Number(found[1]),
        seq: message.seq ?? 0,
        message_id: Number(found[2]),
        thread_id: null,
      };
    },
    edit: async (room, message, text) => world.change(room, message, { text, edited: true }),
    delete: async (room, _sender, message) => world.change(room, message, { text: "", deleted: true }),
    retry: async (room, message) => world.change(room, message, { delivery: { state: "sent" } }),
    discard: async (room, message) => world.discard(room, message),
    draft: async (room, thread) =>
      thread === undefined ? world.room(room).draft : (world.threadDrafts.get(thread) ?? NOTHING),
    saveDraft: async (room, written, thread) => {
      const held = world.room(room);
      held.saved.push(written);
      const before = thread === undefined ? held.draft : (world.threadDrafts.get(thread) ?? NOTHING);
      const aside = before.aside.filter((text) => !written.forget.includes(text.version));
      const version = `draft-${held.saved.length}`;
      const draft = { ...NOTHING, text: written.text, version, aside };
      if (thread === undefined) held.draft = draft;
      else world.threadDrafts.set(thread, draft);
      return version;
    },
    setTyping: async (room, typing) => void world.typed.push([room, typing]),
  };
}
