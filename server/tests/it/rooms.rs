//! Rooms and their members over REST.

use erc_protocol::{ServerRole, limit};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Server, code};

#[tokio::test]
async fn a_room_is_made_read_changed_and_deleted() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let path = format!("/chat/rooms/{room}");
    let (_, seen) = bo.get(&path).await;
    assert_eq!(
        (seen["name"].as_str(), seen["type"].as_str()),
        (Some("general"), Some("group"))
    );
    assert_eq!(
        (seen["member_count"].as_i64(), seen["role"].as_str()),
        (Some(2), Some("member"))
    );
    let change = json!({ "name": "lounge", "topic": "anything" });
    let (status, body) = bo.ask(Method::PUT, &path, Some(change.clone())).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    let (status, _) = ada.ask(Method::PUT, &path, Some(change)).await;
    assert_eq!(status, StatusCode::OK);
    let (_, list) = bo.get("/chat/rooms").await;
    assert_eq!(list["rooms"][0]["topic"], "anything");
    assert_eq!(
        bo.ask(Method::DELETE, &path, None).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        ada.ask(Method::DELETE, &path, None).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(ada.get(&path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(bo.get("/chat/rooms").await.1, json!({ "rooms": [] }));
}

#[tokio::test]
async fn a_private_room_does_not_exist_for_others() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let room = ada
        .room_with(json!({ "name": "secret", "is_private": true }))
        .await;
    ada.send(room, "quiet").await;
    let nothing = format!("/chat/rooms/{}", room.0 + 1);
    let hidden = format!("/chat/rooms/{room}");
    assert_eq!(eve.get(&hidden).await, eve.get(&nothing).await);
    for tail in ["/messages", "/members"] {
        assert_eq!(
            eve.get(&format!("{hidden}{tail}")).await.0,
            StatusCode::NOT_FOUND
        );
    }
    for tail in ["/join", "/leave", "/read"] {
        let (status, _) = eve
            .post(&format!("{hidden}{tail}"), json!({ "seq": 1 }))
            .await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{tail}");
    }
    let (status, _) = eve
        .post(&format!("{hidden}/messages"), json!({ "content": "x" }))
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(eve.get("/chat/messages/1").await.0, StatusCode::NOT_FOUND);
    assert_eq!(eve.get("/chat/directory").await.1["rooms"], json!([]));
}

#[tokio::test]
async fn a_public_room_is_found_joined_and_left() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[]).await;
    ada.send(room, "before").await;
    let (_, directory) = bo.get("/chat/directory").await;
    assert_eq!(directory["rooms"][0]["is_member"], false);
    let messages = format!("/chat/rooms/{room}/messages");
    assert_eq!(bo.get(&messages).await.0, StatusCode::FORBIDDEN);
    let (status, joined) = bo
        .post(&format!("/chat/rooms/{room}/join"), json!({}))
        .await;
    assert_eq!(
        (status, joined["unread"]["count"].as_i64()),
        (StatusCode::OK, Some(0))
    );
    // Coming in twice is coming in once.
    bo.post(&format!("/chat/rooms/{room}/join"), json!({}))
        .await;
    assert_eq!(
        bo.get(&messages).await.1["messages"][0]["content"],
        "before"
    );
    let (status, _) = bo
        .post(&format!("/chat/rooms/{room}/leave"), json!({}))
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(bo.get(&messages).await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        ada.get(&format!("/chat/rooms/{room}")).await.1["member_count"],
        1
    );
}

