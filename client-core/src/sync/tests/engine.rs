//! Single decisions of the engine, and what no input may do.

use erc_protocol::{
    EmojiRev, InstanceId, MemberState, Rev, RoomId, Row, Seq, UserRev,
    gateway::{ServerFrame, ServerPacket},
    sync::Cursor,
};
use uuid::Uuid;

use super::model::{ME, Model, OTHER};
use crate::{
    cache::{holes, messages, meta, outbox, raw, rooms, schema::open_in_memory},
    outbox::compose::{self, Answer, Author},
    sync::{
        apply,
        engine::{Engine, Start},
        reread,
    },
    unread,
};

const ROOM: RoomId = RoomId(1);

/// An engine that has caught up with this server, and its store.
fn caught_up(model: &Model) -> (Engine, rusqlite::Connection) {
    let conn = open_in_memory();
    let mut engine = Engine::new(Start::default());
    let hello = engine.hello("test".to_owned(), "device".to_owned(), &[]);
    for frame in model.hello(&hello) {
        let step = engine.receive(&frame);
        apply::apply(&conn, ME, &step.changes).unwrap();
        for question in step.ask {
            for frame in model.batches(question.room_id, question.cursor) {
                let step = engine.receive(&frame);
                apply::apply(&conn, ME, &step.changes).unwrap();
            }
        }
    }
    (engine, conn)
}

fn decode(json: &serde_json::Value) -> ServerFrame {
    ServerPacket::decode(&json.to_string()).unwrap().frame
}

#[test]
fn frames_before_welcome_count_for_nothing() {
    let mut model = Model::new(1);
    let (frame, _) = model.send(ROOM, OTHER);
    let step = Engine::new(Start::default()).receive(&frame.unwrap());
    assert!(step.changes.is_empty() && step.ask.is_empty());
}

#[test]
fn a_lost_frame_is_asked_for_once() {
    let mut model = Model::new(1);
    model.send(ROOM, OTHER);
    let (mut engine, _) = caught_up(&model);
    let _lost = model.send(ROOM, OTHER);
    let next = model.send(ROOM, OTHER).0.unwrap();
    let after = model.send(ROOM, OTHER).0.unwrap();
    let step = engine.receive(&next);
    assert!(step.changes.is_empty());
    assert_eq!(step.ask.len(), 1);
    assert!(engine.receive(&after).ask.is_empty(), "one question a room");
}

#[test]
fn a_question_without_an_answer_is_asked_again() {
    let mut model = Model::new(1);
    let (mut engine, _) = caught_up(&model);
    let _lost = model.send(ROOM, OTHER);
    let next = model.send(ROOM, OTHER).0.unwrap();
    assert_eq!(engine.receive(&next).ask.len(), 1);
    let again = (0..5).map(|_| engine.tick().ask.len()).sum::<usize>();
    assert_eq!(again, 1);
}

#[test]
fn a_lost_tail_shows_in_the_heads() {
    let mut model = Model::new(1);
    let (mut engine, _) = caught_up(&model);
    let _lost = model.send(ROOM, OTHER);
    assert_eq!(engine.receive(&model.pong()).ask.len(), 1);
}

#[test]
fn only_live_messages_arrive() {
    let mut model = Model::new(1);
    let (mut engine, _) = caught_up(&model);
    let frame = model.send(ROOM, OTHER).0.unwrap();
    assert_eq!(engine.receive(&frame).arrived.len(), 1);
    assert!(engine.receive(&frame).arrived.is_empty(), "once");
}

#[test]
fn an_unknown_frame_moves_the_cursor_and_is_kept() {
    let model = Model::new(1);
    let (mut engine, conn) = caught_up(&model);
    let rev = engine.cursor(ROOM).rev.next();
    let frame = decode(&serde_json::json!({
        "type": "message_pinned", "data": { "room_id": 1, "rev": rev, "what": "ever" }
    }));
    let step = engine.receive(&frame);
    apply::apply(&conn, ME, &step.changes).unwrap();
    assert_eq!(engine.cursor(ROOM).rev, rev);
    let kept: i64 = conn
        .query_row("SELECT count(*) FROM raw", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 1);
}

