//! What only sending reaches: looking up senders, repetitions and parents, and moving the counters
//! of several rooms at once. Through the committer, which is the one that calls it.

use std::sync::Arc;

use erc_protocol::{
    ErrorCode, MemberState, Message, MessageId, MessageType, Rev, RoomId, Seq, UserId,
};
use erc_server::clock::Clock;
use erc_server::hub::Hub;
use erc_server::lifecycle::Lifecycle;
use erc_server::ops::committer::{Committer, Watch};
use erc_server::ops::send::Send;
use erc_server::ops::{Error, Result};
use erc_server::store::{Db, Place};

use super::{client_id, enter, new_room, new_user};

conformance! { with_db =>
    sends_to_several_rooms_move_each_rooms_counters,
    a_repetition_gives_the_first_result_in_its_batch_and_later,
    only_who_is_in_the_room_sends,
    an_answer_needs_a_message_of_the_same_room,
}

fn send(sender: UserId, room: RoomId, name: u128) -> Send {
    Send {
        sender,
        room,
        content: format!("text {name}"),
        kind: MessageType::Text,
        client_id: client_id(name),
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        call: None,
        poll: None,
        forwarded: None,
        lifetime: None,
        drafts: Vec::new(),
        filters: erc_server::ops::filters::Filters::default(),
    }
}

/// All of them, submitted before the committer begins: one batch.
async fn send_all(db: &Db, sends: Vec<Send>) -> Vec<Result<Message>> {
    let (committer, writer) = Committer::start(
        db.clone(),
        Arc::new(Hub::default()),
        Clock::System,
        Watch::default(),
    );
    let mut receipts = Vec::new();
    for send in sends {
        receipts.push(committer.submit_send(send).await.unwrap());
    }
    drop(committer);
    let lifecycle = Lifecycle::default();
    lifecycle.spawn("committer", writer);
    let mut results = Vec::new();
    for receipt in receipts {
        results.push(receipt.await);
    }
    assert!(lifecycle.stopped().await);
    results
}

struct Scene {
    ada: UserId,
    ben: UserId,
    rooms: [RoomId; 2],
}

/// Ada is in both rooms, Ben in the first.
async fn scene(db: &Db) -> Scene {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let rooms = [
        new_room(&mut tx, ada, 1).await.id,
        new_room(&mut tx, ada, 2).await.id,
    ];
    for (room, user) in [(rooms[0], ada), (rooms[0], ben), (rooms[1], ada)] {
        enter(&mut tx, room, user).await;
    }
    tx.commit().await.unwrap();
    Scene { ada, ben, rooms }
}

fn code(result: &Result<Message>) -> ErrorCode {
    match result {
        Err(Error::Refused(body)) => body.code,
        other => panic!("not refused: {other:?}"),
    }
}

async fn sends_to_several_rooms_move_each_rooms_counters(db: &Db) {
    let Scene {
        ada,
        ben,
        rooms: [one, two],
    } = scene(db).await;
    let sends = vec![
        send(ada, one, 1),
        send(ada, two, 2),
        send(ben, one, 1),
        send(ada, one, 3),
    ];
    let results = send_all(db, sends).await;
    let got: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().unwrap())
        .map(|m| (m.chat_room_id, m.seq.0, m.rev.0, m.sender_name.as_str()))
        .collect();
    // Room one had three changes, room two had two.
    let expected = [
        (one, 1, 4, "ADA"),
        (two, 1, 3, "ADA"),
        (one, 2, 5, "BEN"),
        (one, 3, 6, "ADA"),
    ];
    assert_eq!(got, expected);
    let mut tx = db.snapshot().await.unwrap();
    for (room, seq, rev) in [(one, 3, 6), (two, 1, 3)] {
        let row = tx.room(room).await.unwrap().unwrap();
        assert_eq!((row.last_seq, row.rev), (Seq(seq), Rev(rev)));
    }
    for result in results {
        let sent = result.unwrap();
        let kept = tx.message(sent.message_id).await.unwrap().unwrap();
        assert_eq!(Message::from(kept), sent);
    }
}

async fn a_repetition_gives_the_first_result_in_its_batch_and_later(db: &Db) {
    let Scene {
        ada,
        ben,
        rooms: [one, two],
    } = scene(db).await;
    let first = send_all(db, vec![send(ada, one, 1), send(ada, one, 1)]).await;
    assert_eq!(first[0].as_ref().unwrap(), first[1].as_ref().unwrap());
    // Not at the same time: where rooms have lanes of their own, either may be the first.
    let elsewhere = send_all(db, vec![send(ada, two, 1)]).await;
    assert_eq!(code(&elsewhere[0]), ErrorCode::ClientIdReused);
    let reused = Send {
        content: "other".into(),
        ..send(ada, one, 1)
    };
    let later = send_all(db, vec![send(ada, one, 1), reused, send(ben, one, 1)]).await;
    assert_eq!(first[0].as_ref().unwrap(), later[0].as_ref().unwrap());
    assert_eq!(code(&later[1]), ErrorCode::ClientIdReused);
    assert_eq!(
        later[2].as_ref().unwrap().seq,
        Seq(2),
        "another's name is another's"
    );
    let mut tx = db.snapshot().await.unwrap();
    assert_eq!(
        tx.messages_after(one, Seq(1), Seq(0), 10)
            .await
            .unwrap()
            .len(),
        2
    );
    assert!(
        tx.messages_after(two, Seq(1), Seq(0), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn only_who_is_in_the_room_sends(db: &Db) {
    let Scene {
        ada,
        ben,
        rooms: [one, two],
    } = scene(db).await;
    let mut tx = db.begin().await.unwrap();
    let place = tx.place(one, ben).await.unwrap().unwrap();
    tx.put_place(&Place {
        state: MemberState::Left,
        ..place
    })
    .await
    .unwrap();
    tx.delete_room(two, super::at(9)).await.unwrap();
    tx.commit().await.unwrap();
    let sends = vec![
        send(ben, one, 1),
        send(ada, two, 2),
        send(ada, RoomId(99), 3),
        send(ada, one, 4),
    ];
    let results = send_all(db, sends).await;
    assert_eq!(code(&results[0]), ErrorCode::Forbidden);
    assert_eq!(code(&results[1]), ErrorCode::NotFound);
    assert_eq!(code(&results[2]), ErrorCode::NotFound);
    assert_eq!(
        results[3].as_ref().unwrap().seq,
        Seq(1),
        "the others' refusals cost nothing"
    );
}

async fn an_answer_needs_a_message_of_the_same_room(db: &Db) {
    let Scene {
        ada,
        rooms: [one, two],
        ..
    } = scene(db).await;
    let sent = send_all(db, vec![send(ada, one, 1), send(ada, one, 2)]).await;
    let [parent, deleted] = [0, 1].map(|n| sent[n].as_ref().unwrap().message_id);
    let mut tx = db.begin().await.unwrap();
    let rev = tx.next_rev(one).await.unwrap();
    tx.delete_message(deleted, rev, super::at(9)).await.unwrap();
    tx.commit().await.unwrap();
    let answer = |room, name, to| Send {
        reply_to: Some(to),
        ..send(ada, room, name)
    };
    let sends = vec![
        answer(one, 3, parent),
        answer(two, 4, parent),
        answer(one, 5, deleted),
        answer(one, 6, MessageId(999)),
    ];
    let results = send_all(db, sends).await;
    assert_eq!(results[0].as_ref().unwrap().reply_to, Some(parent));
    for refused in &results[1..] {
        assert_eq!(code(refused), ErrorCode::ValidationFailed);
    }
}
