//! Rooms and who is in them.

use erc_protocol::{
    ErrorCode, Member, RoomId,
    api::rooms::{Directory, MemberList, MyRoom},
    gateway::ServerFrame,
};
use erc_tests::{rest::Person, server::TestServer, socket::Wire};
use serde_json::json;

async fn two() -> (TestServer, Person, Person) {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let bo = Person::sign_in(&server.url(), "bo").await;
    (server, ada, bo)
}

async fn members(person: &Person, room: RoomId) -> Vec<Member> {
    person
        .get(&format!("/chat/rooms/{room}/members"))
        .await
        .read::<MemberList>()
        .members
}

#[tokio::test]
async fn a_room_is_created_read_changed_and_deleted() {
    let (_server, ada, bo) = two().await;
    let body = json!({ "name": " general ", "topic": "all", "type": "group" });
    let made: MyRoom = ada.post("/chat/rooms", &body).await.read();
    let id = made.room.id;
    assert_eq!(
        (made.room.name.as_str(), made.room.member_count),
        ("general", 1)
    );
    assert_eq!(ada.rooms().await.len(), 1);
    let path = format!("/chat/rooms/{id}");
    bo.post(&format!("{path}/join"), &json!({})).await.ok();
    let changed: MyRoom = ada
        .put(&path, &json!({ "name": "Everybody", "topic": "" }))
        .await
        .read();
    assert_eq!(
        (changed.room.name.as_str(), changed.room.topic.as_str()),
        ("Everybody", "")
    );
    let seen: MyRoom = bo.get(&path).await.read();
    assert_eq!(seen.room.name, "Everybody");
    bo.put(&path, &json!({ "name": "Bo's" }))
        .await
        .refused(ErrorCode::Forbidden);
    bo.delete(&path).await.refused(ErrorCode::Forbidden);
    ada.delete(&path).await.ok();
    ada.get(&path).await.refused(ErrorCode::NotFound);
    bo.get(&path).await.refused(ErrorCode::NotFound);
    assert!(bo.rooms().await.is_empty());
}

#[tokio::test]
async fn a_repeated_creation_gives_the_first_room() {
    let (_server, ada, _) = two().await;
    let body = json!({ "name": "once", "type": "group", "client_id": erc_tests::ids::client_id() });
    let first: MyRoom = ada.post("/chat/rooms", &body).await.read();
    let second: MyRoom = ada.post("/chat/rooms", &body).await.read();
    assert_eq!(first.room.id, second.room.id);
    assert_eq!(ada.rooms().await.len(), 1);
}

#[tokio::test]
async fn a_direct_room_is_one_for_each_pair() {
    let (_server, ada, bo) = two().await;
    let with_bo = json!({ "type": "direct", "member_ids": [bo.id()] });
    let with_ada = json!({ "type": "direct", "member_ids": [ada.id()] });
    let first: MyRoom = ada.post("/chat/rooms", &with_bo).await.read();
    let second: MyRoom = bo.post("/chat/rooms", &with_ada).await.read();
    assert_eq!(first.room.id, second.room.id);
    ada.post(
        "/chat/rooms",
        &json!({ "type": "direct", "member_ids": [] }),
    )
    .await
    .refused(ErrorCode::ValidationFailed);
}

#[tokio::test]
async fn a_private_room_looks_like_none_from_outside() {
    let (_server, ada, bo) = two().await;
    let body = json!({ "name": "secret", "type": "group", "is_private": true });
    let room = ada
        .post("/chat/rooms", &body)
        .await
        .read::<MyRoom>()
        .room
        .id;
    let path = format!("/chat/rooms/{room}");
    bo.get(&path).await.refused(ErrorCode::NotFound);
    bo.post(&format!("{path}/join"), &json!({}))
        .await
        .refused(ErrorCode::NotFound);
    bo.get(&format!("{path}/messages"))
        .await
        .refused(ErrorCode::NotFound);
    bo.post(&format!("{path}/messages"), &json!({ "content": "hi" }))
        .await
        .refused(ErrorCode::NotFound);
    let directory: Directory = bo.get("/chat/directory").await.read();
    assert!(directory.rooms.is_empty());
    ada.post(&format!("{path}/members/{}", bo.id()), &json!({}))
        .await
        .ok();
    bo.get(&path).await.ok();
    assert_eq!(bo.rooms().await.len(), 1);
}