#[tokio::test]
async fn members_are_added_and_removed_by_those_who_may() {
    let server = Server::start().await;
    let (ada, bo, cy) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("cy").await,
    );
    let room = ada.room("general", &[&bo]).await;
    let of = |id| format!("/chat/rooms/{room}/members/{id}");
    assert_eq!(
        bo.ask(Method::POST, &of(cy.id), None).await.0,
        StatusCode::FORBIDDEN
    );
    let (status, member) = ada.ask(Method::POST, &of(cy.id), None).await;
    assert_eq!(
        (status, member["role"].as_str()),
        (StatusCode::CREATED, Some("member"))
    );
    assert_eq!(
        ada.ask(Method::POST, &of(erc_protocol::UserId(99)), None)
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    let (_, list) = cy.get(&format!("/chat/rooms/{room}/members?limit=2")).await;
    assert_eq!(
        (list["members"].as_array().unwrap().len(), &list["has_more"]),
        (2, &json!(true))
    );
    assert_eq!(
        bo.ask(Method::DELETE, &of(cy.id), None).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        bo.ask(Method::DELETE, &of(ada.id), None).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        ada.ask(Method::DELETE, &of(cy.id), None).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        ada.ask(Method::DELETE, &of(cy.id), None).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(cy.get("/chat/rooms").await.1, json!({ "rooms": [] }));
    assert_eq!(
        bo.ask(Method::DELETE, &of(bo.id), None).await.0,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn a_room_whose_owner_leaves_has_an_heir() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    ada.post(&format!("/chat/rooms/{room}/leave"), json!({}))
        .await;
    assert_eq!(
        bo.get(&format!("/chat/rooms/{room}")).await.1["role"],
        "owner"
    );
}

#[tokio::test]
async fn two_people_have_one_direct_room() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let direct = |other| json!({ "type": "direct", "member_ids": [other] });
    let room = ada.room_with(direct(bo.id)).await;
    assert_eq!(bo.room_with(direct(ada.id)).await, room);
    let (status, _) = ada
        .post(&format!("/chat/rooms/{room}/leave"), json!({}))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    for ids in [json!([]), json!([ada.id]), json!([bo.id, 3])] {
        let body = json!({ "type": "direct", "member_ids": ids });
        let (status, _) = ada.post("/chat/rooms", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_repeated_request_makes_one_room() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let body = json!({ "name": "once", "client_id": "0198c5a0-0000-7000-8000-000000000001" });
    let first = ada.room_with(body.clone()).await;
    assert_eq!(ada.room_with(body).await, first);
}

#[tokio::test]
async fn names_and_topics_have_limits_and_hold_no_tricks() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let longest = "r".repeat(*limit::ROOM_NAME_CHARS.end());
    ada.room_with(json!({ "name": longest, "topic": "t".repeat(limit::TOPIC_CHARS) }))
        .await;
    for body in [
        json!({ "name": "" }),
        json!({ "name": format!("{longest}r") }),
        json!({ "name": "a\u{1b}[2Jb" }),
        json!({ "name": "a\u{202e}b" }),
        json!({ "name": "ok", "topic": "t".repeat(limit::TOPIC_CHARS + 1) }),
        json!({ "name": "ok", "member_ids": (100..201).collect::<Vec<_>>() }),
        json!({ "name": "ok", "member_ids": [99] }),
    ] {
        let (status, answer) = ada.post("/chat/rooms", body.clone()).await;
        assert_eq!(
            (status.as_u16(), code(&answer)),
            (422, "validation_failed"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn guests_make_no_rooms_and_come_in_only_by_being_added() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let guest = server.user_with("guest", ServerRole::Guest).await;
    let room = ada.room("general", &[]).await;
    assert_eq!(
        guest.post("/chat/rooms", json!({ "name": "x" })).await.0,
        StatusCode::FORBIDDEN
    );
    let join = format!("/chat/rooms/{room}/join");
    assert_eq!(guest.post(&join, json!({})).await.0, StatusCode::FORBIDDEN);
    let add = format!("/chat/rooms/{room}/members/{}", guest.id);
    assert_eq!(
        ada.ask(Method::POST, &add, None).await.0,
        StatusCode::CREATED
    );
    guest.send(room, "hello").await;
}

#[tokio::test]
async fn people_are_found_by_the_beginnings_of_their_names() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    server.user("adam").await;
    server.user("b_o").await;
    let name = json!({ "display_name": "Grace Hopper" });
    assert_eq!(
        ada.ask(Method::PUT, "/users/me", Some(name)).await.0,
        StatusCode::OK
    );
    let find = async |query: &str| {
        let (_, body) = ada.get(&format!("/users?query={query}")).await;
        let users = body["users"].as_array().unwrap();
        users
            .iter()
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(find("ad").await, ["ada", "adam"]);
    assert_eq!(find("@ADAM").await, ["adam"]);
    assert_eq!(find("hop").await, ["ada"]);
    assert_eq!(find("b_").await, ["b_o"]);
    assert_eq!(find("_").await, Vec::<String>::new());
    assert_eq!(find("%25").await, Vec::<String>::new());
}
