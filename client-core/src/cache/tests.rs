//! The store as a whole: surviving the end of the program, damage, and size.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use erc_protocol::{
    ClientId, Member, MemberState, Message, MessageId, MessageType, Rev, Room, RoomId, RoomKind,
    RoomRole, Row, Scheduled, Seq, ServerRole, Timestamp, User, UserId, UserRev,
    schedule::{ScheduledKind, ScheduledState},
    search::{Named, Now, Query},
    sync::{Cursor, RoomSync, Unread, UserRoom},
};
use jiff::tz::TimeZone;
use rusqlite::Connection;
use uuid::Uuid;

use super::{Store, members, messages, meta, outbox, rooms, schema, search};
use crate::{
    clock::Clock,
    complete,
    failpoints::Failpoints,
    outbox::compose::{self, Answer, Author},
    sync::{apply, change::Change},
    timeline::{load, merge},
    unread,
    view::Window,
};

const ME: UserId = UserId(1);
const ROOM: RoomId = RoomId(1);

fn me() -> User {
    User {
        id: ME,
        username: "me".to_owned(),
        display_name: "Me".to_owned(),
        role: ServerRole::Member,
        created_at: Timestamp(0),
    }
}

fn message(seq: i64) -> Message {
    Message {
        message_id: MessageId(seq),
        chat_room_id: ROOM,
        sender_id: UserId(2),
        sender_name: "Ada".to_owned(),
        content: format!("message number {seq}"),
        message_type: MessageType::Text,
        created_at: Timestamp(seq * 1000),
        seq: Seq(seq),
        rev: Rev(seq),
        client_id: ClientId(Uuid::from_u128(u128::try_from(seq).unwrap())),
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        thread: None,
        deleted_rev: None,
        mentions: Vec::new(),
        reactions: Vec::new(),
        pinned: None,
        poll: None,
        forwarded: None,
        expiry: None,
        edited_at: None,
        deleted_at: None,
    }
}

fn join(read: i64) -> Change {
    let mine = UserRoom {
        room_id: ROOM,
        state: MemberState::Joined,
        role: RoomRole::Member,
        read_seq: Seq(read),
        marked_unread: false,
        muted_until: None,
        level: erc_protocol::Level::Usual,
        hushed_until: None,
        request: erc_protocol::RequestState::None,
        first_visible_seq: Seq(1),
        user_rev: UserRev(1),
    };
    Change::Mine {
        to: UserRev(1),
        user: me(),
        rooms: vec![Row::Known(mine)],
        scheduled: Vec::new(),
        blocks: Vec::new(),
        votes: Vec::new(),
        presence: Box::default(),
        threads: Vec::new(),
        drafts: Vec::new(),
        attention: None,
        moderation: Box::default(),
        afresh: true,
    }
}

/// A batch that brings these places of a room with so many.
fn batch(places: std::ops::RangeInclusive<i64>, last: i64, unread: i64) -> Change {
    let room = Room {
        id: ROOM,
        rev: Rev(1),
        name: "general".to_owned(),
        topic: String::new(),
        kind: RoomKind::Group,
        is_private: false,
        history: erc_protocol::History::Shared,
        created_by: ME,
        created_at: Timestamp(0),
        member_count: 2,
        last_seq: Seq(last),
        last_message_at: Timestamp(last * 1000),
        settings: erc_protocol::RoomSettings::default(),
    };
    let batch = RoomSync {
        room_id: ROOM,
        from: Rev(0),
        to: Rev(last),
        head: Rev(last),
        limited: true,
        room,
        members: Vec::new(),
        members_complete: true,
        messages: places.map(|seq| Row::Known(message(seq))).collect(),
        unread: Unread {
            count: unread,
            mentions: 0,
            read_seq: Seq(last - unread),
            at_seq: Seq(last),
            at_rev: Rev(last),
        },
        threads: Vec::new(),
    };
    let after = Cursor {
        rev: Rev(last),
        seq: Seq(last),
    };
    Change::Batch {
        batch: Box::new(batch),
        before: Cursor::default(),
        after,
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_the_program_ended_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let author = |id| Author {
        me: ME,
        now: Timestamp(0),
        op_id: ClientId(Uuid::from_u128(id)),
    };
    let steps: Vec<fn(&Connection, Author) -> crate::error::Result<()>> = vec![
        |conn, _| apply::apply(conn, ME, &[join(0), batch(5..=9, 9, 9)]).map(drop),
        |conn, author| compose::send(conn, author, ROOM, "offline".to_owned(), Answer::default()),
        |conn, _| {
            let heads = outbox::heads(conn)?;
            crate::outbox::settle::begun(conn, &heads).map(drop)
        },
        |conn, author| compose::send(conn, author, ROOM, "another".to_owned(), Answer::default()),
    ];
    for (id, step) in (1..).zip(steps) {
        let store = Store::open(&path, &Clock::system(), &Failpoints::default()).unwrap();
        store.write(move |tx| step(tx, author(id))).await.unwrap();
        // No closing: the program is killed.
        std::mem::forget(store);
    }
    let store = Store::open(&path, &Clock::system(), &Failpoints::default()).unwrap();
    let (entries, rows) = store
        .read(|conn| {
            let rows = messages::between(conn, ROOM, Seq(0), Seq(99))?;
            Ok((outbox::of_room(conn, ROOM)?, rows))
        })
        .unwrap();
    let texts: Vec<&str> = entries.iter().map(|entry| entry.content.as_str()).collect();
    assert_eq!(texts, ["offline", "another"]);
    assert!(
        entries
            .iter()
            .all(|entry| entry.state == outbox::State::Queued)
    );
    assert_eq!(entries[0].attempts, 1, "the server may have it");
    assert_eq!(rows.len(), 5);
    store.close().await;
    assert!(store.read(|_| Ok(())).is_err(), "closed is closed");
}

#[tokio::test]
async fn a_transaction_that_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(
        &folder.path().join("store.db"),
        &Clock::system(),
        &Failpoints::default(),
    )
    .unwrap();
    let failed: crate::error::Result<()> = store
        .write(|tx| {
            apply::apply(tx, ME, &[join(0), batch(1..=9, 9, 9)])?;
            Err(crate::Error::NotFound)
        })
        .await;
    assert!(failed.is_err());
    assert!(store.read(|conn| rooms::get(conn, ROOM)).unwrap().is_none());
    store.close().await;
}

