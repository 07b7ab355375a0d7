//! Who may what: roles, announcements, slow mode, mutes, bans, archives.

use std::time::Duration;

use erc_protocol::gateway::ServerFrame;
use erc_protocol::{RoomId, ServerRole, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, code};

async fn put(who: &Person, path: &str, body: Value) -> (StatusCode, Value) {
    who.ask(Method::PUT, path, Some(body)).await
}

/// Tries to send.
async fn says(who: &Person, room: RoomId, text: &str) -> (StatusCode, Value) {
    let path = format!("/chat/rooms/{room}/messages");
    who.post(&path, json!({ "content": text })).await
}

async fn is_refused(who: &Person, room: RoomId, words: &str) {
    let (status, body) = says(who, room, "no").await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
}

async fn give(who: &Person, room: RoomId, to: &Person, role: &str) -> StatusCode {
    let path = format!("/chat/rooms/{room}/members/{}", to.id);
    put(who, &path, json!({ "role": role })).await.0
}

#[tokio::test]
async fn moderators_write_announcements_and_members_do_once_the_room_lets_them() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada
        .room_with(json!({ "name": "news", "type": "announcement", "member_ids": [bo.id] }))
        .await;
    is_refused(&bo, room, "only moderators write").await;
    assert_eq!(give(&ada, room, &bo, "moderator").await, StatusCode::OK);
    bo.send(room, "as a moderator").await;
    assert_eq!(give(&ada, room, &bo, "member").await, StatusCode::OK);
    let path = format!("/chat/rooms/{room}");
    assert!(!can(&bo.get(&path).await.1, "send"));
    let (status, _) = put(&ada, &path, json!({ "permissions": { "send": "member" } })).await;
    assert_eq!(status, StatusCode::OK);
    assert!(can(&bo.get(&path).await.1, "send"));
    bo.send(room, "as a member").await;
    let usual = json!({ "permissions": { "send": null } });
    let (_, body) = put(&ada, &path, usual).await;
    assert_eq!(body["settings"], Value::Null, "as usual again");
    is_refused(&bo, room, "only moderators write").await;
}

fn can(room: &Value, what: &str) -> bool {
    let list = room["can"].as_array().unwrap();
    list.iter().any(|one| one == what)
}

#[tokio::test]
async fn slow_mode_asks_members_to_wait_and_moderators_not() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("slow", &[&bo]).await;
    let path = format!("/chat/rooms/{room}");
    let too_long = json!({ "slow_mode_s": limit::SLOW_MODE_S + 1 });
    assert_eq!(
        code(&put(&ada, &path, too_long).await.1),
        "validation_failed"
    );
    let longest = json!({ "slow_mode_s": limit::SLOW_MODE_S });
    assert_eq!(put(&ada, &path, longest).await.0, StatusCode::OK);
    assert_eq!(
        put(&ada, &path, json!({ "slow_mode_s": 30 })).await.0,
        StatusCode::OK
    );
    let first = bo.send(room, "one").await;
    server.pass(Duration::from_secs(29));
    let (status, body) = says(&bo, room, "two").await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::TOO_MANY_REQUESTS, "slow_mode")
    );
    assert_eq!(body["error"]["retry_after"], 1);
    // A repetition of what was taken is no other message.
    let again = json!({ "content": "one", "client_id": first.client_id });
    let (status, body) = bo.post(&format!("{path}/messages"), again).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(body["message_id"], first.message_id.0);
    for text in ["three", "four"] {
        ada.send(room, text).await;
    }
    server.pass(Duration::from_secs(1));
    bo.send(room, "two").await;
    assert_eq!(
        put(&ada, &path, json!({ "slow_mode_s": 0 })).await.0,
        StatusCode::OK
    );
    bo.send(room, "and more").await;
}

