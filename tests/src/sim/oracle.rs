//! What must hold. Each function tells every way in which it doesn't, in words; an empty list is
//! agreement.

use std::collections::{BTreeMap, BTreeSet};

use erc_client_core::view::{RoomSummary, ThreadLine};
use erc_server::store::Counts;

use super::rows::{Cache, CachedRoom, MessageRow, PlaceRow, ServerRoom, Truth};

const JOINED: &str = "joined";
/// What a request is to who doesn't want it, and to who has not answered.
const DECLINED: &str = "declined";
const RECEIVED: &str = "received";
/// Who looks after a room.
const RANKS: [&str; 3] = ["moderator", "admin", "owner"];

/// The server's own rows: places and changes without holes or doubles (invariant 1).
pub fn of_server(truth: &Truth) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut client_ids = BTreeSet::new();
    // Of a room that was deleted nothing is kept but its number.
    for (id, room) in truth.rooms.iter().filter(|(_, room)| !room.is_deleted) {
        let mut say = |what: String| wrong.push(format!("room {id} on the server: {what}"));
        let last = room.fields.last_seq;
        let held = i64::try_from(room.messages.len()).unwrap_or(i64::MAX);
        if held != last || room.messages.keys().next_back().copied().unwrap_or(0) != last {
            let highest = room.messages.keys().next_back();
            say(format!(
                "{held} messages up to {highest:?}, but last_seq {last}"
            ));
        }
        let revs = room.messages.values().map(|row| row.rev);
        let revs: Vec<i64> = revs
            .chain(room.members.values().map(|row| row.rev))
            .chain([room.fields.state_rev])
            .collect();
        let distinct: BTreeSet<i64> = revs.iter().copied().collect();
        let doubled = revs.len() - distinct.len();
        // The rows that a room is made with may share its first change.
        let first = distinct.first().copied().unwrap_or(0);
        let sharing = revs.iter().filter(|rev| **rev == first).count();
        if doubled >= sharing.max(1) {
            say(format!("changes that share a rev: {revs:?}"));
        }
        if distinct.last().copied().unwrap_or(0) != room.rev {
            say(format!(
                "head {} but the newest change is {:?}",
                room.rev,
                distinct.last()
            ));
        }
        let mut before = i64::MIN;
        for row in room.messages.values() {
            if !client_ids.insert((row.sender, row.client_id.clone())) {
                say(format!("{} of {} twice", row.client_id, row.sender));
            }
            if row.created_at < before {
                say(format!("time goes back at {}", row.seq));
            }
            before = row.created_at;
            let is_bare = row.content.is_empty()
                && row.reactions.is_empty()
                && row.pinned.is_none()
                && row.forwarded_from.is_none()
                && row.poll.is_none();
            if row.deleted_at.is_some() && (!is_bare || row.after_read_s.is_some()) {
                say(format!("the tombstone {} holds something", row.seq));
            }
            if let Some(different) = of_poll(truth, row) {
                say(different);
            }
            let replies = room
                .messages
                .values()
                .filter(|reply| reply.thread == Some(row.id) && reply.deleted_at.is_none());
            let newest = replies.clone().map(|reply| reply.seq).next_back();
            let count = i64::try_from(replies.count()).unwrap_or(i64::MAX);
            if row.replies != newest.map(|newest| (count, newest)) {
                let told = row.replies;
                say(format!(
                    "{} tells of {told:?}, and has {count} replies",
                    row.seq
                ));
            }
            let told = row.reactions.iter().flat_map(|one| {
                let users = one.users.iter();
                users.map(|user| (row.id, one.emoji.clone(), user.0))
            });
            let told: BTreeSet<_> = told.collect();
            let low = (row.id, String::new(), i64::MIN);
            let high = (row.id + 1, String::new(), i64::MIN);
            let held: BTreeSet<_> = truth.reactions.range(low..high).cloned().collect();
            if told != held {
                say(format!("reactions {held:?} are told as {told:?}"));
            }
        }
        let joined = room.places.values().filter(|place| place.state == JOINED);
        let joined = i64::try_from(joined.count()).unwrap_or(i64::MAX);
        if joined != room.fields.member_count {
            say(format!(
                "{joined} members, counted as {}",
                room.fields.member_count
            ));
        }
    }
    wrong
}