#[tokio::test]
async fn people_join_and_leave_and_are_added_and_removed() {
    let (_server, ada, bo) = two().await;
    let room = ada.create_room("general").await;
    let directory: Directory = bo.get("/chat/directory").await.read();
    assert_eq!(directory.rooms[0].room.id, room);
    assert!(!directory.rooms[0].is_member);
    bo.join(room).await;
    assert_eq!(members(&ada, room).await.len(), 2);
    bo.post(&format!("/chat/rooms/{room}/leave"), &json!({}))
        .await
        .ok();
    assert_eq!(members(&ada, room).await.len(), 1);
    bo.post(
        &format!("/chat/rooms/{room}/messages"),
        &json!({ "content": "hi" }),
    )
    .await
    .refused(ErrorCode::Forbidden);
    let place = format!("/chat/rooms/{room}/members/{}", bo.id());
    ada.post(&place, &json!({})).await.ok();
    assert_eq!(members(&ada, room).await.len(), 2);
    bo.delete(&format!("/chat/rooms/{room}/members/{}", ada.id()))
        .await
        .refused(ErrorCode::Forbidden);
    ada.delete(&place).await.ok();
    assert_eq!(members(&ada, room).await.len(), 1);
}

#[tokio::test]
async fn a_removed_member_stops_receiving() {
    let (_server, ada, bo) = two().await;
    let room = ada.create_room("general").await;
    let other = ada.create_room("other").await;
    bo.join(room).await;
    bo.join(other).await;
    let mut wire = Wire::brief(&bo).await;
    ada.send(room, "before").await;
    assert_eq!(wire.message().await.content, "before");
    ada.delete(&format!("/chat/rooms/{room}/members/{}", bo.id()))
        .await
        .ok();
    ada.send(room, "after").await;
    // The same socket delivers in order, so what comes from the other room proves that nothing
    // came from the first.
    ada.send(other, "elsewhere").await;
    loop {
        let message = wire.message().await;
        assert_ne!(message.content, "after", "a removed member still receives");
        if message.content == "elsewhere" {
            break;
        }
    }
}

#[tokio::test]
async fn a_new_member_receives_at_once_on_a_socket_that_stood_before() {
    let (_server, ada, bo) = two().await;
    let room = ada.create_room("general").await;
    let mut wire = Wire::brief(&bo).await;
    wire.is_alive().await;
    ada.post(
        &format!("/chat/rooms/{room}/members/{}", bo.id()),
        &json!({}),
    )
    .await
    .ok();
    ada.send(room, "welcome, Bo").await;
    assert_eq!(wire.message().await.content, "welcome, Bo");
}

#[tokio::test]
async fn changes_of_a_room_reach_its_members_as_frames() {
    let (_server, ada, bo) = two().await;
    let room = ada.create_room("general").await;
    bo.join(room).await;
    let mut wire = Wire::brief(&bo).await;
    wire.is_alive().await;
    ada.put(
        &format!("/chat/rooms/{room}"),
        &json!({ "name": "renamed" }),
    )
    .await
    .ok();
    wire.until("room_updated", |frame| {
        matches!(frame, ServerFrame::RoomUpdated(r) if r.name == "renamed").then_some(())
    })
    .await;
}

#[tokio::test]
async fn in_an_announcement_room_members_only_read() {
    let (_server, ada, bo) = two().await;
    let body = json!({ "name": "news", "type": "announcement" });
    let room = ada
        .post("/chat/rooms", &body)
        .await
        .read::<MyRoom>()
        .room
        .id;
    bo.join(room).await;
    ada.send(room, "hear, hear").await;
    bo.post(
        &format!("/chat/rooms/{room}/messages"),
        &json!({ "content": "me too" }),
    )
    .await
    .refused(ErrorCode::Forbidden);
    assert_eq!(bo.history(room).await.len(), 1);
}

#[tokio::test]
async fn with_history_since_joining_older_messages_stay_hidden() {
    let (_server, ada, bo) = two().await;
    let body = json!({ "name": "g", "type": "group", "history": "joined" });
    let room = ada
        .post("/chat/rooms", &body)
        .await
        .read::<MyRoom>()
        .room
        .id;
    let secret = ada.send(room, "before Bo").await;
    bo.join(room).await;
    ada.send(room, "with Bo").await;
    let seen: Vec<_> = bo
        .history(room)
        .await
        .into_iter()
        .map(|m| m.content)
        .collect();
    assert_eq!(seen, ["with Bo"]);
    bo.get(&format!("/chat/messages/{}", secret.message_id))
        .await
        .refused(ErrorCode::NotFound);
    let path = format!("/chat/rooms/{room}/messages?after_seq=0");
    let page = bo.get(&path).await.ok();
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
}