#[tokio::test]
async fn of_messages_sent_at_once_slow_mode_takes_one() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("slow", &[&bo]).await;
    let slow = json!({ "slow_mode_s": 60 });
    put(&ada, &format!("/chat/rooms/{room}"), slow).await;
    let sends = (0..20).map(|n| {
        let bo = bo.clone();
        async move { says(&bo, room, &format!("{n}")).await.0 }
    });
    let answers = futures_util::future::join_all(sends).await;
    let taken = answers
        .iter()
        .filter(|status| **status == StatusCode::CREATED);
    assert_eq!(taken.count(), 1, "{answers:?}");
    let (_, page) = bo.get(&format!("/chat/rooms/{room}/messages")).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_is_muted_reads_and_does_not_write_until_it_is_over() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let own = bo.send(room, "hello").await;
    let path = format!("/chat/rooms/{room}/mutes/{}", bo.id);
    for seconds in [0, limit::SANCTION_S + 1] {
        let (status, _) = put(&ada, &path, json!({ "seconds": seconds })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{seconds}");
    }
    let (status, member) = put(&ada, &path, json!({ "seconds": 60 })).await;
    assert_eq!(status, StatusCode::OK, "{member}");
    assert!(member["muted_until"].is_string());
    is_refused(&bo, room, "you are muted").await;
    let edit = format!("/chat/messages/{}", own.message_id);
    let (status, _) = put(&bo, &edit, json!({ "content": "changed" })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    ada.send(room, "bo reads this").await;
    let (_, page) = bo.get(&format!("/chat/rooms/{room}/messages")).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 2);
    assert!(!can(
        &bo.get(&format!("/chat/rooms/{room}")).await.1,
        "send"
    ));
    // Leaving and coming back is no way out.
    bo.post(&format!("/chat/rooms/{room}/leave"), json!({}))
        .await;
    bo.post(&format!("/chat/rooms/{room}/join"), json!({}))
        .await;
    is_refused(&bo, room, "you are muted").await;
    server.pass(Duration::from_mins(1));
    bo.send(room, "over").await;
    let (status, _) = put(&bo, &edit, json!({ "content": "changed" })).await;
    assert_eq!(status, StatusCode::OK);
    ada.ask(Method::PUT, &path, None).await;
    is_refused(&bo, room, "you are muted").await;
    let (status, _) = ada.ask(Method::DELETE, &path, None).await;
    assert_eq!(status, StatusCode::OK);
    bo.send(room, "free").await;
}