/// How long after its time a message may still be whole. Milliseconds.
const GRACE_MS: i64 = 3_000;

/// Nothing of a message is on the server whose time has come by the clock of one of its nodes.
pub fn of_expiry(truth: &Truth, now: i64) -> Vec<String> {
    let rooms = truth.rooms.iter().filter(|(_, room)| !room.is_deleted);
    let rows = rooms.flat_map(|(id, room)| room.messages.values().map(move |row| (id, row)));
    let over = rows.filter(|(_, row)| {
        let is_over = row.expires_at.is_some_and(|at| at + GRACE_MS <= now);
        is_over && row.deleted_at.is_none()
    });
    over.map(|(id, row)| format!("room {id}: it is {now}, and there is still {row:?}"))
        .collect()
}

/// No poll is open on the server whose time is over by the clock of one of its nodes.
pub fn of_ends(truth: &Truth, now: i64) -> Vec<String> {
    let rooms = truth.rooms.iter().filter(|(_, room)| !room.is_deleted);
    let rows = rooms.flat_map(|(id, room)| room.messages.values().map(move |row| (id, row)));
    let over = rows.filter(|(_, row)| {
        let poll = row.poll.as_ref().filter(|poll| poll.closed_at.is_none());
        let end = poll.and_then(|poll| poll.closes_at);
        end.is_some_and(|end| end.0 <= now)
    });
    over.map(|(id, row)| format!("room {id}: it is {now}, and a poll is open: {row:?}"))
        .collect()
}

/// Whether a client holds a row as the server has it: but for the content, which goes by the client's
/// own clock.
fn is_same(row: &MessageRow, held: &MessageRow, now: i64) -> bool {
    match row.expires_at {
        Some(at) if row.deleted_at.is_none() && at <= now => {
            *held == row.blank() || (*held == *row && now < at + GRACE_MS)
        }
        // A clock that was put back doesn't bring it back.
        Some(_) => *held == *row || *held == row.blank(),
        None => *held == *row,
    }
}

/// What a poll tells, against a count of the votes by hand.
fn of_poll(truth: &Truth, row: &MessageRow) -> Option<String> {
    let votes = truth
        .votes
        .range((row.id, i64::MIN)..(row.id + 1, i64::MIN));
    let mut votes: Vec<_> = votes
        .filter(|(_, (options, _))| *options != 0)
        .map(|((_, user), (options, rev))| (*rev, *user, *options))
        .collect();
    votes.sort_unstable();
    let Some(poll) = &row.poll else {
        return (!votes.is_empty()).then(|| format!("votes {votes:?} where no poll is"));
    };
    let is_secret = poll.hidden && poll.closed_at.is_none();
    let mut wrong = usize::try_from(poll.voters).ok() != Some(votes.len());
    for (place, option) in poll.options.iter().enumerate() {
        let chose = votes
            .iter()
            .filter(|(_, _, options)| options & (1 << place) != 0);
        let chose: Vec<i64> = chose.map(|(_, user, _)| *user).collect();
        let told: Vec<i64> = option.users.iter().map(|user| user.0).collect();
        let count = option.votes.and_then(|votes| usize::try_from(votes).ok());
        wrong |= count != (!is_secret).then_some(chose.len());
        wrong |= told
            != if is_secret || poll.anonymous {
                vec![]
            } else {
                chose
            };
    }
    wrong |= !poll.multiple && votes.iter().any(|(_, _, options)| options.count_ones() > 1);
    wrong.then(|| format!("votes {votes:?} are told as {poll:?}"))
}

/// A request that was declined is gone for who declined it.
fn is_in(room: &ServerRoom, user: i64) -> bool {
    let place = room.places.get(&user);
    let is_in = |place: &PlaceRow| place.state == JOINED && place.request != DECLINED;
    !room.is_deleted && place.is_some_and(is_in)
}

/// The rooms that a user is in.
pub fn rooms_of(truth: &Truth, user: i64) -> impl Iterator<Item = (&i64, &ServerRoom)> {
    truth
        .rooms
        .iter()
        .filter(move |(_, room)| is_in(room, user))
}

