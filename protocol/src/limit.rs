//! Limits that both sides enforce. Clients show them before they bite.

/// A message's text, in UTF-8 bytes.
pub const MESSAGE_BYTES: usize = 16 * 1024;
/// A client's frame, in bytes: answered by `too_large`, the socket stays.
pub const FRAME_BYTES: usize = 64 * 1024;
/// A client's frame beyond which the socket is closed (after the error).
pub const FRAME_BYTES_HARD: usize = 128 * 1024;
/// A request's body, in bytes.
pub const BODY_BYTES: usize = 256 * 1024;
/// User names, in characters (all of them ASCII).
pub const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 2..=32;
/// Display names, in characters.
pub const DISPLAY_NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=64;
/// Passwords, in bytes.
pub const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 8..=1024;
/// Room names, in characters.
pub const ROOM_NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=80;
/// Room topics, in characters.
pub const TOPIC_CHARS: usize = 250;
/// Seconds between two messages of a member in slow mode, at most: six hours.
pub const SLOW_MODE_S: u32 = 21_600;
/// Headings of rooms, in characters.
pub const CATEGORY_CHARS: usize = 40;
/// Reasons for a ban or a mute, in characters.
pub const REASON_CHARS: usize = 250;
/// How long a ban or a mute with an end lasts, at most: ten years. Seconds.
pub const SANCTION_S: u32 = 10 * 365 * 24 * 60 * 60;
/// Bans, or links, of a room in one answer.
pub const ROOM_ROWS: i64 = 500;
/// Links of a room that are in use at a time.
pub const ROOM_LINKS: i64 = 50;
/// How long a link works unless something else is said: a week. Seconds.
pub const LINK_DEFAULT_S: u32 = 7 * 24 * 60 * 60;
/// How long a link works, at most: a year. Seconds.
pub const LINK_S: u32 = 365 * 24 * 60 * 60;
/// How often a link works, at most.
pub const LINK_USES: i64 = 10_000;
/// What people say of themselves, in characters.
pub const STATUS_CHARS: usize = 100;
/// Members given when a room is created or added in one request.
pub const MEMBERS_PER_REQUEST: usize = 100;
/// Members of a room.
pub const ROOM_MEMBERS: i64 = 10_000;
/// Rooms that one user is in.
pub const ROOMS_PER_USER: i64 = 2_000;
/// Messages in one page of history.
pub const PAGE_MESSAGES: i64 = 100;
/// Messages in a page when the request names no number.
pub const PAGE_MESSAGES_DEFAULT: i64 = 50;
/// New messages up to which catching up sends all of them.
pub const CATCH_UP_MESSAGES: i64 = 200;
/// Newest messages that a limited batch carries.
pub const CATCH_UP_NEWEST: i64 = 50;
/// Rows in one batch.
pub const BATCH_ROWS: i64 = 500;
/// Members up to which a batch carries the whole list.
pub const BATCH_MEMBERS: i64 = 200;
/// Members up to which those who look at a room are told who is there.
pub const PRESENCE_MEMBERS: i64 = 500;
/// Members up to which a room tells who has got and read what; above, it is counted on demand.
pub const RECEIPT_MEMBERS: i64 = 100;
/// How long receipts are gathered into one frame. Milliseconds.
pub const RECEIPTS_GATHER_MS: u64 = 250;
/// Newest places of a room for which it is kept when somebody got and read them.
pub const RECEIPT_PLACES: i64 = 1_000;
/// Rooms in one `mark_delivered` frame.
pub const DELIVERED_ROOMS: usize = 100;
/// People whom one message mentions.
pub const MENTIONS: usize = 50;
/// Members of a room up to which `@all` and `@here` call them; a message carries whom it called.
pub const CALLED_MEMBERS: i64 = 1_000;
/// Members of a room from which on clients ask before they call everybody.
pub const CALL_ASKS_MEMBERS: i64 = 10;
/// Texts that a message has had, its first one among them.
pub const EDITS: i64 = 200;
/// Different emoji on one message.
pub const REACTIONS: usize = 20;
/// People whom a message's row names for one emoji; those who came later are counted, and asked for.
pub const REACTION_USERS: usize = 50;
/// What a poll asks, in characters.
pub const POLL_QUESTION_CHARS: std::ops::RangeInclusive<usize> = 1..=300;
/// Options of a poll.
pub const POLL_OPTIONS: std::ops::RangeInclusive<usize> = 2..=12;
/// An option, in characters.
pub const POLL_OPTION_CHARS: std::ops::RangeInclusive<usize> = 1..=100;
/// People whom a message's row names for one option; those who came later are counted, and asked for.
pub const POLL_USERS: usize = 50;
/// How far ahead a poll closes by itself, at most: a year and a day. Milliseconds.
pub const POLL_AHEAD_MS: i64 = 367 * 24 * 60 * 60 * 1_000;
/// How often one user votes in one poll, taking back included.
pub const BALLOTS: i64 = 100;
/// Votes of one's own, the newest, that catching up tells; those before are asked for.
pub const OWN_VOTES: i64 = 1_000;
/// Pinned messages of a room.
pub const PINS: i64 = 50;
/// Threads that one user follows; with one more, the one that has been quiet longest is let go.
pub const FOLLOWED_THREADS: i64 = 500;
/// Threads in one answer.
pub const THREAD_PAGE: i64 = 100;
/// Rooms to which one request forwards.
pub const FORWARD_ROOMS: usize = 20;
/// Rooms that are caught up in full when a connection begins; the rest come as heads.
pub const RESUME_ROOMS: usize = 100;
/// Rooms that a client has open at a time.
pub const OPEN_ROOMS: usize = 16;
/// Sessions of one user; the oldest ends when one more begins.
pub const SESSIONS_PER_USER: i64 = 50;
/// Largest integer that JSON numbers carry exactly (2^53 - 1).
pub const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;
/// How long an account is new: what it may do in a while is [`NEW_ACCOUNT_PART`] of what others may.
/// Milliseconds.
pub const NEW_ACCOUNT_MS: i64 = 24 * 60 * 60 * 1_000;
/// A new account may do one in so many of what others may.
pub const NEW_ACCOUNT_PART: u32 = 3;
/// Headers of a request.
pub const HEADERS: usize = 100;
/// The head of a request: its path, its query and its headers. Bytes.
pub const HEAD_BYTES: usize = 32 * 1024;
/// How often a client says that it is typing, at most. Milliseconds.
pub const TYPING_EVERY_MS: u64 = 4_000;
/// How long a typing indicator lives. Milliseconds.
pub const TYPING_TTL_MS: u64 = 6_000;
/// A search, in characters.
pub const SEARCH_QUERY_CHARS: usize = 500;
/// Words and filters of a search.
pub const SEARCH_CLAUSES: usize = 32;
/// Hits in one page of a search.
pub const SEARCH_HITS: i64 = 100;
/// Hits in a page when the request names no number.
pub const SEARCH_HITS_DEFAULT: i64 = 25;
/// Clocks of people are at most so far from UTC. Minutes.
pub const UTC_OFFSET_MINUTES: i32 = 18 * 60;
/// Messages that one user has scheduled and reminders that they wait for, together.
pub const SCHEDULED_PER_USER: i64 = 100;
/// How far ahead something is scheduled, at most: a year and a day. Milliseconds.
pub const SCHEDULE_AHEAD_MS: i64 = 367 * 24 * 60 * 60 * 1_000;
/// People whom one user blocks.
pub const BLOCKS: i64 = 1_000;
/// Messages that one writes to a stranger until they accept.
pub const REQUEST_MESSAGES: i64 = 5;
/// Requests that one user begins within a day, without those that were accepted.
pub const REQUESTS_PER_DAY: i64 = 20;
/// Requests that wait for one user's answer; with so many, no stranger begins another one.
pub const REQUESTS_RECEIVED: i64 = 200;
/// Members of a room up to which those in it are no strangers to each other.
pub const ACQUAINTED_MEMBERS: i64 = 100;
/// What somebody says in a report, and what those who moderate note, in characters.
pub const REPORT_WORDS_CHARS: usize = 1_000;
/// Reports of one user within a day.
pub const REPORTS_PER_DAY: i64 = 20;
/// Messages kept with a report, before the reported one and after it.
pub const REPORT_CONTEXT: i64 = 5;
/// Reports in one answer.
pub const REPORT_ROWS: i64 = 200;
/// Lines of the audit log in one page.
pub const AUDIT_LINES: i64 = 200;
/// Lines of the audit log when the request names no number.
pub const AUDIT_LINES_DEFAULT: i64 = 50;
/// The name of what was done, when the audit log is asked for it, in characters.
pub const AUDIT_ACTION_CHARS: usize = 40;
/// A word filter's text, in characters.
pub const FILTER_CHARS: usize = 200;
/// Word filters of a room.
pub const ROOM_FILTERS: i64 = 50;
/// Word filters of the server.
pub const SERVER_FILTERS: i64 = 200;
/// What a pattern may take in memory once it is compiled. Bytes.
pub const FILTER_BYTES: usize = 128 * 1_024;
/// Names of custom emoji, in characters (all of them ASCII).
pub const EMOJI_NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=32;
/// The picture of a custom emoji, in bytes: as much as a request's body.
pub const EMOJI_BYTES: usize = BODY_BYTES;
/// Its width and its height, in pixels.
pub const EMOJI_PIXELS: u32 = 512;
/// Pictures that one shows one after the other.
pub const EMOJI_FRAMES: usize = 500;
/// Custom emoji of a server.
pub const CUSTOM_EMOJI: i64 = 500;
/// How long the raid switch holds, at most: a week. Seconds.
pub const RAID_S: u32 = 7 * 24 * 60 * 60;
/// How long a deactivated account can be taken up again by signing in. Milliseconds.
pub const DEACTIVATED_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// How long messages stay that go by themselves: five seconds to a year and a day. Seconds.
pub const EXPIRE_S: std::ops::RangeInclusive<u32> = 5..=367 * 24 * 60 * 60;
/// How long a status or a choice of presence with an end lasts: a minute to a year and a day. Seconds.
pub const PRESENCE_S: std::ops::RangeInclusive<u32> = 60..=367 * 24 * 60 * 60;
/// A draft's text, in UTF-8 bytes: a message's, and what encrypting adds.
pub const DRAFT_BYTES: usize = 24 * 1024;
/// Drafts of one user that aren't empty.
pub const DRAFTS_PER_USER: i64 = 200;
/// Texts that are put aside for one draft; then its composer is to be looked at first.
pub const DRAFT_ASIDES: usize = 8;
/// Names of drafts in one frame or request.
pub const DRAFT_NAMES: usize = 8;
/// Words of a user that ring like a mention.
pub const KEYWORDS: usize = 50;
/// Keywords, in characters.
pub const KEYWORD_CHARS: std::ops::RangeInclusive<usize> = 1..=40;
/// Spans of quiet in a user's week.
pub const QUIET_SPANS: usize = 14;
/// Notes of reminders, in characters.
pub const NOTE_CHARS: usize = 250;
/// Days that figures are asked for: a year and a day.
pub const ANALYTICS_DAYS: u32 = 366;
/// Days of figures when the request names no number.
pub const ANALYTICS_DAYS_DEFAULT: u32 = 30;
/// People whom figures name, those who wrote most first.
pub const ANALYTICS_USERS: usize = 100;
/// How long after somebody has had all that is held of them they may have it again. Seconds.
pub const PERSONAL_EXPORT_EVERY_S: i64 = 60 * 60;
/// The same after one that did not come to its end. Seconds.
pub const PERSONAL_EXPORT_RETRY_S: i64 = 60;