#[test]
fn an_odd_row_costs_neither_the_batch_nor_its_place() {
    let mut model = Model::new(1);
    for _ in 0..3 {
        model.send(ROOM, OTHER);
    }
    let frames = model.batches(ROOM, Cursor::default());
    let ServerFrame::Sync(sync) = &frames[0] else {
        panic!()
    };
    let mut json = serde_json::json!({ "type": "sync", "data": sync });
    json["data"]["rooms"][0]["messages"][1]["content"] = serde_json::json!({ "poll": 1 });
    let (mut engine, conn) = caught_up(&Model::new(1));
    let step = engine.receive(&decode(&json));
    apply::apply(&conn, ME, &step.changes).unwrap();
    let rows = messages::between(&conn, ROOM, Seq(0), Seq(9)).unwrap();
    assert_eq!(rows.len(), 3, "its place is held");
    assert!(holes::list(&conn, ROOM, Seq(0), Seq(9)).unwrap().is_empty());
    let kept: i64 = conn
        .query_row("SELECT count(*) FROM raw", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 1, "and it is kept for a version that can read it");
}

/// What an older build kept: a message of a shape that it could not read, a member and a frame.
fn kept_by_an_older_build() -> (Model, rusqlite::Connection) {
    let mut model = Model::new(1);
    for _ in 0..4 {
        model.send(ROOM, OTHER);
    }
    let (mut engine, conn) = caught_up(&Model::new(1));
    for frame in model.batches(ROOM, Cursor::default()) {
        let step = engine.receive(&frame);
        apply::apply(&conn, ME, &step.changes).unwrap();
    }
    let rows = messages::between(&conn, ROOM, Seq(0), Seq(9)).unwrap();
    for row in &rows[1..3] {
        let odd = erc_protocol::Message {
            content: String::new(),
            message_type: erc_protocol::MessageType::Other("unreadable".to_owned()),
            rev: row.rev,
            ..row.clone()
        };
        conn.execute("DELETE FROM messages WHERE seq = ?1", [row.seq.0])
            .unwrap();
        messages::put(&conn, &odd).unwrap();
        let json = serde_json::to_value(row).unwrap();
        for _ in 0..2 {
            raw::keep(&conn, Some(ROOM), raw::MESSAGE, &json).unwrap();
        }
    }
    let unknown = serde_json::json!({ "room_id": 1, "rev": 3, "what": "ever" });
    raw::keep(&conn, Some(ROOM), "message_pinned", &unknown).unwrap();
    (model, conn)
}

