//! Answers to strangers' requests on their way to the server.

use erc_protocol::{RequestState, RoomKind, gateway::ClientFrame};

use super::*;
use crate::{cache::receipts, outbox::requests};

/// A request in which two messages were written.
fn asked() -> Connection {
    let conn = conn_with_rooms();
    conn.execute(
        "UPDATE rooms SET kind = ?1, request = 'received', room_rev = 1, last_seq = 2, seq = 2, rev = 2
         WHERE room_id = ?2",
        rusqlite::params![RoomKind::Direct.as_str(), ROOM.0],
    )
    .unwrap();
    conn
}

fn state(conn: &Connection) -> RequestState {
    rooms::get(conn, ROOM).unwrap().unwrap().request
}

fn lists(conn: &Connection) -> (usize, usize) {
    conn.execute("UPDATE rooms SET room_rev = 1 WHERE room_rev IS NULL", [])
        .unwrap();
    let rooms = rooms::joined(conn).unwrap().len();
    (rooms, rooms::asked(conn).unwrap().len())
}

/// What the server says of the room after an answer.
fn place(request: RequestState, rev: i64) -> UserRoom {
    UserRoom {
        room_id: ROOM,
        state: MemberState::Joined,
        role: RoomRole::Member,
        read_seq: Seq(0),
        first_visible_seq: Seq(1),
        marked_unread: false,
        muted_until: None,
        level: erc_protocol::Level::Usual,
        hushed_until: None,
        request,
        user_rev: UserRev(rev),
    }
}

#[test]
fn a_request_stands_in_its_own_list_and_moves_as_it_is_answered() {
    let conn = asked();
    assert_eq!(lists(&conn), (1, 1));
    requests::answer(&conn, author(1), ROOM, true).unwrap();
    assert_eq!((state(&conn), lists(&conn)), (RequestState::None, (2, 0)));
    // What has not left yet is taken back by another answer; the same again is none.
    requests::answer(&conn, author(2), ROOM, false).unwrap();
    requests::answer(&conn, author(3), ROOM, false).unwrap();
    assert_eq!(
        (state(&conn), lists(&conn)),
        (RequestState::Declined, (1, 0))
    );
    let entry = only(&conn);
    let Some(ClientFrame::AnswerRequest(answer)) = frame(&entry) else {
        panic!("{entry:?}");
    };
    assert_eq!((answer.room_id, answer.accept), (ROOM, false));
    settle::answered(&conn, entry.id, &place(RequestState::Declined, 2)).unwrap();
    assert_eq!(
        (state(&conn), lists(&conn)),
        (RequestState::Declined, (1, 0))
    );
    // What was told meanwhile is newer than an answer that comes late.
    rooms::put_mine(&conn, &place(RequestState::None, 4)).unwrap();
    rooms::set_request(&conn, &place(RequestState::Declined, 3)).unwrap();
    assert_eq!(state(&conn), RequestState::None);
}

#[test]
fn one_that_nothing_was_written_in_is_in_no_list() {
    let conn = asked();
    conn.execute("UPDATE rooms SET last_seq = 0", []).unwrap();
    assert_eq!(lists(&conn), (1, 0));
}

#[test]
fn nothing_of_a_request_is_marked_read_or_delivered_before_it_is_accepted() {
    let conn = asked();
    assert!(!compose::read(&conn, author(1), ROOM, Seq(2)).unwrap());
    assert!(!receipts::to_tell(&conn).unwrap().contains_key(&ROOM));
    requests::answer(&conn, author(2), ROOM, true).unwrap();
    assert!(compose::read(&conn, author(3), ROOM, Seq(2)).unwrap());
    // The mark goes behind the answer: before it, it would mean nothing.
    let heads = outbox::heads(&conn).unwrap();
    let kinds: Vec<_> = heads.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [Kind::Answer]);
    settle::answered(&conn, heads[0].id, &place(RequestState::None, 2)).unwrap();
    assert_eq!(only(&conn).kind, Kind::Read);
    assert!(receipts::to_tell(&conn).unwrap().contains_key(&ROOM));
}

#[test]
fn an_answer_that_is_refused_shows_the_request_again_and_goes_with_the_room() {
    let conn = asked();
    requests::answer(&conn, author(1), ROOM, false).unwrap();
    let entry = only(&conn);
    let error = ErrorBody::new(ErrorCode::Forbidden, "you block this person");
    let told = settle::refused(&conn, entry.id, &error).unwrap();
    assert_eq!(
        told.and_then(|entry| entry.reason).as_deref(),
        Some("you block this person")
    );
    assert_eq!(
        (state(&conn), lists(&conn)),
        (RequestState::Received, (1, 1))
    );
    requests::answer(&conn, author(2), ROOM, false).unwrap();
    outbox::park_room(&conn, ROOM, "gone").unwrap();
    assert_eq!(outbox::of_room(&conn, ROOM).unwrap(), []);
}

#[test]
fn only_a_request_is_answered() {
    let conn = conn_with_rooms();
    assert!(requests::answer(&conn, author(1), ROOM, false).is_err());
    requests::answer(&conn, author(2), ROOM, true).unwrap();
    assert_eq!(outbox::of_room(&conn, ROOM).unwrap(), []);
    conn.execute("UPDATE rooms SET request = 'sent'", [])
        .unwrap();
    assert!(requests::answer(&conn, author(3), ROOM, true).is_err());
}