/// How many reports wait that a user may look after: of rooms that they moderate, not of themselves.
/// Nobody here moderates the server.
fn reports_of(truth: &Truth, user: i64) -> i64 {
    let is_theirs = |(of, room): &&(i64, Option<i64>)| {
        let room = room.and_then(|room| truth.rooms.get(&room));
        let place = room
            .filter(|room| is_in(room, user) && room.fields.kind != "direct")
            .and_then(|room| room.places.get(&user));
        *of != user && place.is_some_and(|place| RANKS.contains(&place.role.as_str()))
    };
    truth.reports.iter().filter(is_theirs).count() as i64
}

/// A client's store, by whose clock it is `now`, against the server's rows (invariants 3, 4, 5 and 9).
pub fn of_cache(truth: &Truth, user: i64, cache: &Cache, now: i64) -> Vec<String> {
    let mut wrong = Vec::new();
    let counter = truth.user_revs.get(&user).copied().unwrap_or(0);
    if cache.user_rev != counter {
        wrong.push(format!("user_rev {} instead of {counter}", cache.user_rev));
    }
    if cache.raw > 0 {
        wrong.push(format!("{} rows or frames could not be read", cache.raw));
    }
    let blocks = truth.blocks.iter().filter(|(by, _)| *by == user);
    let blocks: BTreeSet<i64> = blocks.map(|(_, whom)| *whom).collect();
    if cache.blocks != blocks {
        wrong.push(format!("blocks {:?} instead of {blocks:?}", cache.blocks));
    }
    if (cache.emoji_rev, &cache.emoji) != (truth.emoji_rev, &truth.emoji) {
        wrong.push(format!(
            "emoji {:?} as of {} instead of {:?} as of {}",
            cache.emoji, cache.emoji_rev, truth.emoji, truth.emoji_rev
        ));
    }
    let waiting = reports_of(truth, user);
    if cache.reports_waiting != waiting {
        wrong.push(format!(
            "{} reports wait instead of {waiting}",
            cache.reports_waiting
        ));
    }
    for (id, room) in rooms_of(truth, user) {
        match cache.rooms.get(id) {
            Some(held) if held.place.state == JOINED => {
                let differences = of_room(room, user, held, now);
                wrong.extend(
                    differences
                        .into_iter()
                        .map(|what| format!("room {id}: {what}")),
                );
                for row in held.messages.values().filter(|row| row.poll.is_some()) {
                    let chose = truth.votes.get(&(row.id, user));
                    let chose = chose.map_or(0, |(options, _)| *options);
                    let known = cache.votes.get(&row.id).copied().unwrap_or(0);
                    if known != chose {
                        let seq = row.seq;
                        wrong.push(format!("room {id}: chose {known} in {seq}, not {chose}"));
                    }
                }
            }
            held => wrong.push(format!(
                "room {id} is missing ({:?})",
                held.map(|r| &r.place)
            )),
        }
    }
    for (id, held) in &cache.rooms {
        let room = truth.rooms.get(id);
        let is_in = room.is_some_and(|room| is_in(room, user));
        if held.place.state == JOINED && !is_in {
            wrong.push(format!("room {id} is not theirs any more"));
        }
        if !is_in && let Some(room) = room.filter(|room| !room.is_deleted) {
            wrong.extend(of_left_room(room, user, held).map(|what| format!("room {id}: {what}")));
        }
    }
    let own = truth.threads.range((user, i64::MIN)..=(user, i64::MAX));
    for ((_, thread), row) in own {
        // What was never followed since this cache was made is not told.
        let held = cache.threads.get(thread);
        let is_there = truth
            .rooms
            .get(&row.room)
            .is_some_and(|room| !room.is_deleted);
        if is_there && held != Some(row) && (row.following || held.is_some()) {
            wrong.push(format!("thread {thread}: {held:?}, is {row:?}"));
        }
    }
    wrong.extend(of_personal(truth, user, cache));
    for entry in &cache.outbox {
        if entry.state != "parked" {
            wrong.push(format!("still on its way: {entry:?}"));
        } else if entry.reason.is_none() {
            wrong.push(format!("refused without a reason: {entry:?}"));
        }
    }
    wrong
}