#[test]
fn what_an_older_build_kept_raw_is_read_by_this_one() {
    let (mut model, mut conn) = kept_by_an_older_build();
    // One of the two has changed since, and that row could be read.
    let Some(ServerFrame::MessageUpdated(newer)) = model.change(ROOM, 2, false).pop() else {
        panic!("an edit")
    };
    messages::put(&conn, &newer).unwrap();
    let count = |conn: &rusqlite::Connection| -> i64 {
        conn.query_row("SELECT count(*) FROM raw", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(count(&conn), 3, "each is kept once");
    reread::all(&mut conn).unwrap();
    let held = messages::between(&conn, ROOM, Seq(0), Seq(9)).unwrap();
    let (rows, _) = model.page(ROOM, Seq(9), 9);
    let rows: Vec<_> = rows.into_iter().filter_map(Row::known).collect();
    assert_eq!(held, rows, "as if it had been read at once");
    assert_eq!(count(&conn), 1, "what is still unknown stays");
    reread::all(&mut conn).unwrap();
    assert_eq!(count(&conn), 1);
}

#[test]
fn another_database_voids_the_cache_and_keeps_the_users_words() {
    let mut model = Model::new(1);
    model.send(ROOM, OTHER);
    let (_, conn) = caught_up(&model);
    let author = Author {
        me: ME,
        now: erc_protocol::Timestamp(0),
        op_id: erc_protocol::ClientId(Uuid::from_u128(99)),
    };
    compose::send(&conn, author, ROOM, "mine".to_owned(), Answer::default()).unwrap();
    let mut engine = Engine::new(Start {
        instance: meta::instance(&conn).unwrap(),
        user_rev: meta::user_rev(&conn).unwrap(),
        emoji_rev: meta::emoji_rev(&conn).unwrap(),
        rooms: rooms::cursors(&conn).unwrap(),
    });
    let mut restored = Model::new(1);
    restored.instance = InstanceId(Uuid::from_u128(8));
    let hello = engine.hello("test".to_owned(), "device".to_owned(), &[]);
    assert!(
        hello
            .resume
            .as_ref()
            .is_some_and(|resume| resume.rooms.len() == 1)
    );
    for frame in restored.hello(&hello) {
        let step = engine.receive(&frame);
        apply::apply(&conn, ME, &step.changes).unwrap();
    }
    assert!(
        messages::between(&conn, ROOM, Seq(0), Seq(9))
            .unwrap()
            .is_empty()
    );
    assert_eq!(meta::instance(&conn).unwrap(), Some(restored.instance));
    assert_eq!(outbox::of_room(&conn, ROOM).unwrap().len(), 1);
}

#[test]
fn a_hello_fits_into_a_frame_however_many_rooms_there_are() {
    let big = 9_007_199_254_740_991;
    let rooms = (0..5000).map(|n| {
        (
            RoomId(big - n),
            MemberState::Joined,
            Cursor {
                rev: Rev(big),
                seq: Seq(big),
            },
        )
    });
    let mut engine = Engine::new(Start {
        instance: Some(InstanceId(Uuid::nil())),
        user_rev: UserRev(big),
        emoji_rev: EmojiRev(big),
        rooms: rooms.collect(),
    });
    let hello = engine.hello("test".to_owned(), "device".to_owned(), &[]);
    let packet = erc_protocol::gateway::ClientPacket {
        id: Some(1),
        frame: erc_protocol::gateway::ClientFrame::Hello(hello),
    };
    assert!(packet.encode().len() <= erc_protocol::limit::FRAME_BYTES);
}

#[test]
fn leaving_a_room_parks_what_was_to_be_sent_there() {
    let mut model = Model::new(1);
    let (mut engine, conn) = caught_up(&model);
    let author = Author {
        me: ME,
        now: erc_protocol::Timestamp(0),
        op_id: erc_protocol::ClientId(Uuid::from_u128(99)),
    };
    compose::send(&conn, author, ROOM, "mine".to_owned(), Answer::default()).unwrap();
    for frame in model.toggle(ROOM, true) {
        let step = engine.receive(&frame);
        apply::apply(&conn, ME, &step.changes).unwrap();
    }
    assert!(outbox::heads(&conn).unwrap().is_empty());
    assert!(outbox::of_room(&conn, ROOM).unwrap()[0].reason.is_some());
    assert!(rooms::joined(&conn).unwrap().is_empty());
}

#[test]
fn a_limited_batch_from_an_older_cursor_is_not_taken() {
    let mut model = Model::new(1);
    for _ in 0..3 {
        model.send(ROOM, OTHER);
    }
    let (mut engine, _) = caught_up(&model);
    let held = engine.cursor(ROOM);
    model.change(ROOM, 0, false);
    for _ in 0..10 {
        model.send(ROOM, OTHER);
    }
    // It leaves out the places from the beginning on, and so the edit of a row that is held.
    let old = model.batches(ROOM, Cursor::default()).remove(0);
    let step = engine.receive(&old);
    assert!(step.changes.is_empty());
    assert_eq!(step.ask[0].cursor, held);
}

#[test]
fn a_page_gives_nothing_beyond_what_was_covered_when_it_was_asked_for() {
    let mut model = Model::new(1);
    for _ in 0..12 {
        model.send(ROOM, OTHER);
    }
    let (_, conn) = caught_up(&model);
    let hole = || holes::list(&conn, ROOM, Seq(0), Seq(99)).unwrap();
    let before = hole();
    let (rows, _) = model.page(ROOM, Seq(99), 99);
    // Asked for when the cursor stood at 4; the batch that moved it on left out later changes.
    apply::page(
        &conn,
        ME,
        ROOM,
        apply::Paging::After(Seq(0)),
        Seq(4),
        &rows,
        false,
    )
    .unwrap();
    let end = Seq(*before[0].end());
    let held = messages::between(&conn, ROOM, Seq(5), end).unwrap();
    assert!(held.is_empty(), "{held:?}");
    assert_eq!(*hole()[0].start(), 5);
}

#[test]
fn a_read_mark_of_another_device_inside_a_hole_is_counted_by_the_server() {
    let mut model = Model::new(1);
    for _ in 0..12 {
        model.send(ROOM, OTHER);
    }
    let (mut engine, conn) = caught_up(&model);
    let frame = model.read(ROOM, 7).unwrap();
    let step = engine.receive(&frame);
    let applied = apply::apply(&conn, ME, &step.changes).unwrap();
    assert_eq!(applied.in_doubt, [ROOM]);
    for question in engine.doubt(ROOM).ask {
        for frame in model.batches(question.room_id, question.cursor) {
            let step = engine.receive(&frame);
            apply::apply(&conn, ME, &step.changes).unwrap();
        }
    }
    let count = unread::by_id(&conn, ME, ROOM);
    assert_eq!((count.count, count.is_exact), (7, true));
}

#[test]
fn a_change_of_a_message_that_is_not_held_brings_all_of_it_or_waits_for_its_page() {
    for is_delete in [false, true] {
        let mut model = Model::new(1);
        for _ in 0..12 {
            model.send(ROOM, OTHER);
        }
        let (mut engine, conn) = caught_up(&model);
        let hole = holes::list(&conn, ROOM, Seq(0), Seq(99)).unwrap();
        let missing = Seq(*hole[0].start());
        let before = unread::by_id(&conn, ME, ROOM).count;
        let pick = usize::try_from(missing.0 - 1).unwrap();
        let frame = model.change(ROOM, pick, is_delete).remove(0);
        let step = engine.receive(&frame);
        let applied = apply::apply(&conn, ME, &step.changes).unwrap();
        assert_eq!(engine.cursor(ROOM).rev, model.room(ROOM).rev);
        let rows = messages::between(&conn, ROOM, missing, missing).unwrap();
        let holes = holes::list(&conn, ROOM, Seq(0), Seq(99)).unwrap();
        let is_missing = holes.iter().any(|hole| hole.contains(&missing.0));
        assert_eq!(rows.is_empty(), is_missing, "{holes:?}");
        for row in rows {
            assert_eq!(
                (row.is_deleted(), row.edited_at.is_some()),
                (is_delete, !is_delete)
            );
        }
        let now = unread::by_id(&conn, ME, ROOM);
        if is_delete {
            let is_right = now.is_exact && now.count == before - 1;
            assert!(is_right || applied.in_doubt == [ROOM], "{now:?}");
        } else {
            assert_eq!(now.count, before);
        }
        // The page that fills the hole later has the newest state.
        let (rows, has_more) = model.page(ROOM, Seq(missing.0 + 1), 1);
        let covered = engine.cursor(ROOM).seq;
        let paging = apply::Paging::Before(missing.next());
        apply::page(&conn, ME, ROOM, paging, covered, &rows, has_more).unwrap();
        let held = messages::between(&conn, ROOM, missing, missing).unwrap();
        assert_eq!(held[0].is_deleted(), is_delete);
        assert_eq!(held[0].edited_at.is_some(), !is_delete);
    }
}