#[tokio::test]
async fn who_is_banned_goes_and_comes_back_by_no_way_until_it_is_over() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let mut socket = bo.socket().await;
    let bans = format!("/chat/rooms/{room}/bans");
    let path = format!("{bans}/{}", bo.id);
    let ban = json!({ "seconds": 60, "reason": "spam" });
    assert_eq!(put(&bo, &path, ban.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, body) = put(&ada, &path, ban).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    socket
        .until(|frame| {
            matches!(frame, ServerFrame::MemberUpdated(update) if update.member.user_id == bo.id)
        })
        .await;
    assert_eq!(bo.get("/chat/rooms").await.1["rooms"], json!([]));
    let join = format!("/chat/rooms/{room}/join");
    let (status, body) = bo.post(&join, json!({})).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let message = body["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("banned") && message.contains("spam"),
        "{message}"
    );
    let add = format!("/chat/rooms/{room}/members/{}", bo.id);
    assert_eq!(ada.post(&add, json!({})).await.0, StatusCode::FORBIDDEN);
    let (_, list) = ada.get(&bans).await;
    assert_eq!(list["bans"][0]["username"], "bo");
    assert_eq!(bo.get(&bans).await.0, StatusCode::FORBIDDEN);
    server.pass(Duration::from_mins(1));
    assert_eq!(bo.post(&join, json!({})).await.0, StatusCode::OK);
    assert_eq!(ada.get(&bans).await.1["bans"], json!([]));
    ada.ask(Method::PUT, &path, None).await;
    server.pass(Duration::from_secs(100));
    assert_eq!(bo.post(&join, json!({})).await.0, StatusCode::FORBIDDEN);
    let (status, _) = ada.ask(Method::DELETE, &path, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(bo.post(&join, json!({})).await.0, StatusCode::OK);
}

#[tokio::test]
async fn ranks_decide_who_mutes_bans_and_promotes_whom() {
    let server = Server::start().await;
    let (ada, bo, cy) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("cy").await,
    );
    let boss = server.user_with("boss", ServerRole::Admin).await;
    let room = ada.room("general", &[&bo, &cy, &boss]).await;
    assert_eq!(give(&ada, room, &bo, "admin").await, StatusCode::OK);
    assert_eq!(give(&ada, room, &cy, "admin").await, StatusCode::OK);
    assert_eq!(give(&bo, room, &cy, "member").await, StatusCode::FORBIDDEN);
    assert_eq!(
        give(&bo, room, &boss, "read_only").await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(give(&bo, room, &bo, "owner").await, StatusCode::FORBIDDEN);
    assert_eq!(
        give(&cy, room, &cy, "member").await,
        StatusCode::OK,
        "steps down"
    );
    for what in ["mutes", "bans"] {
        for (whom, allowed) in [(&ada, false), (&boss, false), (&bo, false), (&cy, true)] {
            let path = format!("/chat/rooms/{room}/{what}/{}", whom.id);
            let (status, _) = bo.ask(Method::PUT, &path, None).await;
            assert_eq!(status == StatusCode::OK, allowed, "{what} {}", whom.id);
        }
    }
    let last = give(&ada, room, &ada, "admin").await;
    assert_eq!(last, StatusCode::FORBIDDEN, "a room needs an owner");
}

#[tokio::test]
async fn an_owner_hands_the_room_over_and_is_an_admin_from_then_on() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let path = format!("/chat/rooms/{room}/members/{}", bo.id);
    let odd = json!({ "role": "admin", "hand_over": true });
    assert_eq!(code(&put(&ada, &path, odd).await.1), "validation_failed");
    let over = json!({ "role": "owner", "hand_over": true });
    assert_eq!(
        put(&bo, &path, over.clone()).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(put(&ada, &path, over).await.0, StatusCode::OK);
    let (_, list) = ada.get(&format!("/chat/rooms/{room}/members")).await;
    let roles: Vec<_> = list["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["role"].clone())
        .collect();
    assert_eq!(roles, [json!("admin"), json!("owner")]);
}

#[tokio::test]
async fn an_archived_room_is_read_and_brought_back() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("old", &[]).await;
    ada.send(room, "kept").await;
    let path = format!("/chat/rooms/{room}");
    let (_, seen) = put(&ada, &path, json!({ "archived": true })).await;
    assert!(seen["settings"]["archived_at"].is_string());
    is_refused(&ada, room, "archived").await;
    let rename = put(&ada, &path, json!({ "name": "other" })).await;
    assert_eq!(rename.0, StatusCode::FORBIDDEN);
    assert_eq!(
        bo.post(&format!("{path}/join"), json!({})).await.0,
        StatusCode::OK
    );
    let (_, page) = bo.get(&format!("{path}/messages")).await;
    assert_eq!(page["messages"][0]["content"], "kept");
    assert_eq!(
        put(&ada, &path, json!({ "archived": false })).await.0,
        StatusCode::OK
    );
    bo.send(room, "back").await;
}

#[tokio::test]
async fn nobody_permits_what_is_beyond_their_own_role() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    give(&ada, room, &bo, "admin").await;
    let path = format!("/chat/rooms/{room}");
    let tell = async |who: &Person, what: &str, role: &str| {
        let body = json!({ "permissions": { what: role } });
        put(who, &path, body).await.0
    };
    assert_eq!(
        tell(&ada, "manage", "member").await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(tell(&bo, "pin", "owner").await, StatusCode::FORBIDDEN);
    assert_eq!(tell(&ada, "manage", "owner").await, StatusCode::OK);
    assert_eq!(tell(&bo, "pin", "member").await, StatusCode::FORBIDDEN);
    assert_eq!(tell(&ada, "manage", "moderator").await, StatusCode::OK);
    assert_eq!(tell(&bo, "pin", "member").await, StatusCode::OK);
    let name = "x".repeat(limit::CATEGORY_CHARS);
    let (_, seen) = put(&ada, &path, json!({ "category": name })).await;
    assert_eq!(seen["settings"]["category"], name.as_str());
    let name = "x".repeat(limit::CATEGORY_CHARS + 1);
    let (status, _) = put(&ada, &path, json!({ "category": name })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_moderators_do_is_written_down() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let path = format!("/chat/rooms/{room}");
    give(&ada, room, &bo, "moderator").await;
    put(&ada, &path, json!({ "topic": "new" })).await;
    for what in ["mutes", "bans"] {
        let path = format!("{path}/{what}/{}", bo.id);
        ada.ask(Method::PUT, &path, None).await;
        ada.ask(Method::DELETE, &path, None).await;
    }
    // Refused, and not written down.
    bo.ask(Method::PUT, &format!("{path}/bans/{}", ada.id), None)
        .await;
    let mut tx = server.app.db.snapshot().await.unwrap();
    let lines = tx.audit_of_room(room, 99).await.unwrap();
    let told: Vec<_> = lines.iter().map(|line| line.0.as_str()).collect();
    let expected = [
        "member.role",
        "room.change",
        "member.mute",
        "member.unmute",
        "member.ban",
        "member.unban",
    ];
    assert_eq!(told, expected);
    assert!(lines.iter().all(|line| line.1 == Some(ada.id)));
    assert_eq!(lines[1].3, r#"{"topic":["","new"]}"#);
}

#[tokio::test]
async fn nothing_is_sent_after_the_ban_that_others_saw() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    for round in 0..10 {
        let room = ada.room(&format!("room {round}"), &[&bo]).await;
        let sends = (0..12).map(|n| {
            let bo = bo.clone();
            async move { says(&bo, room, &format!("{n}")).await }
        });
        let path = format!("/chat/rooms/{room}/bans/{}", bo.id);
        let ban = ada.ask(Method::PUT, &path, None);
        let (answers, (status, _)) = tokio::join!(futures_util::future::join_all(sends), ban);
        assert_eq!(status, StatusCode::OK);
        let (_, list) = ada.get(&format!("/chat/rooms/{room}/messages")).await;
        let kept = list["messages"].as_array().unwrap();
        let taken: Vec<_> = answers
            .iter()
            .filter(|(status, _)| *status == StatusCode::CREATED)
            .collect();
        assert_eq!(taken.len(), kept.len(), "what was refused is not there");
        let mut tx = server.app.db.snapshot().await.unwrap();
        let gone = tx.member(room, bo.id).await.unwrap().unwrap();
        for message in kept {
            assert!(message["rev"].as_i64().unwrap() < gone.rev.0, "{message}");
        }
    }
}
