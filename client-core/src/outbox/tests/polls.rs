//! Polls on their way to the server.

use erc_protocol::{
    Poll, UserRev,
    gateway::ClientFrame,
    poll::{NewPoll, OwnVote},
};

use super::*;
use crate::{
    cache::{messages, votes},
    outbox::polls,
};

fn new() -> NewPoll {
    NewPoll {
        options: vec!["Tea".into(), "Coffee".into(), "Water".into()],
        ..NewPoll::default()
    }
}

/// A poll that the server has.
fn asked(conn: &Connection, id: u128) -> Message {
    polls::send(
        conn,
        author(id),
        ROOM,
        ("What?".to_owned(), new()),
        Answer::default(),
    )
    .unwrap();
    let entry = only(conn);
    let poll = Poll::new("What?", &new()).unwrap();
    let row = Message {
        message_type: MessageType::Poll,
        content: poll.text(),
        poll: Some(poll),
        ..Server::default().carry_out(&entry)
    };
    settle::accepted(conn, ME, entry.id, &row).unwrap();
    row
}

fn vote(conn: &Connection, id: u128, row: &Message, options: &[u8]) -> Result<(), Error> {
    polls::vote(conn, author(id), ROOM, (ME, row.client_id), options)
}

fn waiting(conn: &Connection) -> Vec<String> {
    let entries = outbox::of_room(conn, ROOM).unwrap();
    entries.into_iter().map(|entry| entry.content).collect()
}

#[test]
fn a_poll_goes_with_all_that_it_is_made_of() {
    let conn = conn_with_rooms();
    let to = Answer {
        thread_id: Some(MessageId(7)),
        also_in_room: true,
        ..Answer::default()
    };
    let asked = ("What?".to_owned(), new());
    polls::send(&conn, author(1), ROOM, asked, to).unwrap();
    let Some(ClientFrame::SendMessage(send)) = frame(&only(&conn)) else {
        panic!("it makes a message");
    };
    assert_eq!(send.message_type, MessageType::Poll);
    assert_eq!((send.content.as_str(), send.poll), ("What?", Some(new())));
    assert_eq!(
        (send.thread_id, send.also_in_room),
        (Some(MessageId(7)), true)
    );
    // What has not left yet is put into other words in its place.
    compose::edit(
        &conn,
        author(2),
        ROOM,
        author(1).op_id,
        " Which? ".to_owned(),
    )
    .unwrap();
    assert_eq!(only(&conn).content, "Which?");
    let nothing = compose::edit(&conn, author(2), ROOM, author(1).op_id, "a\nb".to_owned());
    assert!(matches!(nothing, Err(Error::Invalid(_))));
}

#[test]
fn of_votes_that_wait_the_last_goes_and_what_is_so_already_does_not() {
    let conn = conn_with_rooms();
    let row = asked(&conn, 1);
    vote(&conn, 2, &row, &[0]).unwrap();
    vote(&conn, 3, &row, &[2]).unwrap();
    assert_eq!(waiting(&conn), ["2"]);
    let Some(ClientFrame::Vote(out)) = frame(&only(&conn)) else {
        panic!("it is a vote");
    };
    assert_eq!(out.options, [2]);
    assert_eq!(out.client_id, Some(author(3).op_id));
    vote(&conn, 4, &row, &[]).unwrap();
    assert!(waiting(&conn).is_empty(), "nothing was chosen before");
    // What is out may have arrived: it is answered by another.
    vote(&conn, 5, &row, &[1]).unwrap();
    settle::begun(&conn, &outbox::heads(&conn).unwrap()).unwrap();
    vote(&conn, 6, &row, &[1]).unwrap();
    assert_eq!(waiting(&conn), ["1"]);
    vote(&conn, 7, &row, &[]).unwrap();
    assert_eq!(waiting(&conn), ["1", ""]);
}

#[test]
fn what_the_server_would_refuse_is_refused_here() {
    let conn = conn_with_rooms();
    let mut row = asked(&conn, 1);
    for options in [&[0, 1][..], &[3]] {
        let refused = vote(&conn, 2, &row, options);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{options:?}");
    }
    polls::close(&conn, author(3), ROOM, (ME, row.client_id)).unwrap();
    polls::close(&conn, author(4), ROOM, (ME, row.client_id)).unwrap();
    assert!(matches!(
        frame(&only(&conn)),
        Some(ClientFrame::ClosePoll(_))
    ));
    row.rev = Rev(row.rev.0 + 1);
    row.poll.as_mut().unwrap().closed_at = Some(Timestamp(1));
    settle::accepted(&conn, ME, only(&conn).id, &row).unwrap();
    assert!(matches!(vote(&conn, 5, &row, &[0]), Err(Error::Invalid(_))));
    let text = {
        compose::send(&conn, author(6), ROOM, "x".to_owned(), Answer::default()).unwrap();
        author(6).op_id
    };
    let none = polls::vote(&conn, author(7), ROOM, (ME, text), &[0]);
    assert!(none.is_err(), "a text is no poll");
}

#[test]
fn a_vote_of_ones_own_is_held_as_the_newest_and_goes_with_its_poll() {
    let conn = conn_with_rooms();
    let row = asked(&conn, 1);
    let told = |options: &[u8], rev| OwnVote {
        message_id: row.message_id,
        room_id: ROOM,
        options: options.to_vec(),
        user_rev: UserRev(rev),
    };
    votes::put(&conn, &told(&[1], 5)).unwrap();
    votes::put(&conn, &told(&[2], 4)).unwrap();
    assert_eq!(votes::get(&conn, row.message_id).unwrap(), [1]);
    vote(&conn, 2, &row, &[1]).unwrap();
    assert!(waiting(&conn).is_empty(), "it is so already");
    let gone = Message {
        rev: Rev(row.rev.0 + 1),
        deleted_at: Some(Timestamp(1)),
        poll: None,
        ..row.clone()
    };
    messages::put(&conn, &gone).unwrap();
    votes::put(&conn, &told(&[1], 6)).unwrap();
    assert!(votes::get(&conn, row.message_id).unwrap().is_empty());
}