/// What only they see, and so is the same on all their devices: composers, and what rings.
fn of_personal(truth: &Truth, user: i64, cache: &Cache) -> Vec<String> {
    let mut wrong = Vec::new();
    let rooms: BTreeSet<_> = rooms_of(truth, user).map(|(id, _)| *id).collect();
    let told = truth.drafts.keys().filter(|(whose, ..)| *whose == user);
    let mut composers: BTreeSet<_> = told.map(|(_, room, thread)| (*room, *thread)).collect();
    composers.extend(cache.drafts.keys());
    for (room, thread) in composers {
        // What was refused stays where it was typed.
        let is_waiting = cache.waiting_in(room).any(|entry| entry.kind == "draft");
        if is_waiting || !rooms.contains(&room) {
            continue;
        }
        let there = truth.drafts.get(&(user, room, thread));
        let there = there.filter(|row| !row.is_blank());
        let here = cache.drafts.get(&(room, thread));
        let here = here.filter(|row| !row.is_blank());
        if here != there {
            wrong.push(format!(
                "room {room}, thread {thread}: the draft {here:?}, is {there:?}"
            ));
        }
    }
    let rings = truth.attention.get(&user).cloned().unwrap_or_default();
    if cache.attention != rings {
        wrong.push(format!("rings {:?}, is {rings:?}", cache.attention));
    }
    wrong
}

fn of_room(room: &ServerRoom, user: i64, held: &CachedRoom, now: i64) -> Vec<String> {
    let mut wrong = Vec::new();
    if Some(&held.place) != room.places.get(&user) {
        wrong.push(format!(
            "place {:?}, is {:?}",
            held.place,
            room.places.get(&user)
        ));
    }
    if held.fields.as_ref() != Some(&room.fields) {
        wrong.push(format!("fields {:?}, are {:?}", held.fields, room.fields));
    }
    if (held.rev, held.seq) != (room.rev, room.fields.last_seq) {
        let heads = (room.rev, room.fields.last_seq);
        wrong.push(format!("cursor {:?}, head {heads:?}", (held.rev, held.seq)));
    }
    for (id, member) in &room.members {
        let is_in = member.state == JOINED;
        match held.members.get(id) {
            None if is_in && held.has_all_members => wrong.push(format!("member {id} is missing")),
            // The name of one who left is what it was: a new one is told where they are.
            Some(other) if !is_in && other.with_name_of(member) == *member => {}
            Some(other) if other != member => {
                wrong.push(format!("member {id}: {other:?}, is {member:?}"));
            }
            _ => {}
        }
    }
    let first = held.place.first_visible_seq;
    let in_hole = |seq: i64| held.holes.iter().any(|(lo, hi)| (*lo..=*hi).contains(&seq));
    for (seq, row) in room.messages.range(first..) {
        match held.messages.get(seq) {
            Some(other) if !is_same(row, other, now) => {
                wrong.push(format!("message {seq}: {other:?}, is {row:?} at {now}"));
            }
            None if !in_hole(*seq) => wrong.push(format!("message {seq} is missing")),
            _ => {}
        }
    }
    for seq in held.messages.keys() {
        if *seq < first {
            wrong.push(format!("message {seq} is not theirs to see"));
        } else if !room.messages.contains_key(seq) {
            wrong.push(format!("message {seq} is not on the server"));
        }
    }
    for (lo, hi) in &held.holes {
        if *lo < first || *hi > room.fields.last_seq {
            wrong.push(format!("a hole {lo}..={hi} where nothing is to be had"));
        }
    }
    wrong
}

/// Nothing that happened after somebody left may reach them.
fn of_left_room<'a>(
    room: &'a ServerRoom,
    user: i64,
    held: &'a CachedRoom,
) -> impl Iterator<Item = String> + use<'a> {
    let left = room.members.get(&user).map_or(0, |member| member.rev);
    let too_new = held.messages.values().filter(move |row| row.rev > left);
    too_new.map(move |row| {
        format!(
            "message {} of change {}, though they left at {left}",
            row.seq, row.rev
        )
    })
}

