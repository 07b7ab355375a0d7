//! Messages, by REST and by frames.

use erc_protocol::{
    ErrorCode, Message, MessageId, RoomId,
    api::rooms::MessagePage,
    gateway::{
        ClientFrame, ServerFrame,
        client::{DeleteMessage, EditMessage, MarkRead},
    },
    sync::Unread,
};
use erc_tests::{
    ids,
    rest::Person,
    server::TestServer,
    socket::{Wire, send_frame},
};
use serde_json::{Value, json};

async fn a_room_of_two() -> (TestServer, Person, Person, RoomId) {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let bo = Person::sign_in(&server.url(), "bo").await;
    let room = ada.create_room("general").await;
    bo.join(room).await;
    (server, ada, bo, room)
}

fn message(answer: Value) -> Message {
    serde_json::from_value(answer).unwrap()
}

#[tokio::test]
async fn a_message_by_rest_and_one_by_frame_are_the_same_thing() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let mut wire = Wire::brief(&bo).await;
    wire.is_alive().await;
    let by_rest = ada.send(room, "by rest").await;
    let mut adas = Wire::brief(&ada).await;
    let by_frame = adas.send(room, "by frame").await;
    assert_eq!(by_frame.seq, by_rest.seq.next());
    assert_eq!(wire.message().await, by_rest);
    assert_eq!(wire.message().await, by_frame);
    assert_eq!(bo.history(room).await, [by_rest, by_frame]);
}

#[tokio::test]
async fn pages_go_back_to_the_first_message_and_forward_to_the_last() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let mut wire = Wire::brief(&ada).await;
    let mut posted = Vec::new();
    for number in 1..=130 {
        let frame = ClientFrame::SendMessage(send_frame(room, &format!("message {number}")));
        posted.push(wire.post(frame).await);
    }
    for id in posted {
        wire.answer(id).await.unwrap();
    }
    let all = bo.history(room).await;
    assert_eq!(all.len(), 130);
    for (place, message) in (1..).zip(&all) {
        assert_eq!(message.seq.0, place, "no hole, no repeat");
        assert_eq!(
            message.content,
            format!("message {place}"),
            "in the order sent"
        );
    }
    let page = async |query: &str| -> MessagePage {
        bo.get(&format!("/chat/rooms/{room}/messages?{query}"))
            .await
            .read()
    };
    let seqs = |page: &MessagePage| page.messages.iter().map(|m| m.seq.0).collect::<Vec<_>>();
    let newest = page("limit=50").await;
    assert_eq!(seqs(&newest), (81..=130).collect::<Vec<_>>());
    assert!(newest.has_more);
    assert_eq!(
        page("").await.messages.len(),
        50,
        "fifty if no number is named"
    );
    let after = page("limit=10&after_seq=125").await;
    assert_eq!(
        (seqs(&after), after.has_more),
        ((126..=130).collect(), false)
    );
    let around = page("limit=10&around_seq=60").await;
    assert!(seqs(&around).contains(&60));
    let start = page("limit=100&before_seq=3").await;
    assert_eq!((seqs(&start), start.has_more), (vec![1, 2], false));
}

#[tokio::test]
async fn the_same_client_id_again_gives_the_first_result() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let path = format!("/chat/rooms/{room}/messages");
    let body = json!({ "content": "once", "client_id": ids::client_id() });
    let first = message(ada.post(&path, &body).await.ok());
    let again = message(ada.post(&path, &body).await.ok());
    assert_eq!(first, again);
    let mut wire = Wire::brief(&ada).await;
    let mut frame = send_frame(room, "once");
    frame.client_id = Some(first.client_id);
    let by_frame = message(
        wire.ask(ClientFrame::SendMessage(frame.clone()))
            .await
            .unwrap(),
    );
    assert_eq!(by_frame.message_id, first.message_id);
    frame.content = "something else".into();
    let refusal = wire.ask(ClientFrame::SendMessage(frame)).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::ClientIdReused);
    let other = json!({ "content": "other", "client_id": first.client_id });
    ada.post(&path, &other)
        .await
        .refused(ErrorCode::ClientIdReused);
    // Ids are each sender's own.
    bo.post(&path, &other).await.ok();
    assert_eq!(bo.history(room).await.len(), 2);
}

#[tokio::test]
async fn the_same_client_id_from_many_sockets_at_once_is_one_message() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let frame = send_frame(room, "at once");
    let sends = (0..8).map(async |_| {
        let mut wire = Wire::brief(&ada).await;
        let answer = wire.ask(ClientFrame::SendMessage(frame.clone())).await;
        message(answer.unwrap()).message_id
    });
    let mut ids = futures_util::future::join_all(sends).await;
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(bo.history(room).await.len(), 1);
}

#[tokio::test]
async fn a_message_is_edited_by_its_sender_alone() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let mut wire = Wire::brief(&bo).await;
    wire.is_alive().await;
    let sent = ada.send(room, "frist").await;
    let path = format!("/chat/messages/{}", sent.message_id);
    let edited = message(ada.put(&path, &json!({ "content": "first" })).await.ok());
    assert_eq!((edited.content.as_str(), edited.seq), ("first", sent.seq));
    assert!(edited.edited_at.is_some() && edited.rev > sent.rev);
    let seen = wire
        .until("message_updated", |frame| match frame {
            ServerFrame::MessageUpdated(message) => Some(message.clone()),
            _ => None,
        })
        .await;
    assert_eq!(seen, edited);
    bo.put(&path, &json!({ "content": "mine now" }))
        .await
        .refused(ErrorCode::Forbidden);
    let mut adas = Wire::brief(&ada).await;
    let conflict = adas
        .ask(ClientFrame::EditMessage(EditMessage {
            message_id: sent.message_id,
            content: "stale".into(),
            client_id: None,
            base_rev: Some(sent.rev),
            options: None,
        }))
        .await
        .unwrap_err();
    assert_eq!(conflict.code, ErrorCode::EditConflict);
}