#[tokio::test]
async fn a_damaged_store_is_set_aside_and_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(&path, vec![0x5A; 8192]).unwrap();
    let store = Store::open(&path, &Clock::system(), &Failpoints::default()).unwrap();
    assert!(store.notice().unwrap().contains("damaged"));
    store.write(|tx| meta::set_me(tx, &me())).await.unwrap();
    store.close().await;
    let kept = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .contains("damaged")
        })
        .count();
    assert_eq!(kept, 1, "never deleted");
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let conn = schema::open_writer(&path).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    drop(conn);
    assert!(matches!(
        schema::open_writer(&path),
        Err(schema::OpenError::Newer(999))
    ));
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_the_store() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    schema::open_writer(&path).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn deleted_text_leaves_the_search() {
    let conn = schema::open_in_memory();
    apply::apply(&conn, ME, &[join(0), batch(1..=9, 9, 9)]).unwrap();
    let find = |written: &str| {
        let now = Now {
            time: Timestamp(0),
            offset_minutes: 0,
        };
        let sought = search::Sought {
            query: &Query::parse(written, now).unwrap(),
            named: &Named::new(ME),
            room: None,
            now: now.time,
        };
        search::find(&conn, &sought, 50).unwrap().len()
    };
    assert_eq!(find("number"), 9);
    assert_eq!(find("numb 7"), 1, "parts of words, and short ones");
    let mut gone = message(7);
    gone.rev = Rev(10);
    gone.content.clear();
    gone.deleted_at = Some(Timestamp(1));
    messages::put(&conn, &gone).unwrap();
    assert_eq!(find("number"), 8);
    let mut edited = message(8);
    edited.rev = Rev(11);
    edited.content = "quite different".to_owned();
    messages::put(&conn, &edited).unwrap();
    assert_eq!((find("number"), find("DIFFERENT")), (7, 1));
    assert_eq!(find("\"OR *\""), 0, "no query language of the index");
    conn.execute("DELETE FROM messages WHERE seq = 1", [])
        .unwrap();
    assert_eq!(find("number"), 6);
    let rows = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(
        rows("SELECT count(*) FROM search_grams"),
        7,
        "as many as can be found"
    );
}

#[test]
fn people_and_rooms_are_proposed_by_the_letters_that_were_begun() {
    let conn = schema::open_in_memory();
    apply::apply(&conn, ME, &[join(0), batch(1..=1, 1, 1)]).unwrap();
    let people = [
        ("ada", "Ada", MemberState::Joined),
        ("zoe", "Zoë Adams", MemberState::Joined),
        ("madam", "M", MemberState::Joined),
        ("adrian", "Adrian", MemberState::Left),
        ("bo", "100% _Bo_", MemberState::Joined),
    ];
    for (n, (username, name, state)) in (10..).zip(people) {
        let member = Member {
            user_id: UserId(n),
            username: username.to_owned(),
            display_name: name.to_owned(),
            role: RoomRole::Member,
            state,
            rev: Rev(1),
            joined_at: Timestamp(0),
            muted_until: None,
        };
        members::put(&conn, ROOM, &member).unwrap();
    }
    let proposed = |before: &str| -> Vec<String> {
        let found = complete::choices(&conn, ROOM, before).unwrap();
        let choices = found.choices.into_iter();
        choices.map(|c| c.insert.to_string()).collect()
    };
    assert_eq!(proposed("hi @AD"), ["@ada ", "@zoe ", "@madam "]);
    assert_eq!(proposed("@zoë"), Vec::<String>::new());
    assert_eq!(proposed("@adam"), ["@zoe ", "@madam "]);
    assert_eq!(proposed("@_"), ["@bo "]);
    assert_eq!(proposed("@"), ["@bo ", "@ada ", "@zoe ", "@madam "]);
    assert_eq!(proposed("in #ENE"), ["#general "]);
    assert_eq!(proposed("in #x"), Vec::<String>::new());
    assert_eq!(
        complete::choices(&conn, ROOM, "a @Ad").unwrap().typed,
        "@Ad"
    );
}