/// What was counted of each room, against a count of the server's rows: messages by sender, and what
/// became of them.
pub fn of_figures(truth: &Truth, counted: &BTreeMap<(i64, i64), Counts>) -> Vec<String> {
    let mut by_hand: BTreeMap<(i64, i64), Counts> = BTreeMap::new();
    for (id, room) in truth.rooms.iter().filter(|(_, room)| !room.is_deleted) {
        for row in room.messages.values() {
            let answers =
                |other: &&MessageRow| other.reply_to == Some(row.id) && other.sender != row.sender;
            *by_hand.entry((*id, row.sender)).or_default() += Counts {
                messages: 1,
                replies: i64::from(row.reply_to.is_some()),
                answered: i64::from(room.messages.values().any(|other| answers(&other))),
                reactions: row.reactions.iter().map(|one| one.count).sum(),
                edited: i64::from(row.edited_at.is_some()),
                deleted: i64::from(row.deleted_at.is_some()),
            };
        }
    }
    let keys: BTreeSet<_> = by_hand.keys().chain(counted.keys()).collect();
    let differ = keys
        .iter()
        .filter(|key| by_hand.get(key) != counted.get(key));
    differ
        .map(|key| {
            let (room, user) = key;
            let (is, told) = (by_hand.get(key), counted.get(key));
            format!("figures of user {user} in room {room}: {told:?}, are {is:?}")
        })
        .collect()
}

/// What a client lists as rooms and as requests, against the server's rows: a stranger's request
/// stands in its own list once something was written in it, and never among the rooms.
pub fn of_requests(
    truth: &Truth,
    user: i64,
    shown: &[RoomSummary],
    asked: &[RoomSummary],
) -> Vec<String> {
    let is_asked = |room: &ServerRoom| {
        let place = room.places.get(&user);
        place.is_some_and(|place| place.request == RECEIVED)
    };
    let all: Vec<_> = rooms_of(truth, user).collect();
    let pick = |wanted: &dyn Fn(&ServerRoom) -> bool| -> BTreeSet<i64> {
        let some = all.iter().filter(|(_, room)| wanted(room));
        some.map(|(id, _)| **id).collect()
    };
    let rooms = pick(&|room| !is_asked(room));
    let requests = pick(&|room| is_asked(room) && room.fields.last_seq > 0);
    let ids = |list: &[RoomSummary]| -> BTreeSet<i64> { list.iter().map(|one| one.id.0).collect() };
    let mut wrong = Vec::new();
    if ids(shown) != rooms {
        wrong.push(format!("rooms {:?}, are {rooms:?}", ids(shown)));
    }
    if ids(asked) != requests {
        wrong.push(format!("requests {:?}, are {requests:?}", ids(asked)));
    }
    if asked.iter().any(|one| one.unread + one.mentions != 0) {
        wrong.push("what stands in a request counts as unread".to_owned());
    }
    wrong
}

/// The unread counts that a client shows, against a count of the server's rows.
pub fn of_counts(truth: &Truth, user: i64, shown: &[RoomSummary]) -> Vec<String> {
    let mut wrong = Vec::new();
    for summary in shown {
        let Some(room) = truth.rooms.get(&summary.id.0) else {
            continue;
        };
        let Some(place) = room.places.get(&user) else {
            continue;
        };
        let from = place.read_seq.max(place.first_visible_seq - 1);
        let unread = room
            .messages
            .range(from + 1..)
            .filter(|(_, row)| row.sender != user && row.deleted_at.is_none())
            .filter(|(_, row)| row.is_in_room());
        let unread = i64::try_from(unread.count()).unwrap_or(i64::MAX);
        if summary.unread != unread {
            let told = summary.unread;
            wrong.push(format!("room {}: {told} unread, are {unread}", summary.id));
        }
    }
    wrong
}

/// What a client shows as unread in the threads that its user follows, against a count of the
/// server's rows.
pub fn of_threads(truth: &Truth, user: i64, shown: &[ThreadLine]) -> Vec<String> {
    let mut wrong = Vec::new();
    let shown: BTreeMap<i64, i64> = shown
        .iter()
        .map(|line| (line.thread_id.0, line.unread))
        .collect();
    let mut expected = BTreeMap::new();
    let own = truth.threads.range((user, i64::MIN)..=(user, i64::MAX));
    for ((_, thread), row) in own.filter(|(_, row)| row.following) {
        let Some(room) = truth.rooms.get(&row.room).filter(|room| is_in(room, user)) else {
            continue;
        };
        let first = room
            .places
            .get(&user)
            .map_or(1, |place| place.first_visible_seq);
        let from = row.read_seq.max(first - 1);
        let unread = room.messages.range(from + 1..).filter(|(_, row)| {
            row.thread == Some(*thread) && row.sender != user && row.deleted_at.is_none()
        });
        expected.insert(*thread, i64::try_from(unread.count()).unwrap_or(i64::MAX));
    }
    if shown != expected {
        wrong.push(format!("unread in threads {shown:?}, are {expected:?}"));
    }
    wrong
}