#[tokio::test]
async fn a_repeated_edit_is_no_conflict_with_itself() {
    let (_server, ada, _, room) = a_room_of_two().await;
    let sent = ada.send(room, "a").await;
    let edit = ClientFrame::EditMessage(EditMessage {
        message_id: sent.message_id,
        content: "b".into(),
        client_id: Some(ids::client_id()),
        base_rev: Some(sent.rev),
        options: None,
    });
    let mut wire = Wire::brief(&ada).await;
    let first = message(wire.ask(edit.clone()).await.unwrap());
    let again = message(wire.ask(edit).await.unwrap());
    assert_eq!(first, again);
}

#[tokio::test]
async fn a_deleted_message_leaves_a_tombstone_and_nothing_of_its_text() {
    let (server, ada, bo, room) = a_room_of_two().await;
    let sent = ada.send(room, "regrettable zebra").await;
    ada.send(room, "fine").await;
    let path = format!("/chat/messages/{}", sent.message_id);
    bo.delete(&path).await.refused(ErrorCode::Forbidden);
    let mut wire = Wire::brief(&ada).await;
    let delete = ClientFrame::DeleteMessage(DeleteMessage {
        message_id: sent.message_id,
    });
    let tombstone = message(wire.ask(delete.clone()).await.unwrap());
    assert!(tombstone.is_deleted());
    assert_eq!((tombstone.content.as_str(), tombstone.seq), ("", sent.seq));
    let again = message(wire.ask(delete).await.unwrap());
    assert_eq!(again, tombstone, "deleting again gives the same");
    ada.put(&path, &json!({ "content": "back" }))
        .await
        .refused(ErrorCode::MessageDeleted);
    let history = bo.history(room).await;
    assert_eq!(history.len(), 2, "places have no holes");
    assert!(history[0].is_deleted());
    assert!(
        !server.log_end().contains("zebra"),
        "texts don't belong in logs"
    );
}

#[tokio::test]
async fn a_moderator_deletes_what_others_wrote() {
    let (server, ada, bo, room) = a_room_of_two().await;
    server.add_user_as("mod", "moderator");
    let moderator = Person::sign_in(&server.url(), "mod").await;
    let sent = bo.send(room, "spam").await;
    let path = format!("/chat/messages/{}", sent.message_id);
    moderator.join(room).await;
    moderator
        .put(&path, &json!({ "content": "ham" }))
        .await
        .refused(ErrorCode::Forbidden);
    moderator.delete(&path).await.ok();
    assert!(ada.history(room).await[0].is_deleted());
}

#[tokio::test]
async fn an_answer_names_a_message_of_the_same_room() {
    let (_server, ada, _, room) = a_room_of_two().await;
    let other = ada.create_room("other").await;
    let first = ada.send(room, "question").await;
    let path = format!("/chat/rooms/{room}/messages");
    let answer = json!({ "content": "answer", "reply_to": first.message_id });
    let reply = message(ada.post(&path, &answer).await.ok());
    assert_eq!(reply.reply_to, Some(first.message_id));
    let elsewhere = format!("/chat/rooms/{other}/messages");
    for (path, to) in [(&elsewhere, first.message_id), (&path, MessageId(987_654))] {
        let answer = ada
            .post(path, &json!({ "content": "x", "reply_to": to }))
            .await;
        assert!(
            [404, 422].contains(&answer.status),
            "{} {}",
            answer.status,
            answer.body
        );
    }
}

#[tokio::test]
async fn unread_counts_what_others_wrote_and_did_not_take_back() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let unread = async |person: &Person| person.rooms().await[0].unread.count;
    let first = ada.send(room, "1").await;
    ada.send(room, "2").await;
    bo.send(room, "3").await;
    let last = ada.send(room, "4").await;
    assert_eq!((unread(&ada).await, unread(&bo).await), (1, 3));
    ada.delete(&format!("/chat/messages/{}", last.message_id))
        .await
        .ok();
    assert_eq!(unread(&bo).await, 2);
    let mut wire = Wire::brief(&bo).await;
    let mark = |seq| {
        ClientFrame::MarkRead(MarkRead {
            room_id: room,
            seq,
            unread: None,
        })
    };
    let after: Unread = serde_json::from_value(wire.ask(mark(first.seq)).await.unwrap()).unwrap();
    assert_eq!((after.count, after.read_seq), (1, first.seq));
    let everything: Unread = bo
        .post(
            &format!("/chat/rooms/{room}/read"),
            &json!({ "seq": last.seq }),
        )
        .await
        .read();
    assert_eq!((everything.count, everything.read_seq), (0, last.seq));
    let back: Unread = serde_json::from_value(wire.ask(mark(first.seq)).await.unwrap()).unwrap();
    assert_eq!(back.read_seq, last.seq, "a read mark never goes back");
    assert_eq!(unread(&bo).await, 0);
}
