/** The real client: a typed wrapper around the commands of `src-tauri/src/commands`. */
import { Channel, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Client } from "./client";
import type { AppEvent } from "./generated/AppEvent";
import type { ExportProgress } from "./generated/ExportProgress";

/** The name of the stream; `wire::EVENT` in Rust. */
const EVENT = "erc://update";

function channel(heard: (progress: ExportProgress) => void): Channel<ExportProgress> {
  const made = new Channel<ExportProgress>();
  made.onmessage = heard;
  return made;
}

export const tauri: Client = {
  listen: (heard) => listen<AppEvent>(EVENT, (event) => heard(event.payload)),

  start: () => invoke("start"),
  accounts: () => invoke("accounts"),
  serverInfo: (server) => invoke("server_info", { server }),
  signIn: (form) => invoke("sign_in", { form }),
  signUp: (form, more) => invoke("sign_up", { form, more }),
  openAccount: (key) => invoke("open_account", { key }),
  signOut: (forget) => invoke("sign_out", { forget }),
  reconnectNow: () => invoke("reconnect_now"),
  setDisplayName: (name) => invoke("set_display_name", { name }),
  sessions: () => invoke("sessions"),
  endSession: (session) => invoke("end_session", { session }),
  setUnread: (count) => invoke("set_unread", { count }),
  myPresence: () => invoke("my_presence"),
  setPresence: (request) => invoke("set_presence", { request }),
  setActive: (active) => invoke("set_active", { active }),

  rooms: () => invoke("rooms"),
  answerRequest: (room, accept) => invoke("answer_request", { room, accept }),
  directory: () => invoke("directory"),
  createRoom: (form) => invoke("create_room", { form }),
  changeRoom: (room, change) => invoke("change_room", { room, change }),
  setLifetime: (room, lifetime) => invoke("set_lifetime", { room, lifetime }),
  deleteRoom: (room) => invoke("delete_room", { room }),
  joinRoom: (room) => invoke("join_room", { room }),
  leaveRoom: (room) => invoke("leave_room", { room }),
  directRoom: (user) => invoke("direct_room", { user }),
  members: (room) => invoke("members", { room }),
  findUsers: (query) => invoke("find_users", { query }),
  addMember: (room, user) => invoke("add_member", { room, user }),
  removeMember: (room, user) => invoke("remove_member", { room, user }),
  setRole: (room, user, role, handOver) => invoke("set_role", { room, user, role, handOver }),
  mute: (room, user, seconds) => invoke("mute", { room, user, seconds }),
  unmute: (room, user) => invoke("unmute", { room, user }),
  ban: (room, user, seconds, reason) => invoke("ban", { room, user, seconds, reason }),
  unban: (room, user) => invoke("unban", { room, user }),
  bans: (room) => invoke("bans", { room }),
  report: (message, user, kind, words) => invoke("report", { message, user, kind, words }),
  reportsWaiting: () => invoke("reports_waiting"),
  reports: (closed) => invoke("reports", { closed }),
  takeReport: (id, taken) => invoke("take_report", { id, taken }),
  closeReport: (id, outcome, seconds, note) => invoke("close_report", { id, outcome, seconds, note }),
  raidUntil: () => invoke("raid_until"),
  setRaid: (seconds) => invoke("set_raid", { seconds }),
  customEmoji: () => invoke("custom_emoji"),
  addEmoji: (name, picture) => invoke("add_emoji", { name, picture }),
  removeEmoji: (id) => invoke("remove_emoji", { id }),
  emojiPicture: (id) => invoke("emoji_picture", { id }),
  filters: (room) => invoke("filters", { room }),
  addFilter: (room, kind, text, action) => invoke("add_filter", { room, kind, text, action }),
  removeFilter: (room, id) => invoke("remove_filter", { room, id }),
  audit: (room, action, before) => invoke("audit", { room, action, before }),
  block: (user, reason) => invoke("block", { user, reason }),
  unblock: (user) => invoke("unblock", { user }),
  blocks: () => invoke("blocks"),
  deactivate: (password) => invoke("deactivate", { password }),
  erase: (password, messages) => invoke("erase", { password, messages }),
  links: (room) => invoke("links", { room }),
  makeLink: (room, seconds, uses) => invoke("make_link", { room, seconds, uses }),
  revokeLink: (room, link) => invoke("revoke_link", { room, link }),
  previewLink: (link) => invoke("preview_link", { link }),
  joinByLink: (link) => invoke("join_by_link", { link }),

  scheduled: () => invoke("scheduled"),
  schedule: (room, text, replyTo, when) => invoke("schedule", { room, text, replyTo, when }),
  remind: (message, when, note) => invoke("remind", { message, when, note }),
  reschedule: (id, text, when) => invoke("reschedule", { id, text, when }),
  cancelScheduled: (id) => invoke("cancel_scheduled", { id }),

  analytics: (room, days) => invoke("analytics", { room, days }),
  analyticsCsv: (room, days) => invoke("analytics_csv", { room, days }),
  exportRoom: (room, format, path, force, heard) =>
    invoke("export_room", { room, format, path, force, heard: channel(heard) }),
  exportPersonal: (path, force, heard) => invoke("export_personal", { path, force, heard: channel(heard) }),
  stopExport: () => invoke("stop_export"),

  openRoom: (room) => invoke("open_room", { room }),
  closeRoom: (room) => invoke("close_room", { room }),
  timeline: (room, window, unreadAfter) => invoke("timeline", { room, window, unreadAfter }),
  fill: (room, from, to) => invoke("fill", { room, from, to }),
  attention: () => invoke("attention"),
  setAttention: (keywords, quiet, timeZone, whoWrites) =>
    invoke("set_attention", { keywords, quiet, timeZone, whoWrites }),
  setLevel: (room, level) => invoke("set_level", { room, level }),
  hush: (room, until) => invoke("hush", { room, until }),

  markRead: (room, seq) => invoke("mark_read", { room, seq }),
  typing: (room) => invoke("typing", { room }),
  complete: (room, before) => invoke("complete", { room, before }),
  search: (query, room, limit) => invoke("search", { query, room, limit }),
  searchEverywhere: (query, room, limit) => invoke("search_everywhere", { query, room, limit }),
  openLink: (url) => invoke("open_link", { url }),

  react: (room, sender, message, emoji, on) => invoke("react", { room, sender, message, emoji, on }),
  pin: (room, sender, message, on) => invoke("pin", { room, sender, message, on }),
  forward: (source, room, withAuthor) => invoke("forward", { source, room, withAuthor }),
  pins: (room) => invoke("pins", { room }),
  history: (message) => invoke("history", { message }),
  sendPoll: (room, poll, lifetime) => invoke("send_poll", { room, poll, lifetime }),
  sendPollInThread: (room, thread, poll, alsoInRoom) =>
    invoke("send_poll_in_thread", { room, thread, poll, alsoInRoom }),
  vote: (room, sender, message, options) => invoke("vote", { room, sender, message, options }),
  closePoll: (room, sender, message) => invoke("close_poll", { room, sender, message }),
  votes: (message) => invoke("votes", { message }),
  reactions: (message) => invoke("reactions", { message }),
  emoji: (letters) => invoke("emoji", { letters }),

  send: (room, written, lifetime) => invoke("send", { room, written, lifetime }),
  openThread: (room, thread) => invoke("open_thread", { room, thread }),
  thread: (room, thread, count, unreadAfter) => invoke("thread", { room, thread, count, unreadAfter }),
  fillThread: (room, thread) => invoke("fill_thread", { room, thread }),
  sendInThread: (room, thread, written, alsoInRoom) =>
    invoke("send_in_thread", { room, thread, written, alsoInRoom }),
  followThread: (room, thread, on) => invoke("follow_thread", { room, thread, on }),
  markThreadRead: (room, thread, seq) => invoke("mark_thread_read", { room, thread, seq }),
  threads: () => invoke("threads"),
  threadsOfRoom: (room) => invoke("threads_of_room", { room }),
  permalink: (room, message) => invoke("permalink", { room, message }),
  threadAt: (room, seq) => invoke("thread_at", { room, seq }),
  findMessage: (url) => invoke("find_message", { url }),
  edit: (room, message, text) => invoke("edit", { room, message, text }),
  delete: (room, sender, message) => invoke("delete", { room, sender, message }),
  retry: (room, message) => invoke("retry", { room, message }),
  discard: (room, message) => invoke("discard", { room, message }),
  draft: (room, thread) => invoke("draft", { room, thread: thread ?? null }),
  saveDraft: (room, written, thread) => invoke("save_draft", { room, written, thread: thread ?? null }),
  setTyping: (room, typing) => invoke("set_typing", { room, typing }),
};