/// Steps of the store's machine, in hundreds, for drawing the first frame.
fn steps_for_first_frame(size: i64) -> usize {
    let mut conn = schema::open_in_memory();
    let tx = conn.transaction().unwrap();
    apply::apply(&tx, ME, &[join(size), batch(1..=size, size, 0)]).unwrap();
    tx.commit().unwrap();
    let steps = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&steps);
    conn.progress_handler(
        100,
        Some(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            false
        }),
    );
    let listed = rooms::joined(&conn).unwrap();
    assert_eq!(unread::of_room(&conn, ME, &listed[0]).unwrap().count, 0);
    let source = load::source(
        &conn,
        &listed[0],
        Window::Newest { count: 200 },
        Timestamp(0),
    )
    .unwrap();
    let setting = load::setting(
        &conn,
        &listed[0],
        &source,
        &me(),
        None,
        (Timestamp(0), TimeZone::UTC),
    )
    .unwrap();
    assert!(merge::build(&source, &setting).items.len() > 200);
    steps.load(Ordering::Relaxed)
}

#[test]
fn the_first_frame_costs_the_same_in_a_room_of_a_hundred_thousand() {
    let (small, large) = (steps_for_first_frame(1_000), steps_for_first_frame(100_000));
    assert!(
        large <= small + small / 2 + 5,
        "{small} hundred steps became {large}"
    );
}

#[test]
fn everything_unread_in_a_long_room_is_not_counted_row_by_row() {
    let mut conn = schema::open_in_memory();
    let tx = conn.transaction().unwrap();
    apply::apply(&tx, ME, &[join(0), batch(1..=20_000, 20_000, 20_000)]).unwrap();
    tx.commit().unwrap();
    let steps = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&steps);
    conn.progress_handler(
        100,
        Some(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            false
        }),
    );
    let row = rooms::get(&conn, ROOM).unwrap().unwrap();
    assert_eq!(unread::of_room(&conn, ME, &row).unwrap().count, 20_000);
    assert!(steps.load(Ordering::Relaxed) < 100);
}

fn scheduled(number: u128, due: i64, state: ScheduledState) -> Row<Scheduled> {
    Row::Known(Scheduled {
        client_id: ClientId(Uuid::from_u128(number)),
        kind: ScheduledKind::Message,
        room_id: ROOM,
        message_id: None,
        content: format!("text {number}"),
        reply_to: None,
        due_at: Timestamp(due),
        local_time: None,
        time_zone: None,
        state,
        error: None,
        user_rev: UserRev(1),
    })
}

fn told_later(rows: Vec<Row<Scheduled>>, afresh: bool) -> Change {
    Change::Mine {
        to: UserRev(2),
        user: me(),
        rooms: Vec::new(),
        scheduled: rows,
        blocks: Vec::new(),
        votes: Vec::new(),
        presence: Box::default(),
        threads: Vec::new(),
        drafts: Vec::new(),
        attention: None,
        moderation: Box::default(),
        afresh,
    }
}

#[test]
fn what_is_scheduled_is_held_until_it_is_done_and_comes_once() {
    use ScheduledState::{Done, Due, Refused, Waiting};

    let conn = schema::open_in_memory();
    let hear = |rows, afresh| -> Vec<u128> {
        let outcome = apply::apply(&conn, ME, &[told_later(rows, afresh)]).unwrap();
        let come = outcome.has_come.iter();
        come.map(|row| row.client_id.0.as_u128()).collect()
    };
    let held = || -> Vec<u128> {
        let rows = super::scheduled::all(&conn).unwrap();
        rows.iter().map(|row| row.client_id.0.as_u128()).collect()
    };
    let waiting = (1..).zip([30, 20, 10]);
    let waiting = waiting.map(|(n, due)| scheduled(n, due, Waiting));
    assert_eq!(hear(waiting.collect(), true), [0; 0]);
    assert_eq!(held(), [3, 2, 1]);
    // Each rings once, however often it is told.
    for rings in [vec![1], vec![]] {
        assert_eq!(hear(vec![scheduled(1, 30, Due)], false), rings);
    }
    assert_eq!(hear(vec![scheduled(2, 20, Refused)], false), [2]);
    assert_eq!(held(), [2, 1, 3], "what asks for a decision comes first");
    assert_eq!(hear(vec![scheduled(2, 20, Done)], false), [0; 0]);
    assert_eq!(held(), [1, 3]);
    // Put off, it rings again.
    assert_eq!(hear(vec![scheduled(1, 40, Waiting)], false), [0; 0]);
    assert_eq!(hear(vec![scheduled(1, 40, Due)], false), [1]);
    // Told from the beginning, what isn't there is no more.
    assert_eq!(hear(vec![scheduled(3, 10, Waiting)], true), [0; 0]);
    assert_eq!(held(), [3]);
}