/// Two clients of one user, side by side: whatever both hold is the same, and both show the same
/// list (invariant 9: one of them has just signed in). Which message is the newest, their clocks
/// decide where messages go by themselves.
pub fn of_twins(truth: &Truth, one: &[RoomSummary], other: &[RoomSummary]) -> Vec<String> {
    let goes = |room: i64| {
        let rows = truth.rooms.get(&room).map(|room| room.messages.values());
        rows.is_some_and(|mut rows| {
            rows.any(|row| row.expires_at.is_some() && row.deleted_at.is_none())
        })
    };
    let list = |rooms: &[RoomSummary]| -> BTreeMap<i64, String> {
        let shown = rooms.iter().map(|room| {
            let RoomSummary {
                id,
                kind,
                name,
                topic,
                role,
                unread,
                read_seq,
                last_seq,
                preview,
                member_count,
                ..
            } = room;
            // By whom the newest message is: one who left keeps the name that they had.
            let newest = preview.as_ref().filter(|_| !goes(id.0));
            let newest = newest.map(|row| (&row.text, row.at, row.own));
            let shown = format!(
                "{kind:?} {name:?} {topic:?} {role:?} {unread} {read_seq} {last_seq} {newest:?} \
                 {member_count}"
            );
            (id.0, shown)
        });
        shown.collect()
    };
    let (one, other) = (list(one), list(other));
    if one == other {
        Vec::new()
    } else {
        vec![format!("shows {one:?}, and a fresh sign-in {other:?}")]
    }
}

/// What never goes back (invariant 6): `before` and `now` are the same store at two moments.
pub fn of_time(before: &Cache, now: &Cache) -> Vec<String> {
    if before.instance.is_none() || before.instance != now.instance {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    if now.user_rev < before.user_rev {
        wrong.push(format!(
            "user_rev went from {} to {}",
            before.user_rev, now.user_rev
        ));
    }
    for (id, was) in &before.rooms {
        let Some(is) = now.rooms.get(id) else {
            continue;
        };
        if is.place.read_seq < was.place.read_seq {
            let marks = (was.place.read_seq, is.place.read_seq);
            wrong.push(format!("room {id}: the read mark went back: {marks:?}"));
        }
        // One who came again begins the room again.
        let came_again = is.place.user_rev != was.place.user_rev;
        if !came_again && (is.rev < was.rev || is.seq < was.seq) {
            let cursors = ((was.rev, was.seq), (is.rev, is.seq));
            wrong.push(format!("room {id}: the cursor went back: {cursors:?}"));
        }
    }
    wrong
}

/// As [`of_time`], for the server.
pub fn of_server_time(before: &Truth, now: &Truth) -> Vec<String> {
    let mut wrong = Vec::new();
    for (user, was) in &before.user_revs {
        if now.user_revs.get(user).is_none_or(|is| is < was) {
            wrong.push(format!("user {user}: the counter went back from {was}"));
        }
    }
    for (id, was) in &before.rooms {
        let Some(is) = now.rooms.get(id) else {
            wrong.push(format!("room {id} is gone"));
            continue;
        };
        if is.is_deleted {
            continue;
        }
        if is.rev < was.rev || is.fields.last_seq < was.fields.last_seq {
            wrong.push(format!("room {id}: its counters went back"));
        }
        for (user, place) in &was.places {
            let now = is.places.get(user).map(|place| place.read_seq);
            if now.is_none_or(|read_seq| read_seq < place.read_seq) {
                wrong.push(format!("room {id}: user {user}'s read mark went back"));
            }
        }
        for (seq, row) in &was.messages {
            let same = is.messages.get(seq).is_some_and(|now| {
                (now.id, now.sender, &now.client_id) == (row.id, row.sender, &row.client_id)
            });
            if !same {
                wrong.push(format!("room {id}: another message stands at {seq}"));
            }
        }
    }
    wrong
}
