//! Links by which people come into rooms, with an account and without.

use std::time::Duration;

use erc_protocol::auth::Registration;
use erc_protocol::{RoomId, ServerRole, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, code, request};

async fn make(who: &Person, room: RoomId, body: Value) -> Value {
    let path = format!("/chat/rooms/{room}/links");
    let (status, made) = who.post(&path, body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made
}

async fn join(who: &Person, link: &Value) -> (StatusCode, Value) {
    let body = json!({ "code": link["code"] });
    who.post("/chat/links/join", body).await
}

async fn preview(server: &Server, link: &Value) -> (StatusCode, Value) {
    let body = json!({ "code": link["code"] });
    let path = "/chat/links/preview";
    request(&server.url, Method::POST, path, None, Some(body)).await
}

async fn sign_up(server: &Server, name: &str, link: &Value) -> (StatusCode, Value) {
    let body = json!({ "username": name, "password": "password-x", "invite": link["code"] });
    request(
        &server.url,
        Method::POST,
        "/auth/register",
        None,
        Some(body),
    )
    .await
}

async fn links(who: &Person, room: RoomId) -> Vec<Value> {
    let (status, list) = who.get(&format!("/chat/rooms/{room}/links")).await;
    assert_eq!(status, StatusCode::OK, "{list}");
    list["links"].as_array().unwrap().clone()
}

fn is_void((status, body): &(StatusCode, Value)) {
    assert_eq!(
        (*status, code(body)),
        (StatusCode::FORBIDDEN, "invalid_invite")
    );
}

/// A private room that ada owns.
async fn private_room(ada: &Person) -> RoomId {
    ada.room_with(json!({ "name": "den", "topic": "quiet", "is_private": true }))
        .await
}

#[tokio::test]
async fn a_link_leads_into_a_private_room_and_shows_no_more_of_it_before() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = private_room(&ada).await;
    ada.send(room, "secret").await;
    let link = make(&ada, room, json!({})).await;
    assert_eq!(link["code"].as_str().unwrap().len(), 22, "128 bits");
    let (status, seen) = preview(&server, &link).await;
    assert_eq!(status, StatusCode::OK, "{seen}");
    let expected = json!({
        "server_name": "test", "room_id": room, "name": "den", "topic": "quiet",
        "type": "group", "member_count": 1,
    });
    assert_eq!(seen, expected);
    let (status, mine) = join(&bo, &link).await;
    assert_eq!((status, &mine["role"]), (StatusCode::OK, &json!("member")));
    bo.send(room, "hello").await;
    // Who is in comes in no more, and uses nothing.
    assert_eq!(join(&bo, &link).await.0, StatusCode::OK);
    let all = links(&ada, room).await;
    assert_eq!((all.len(), &all[0]["used"]), (1, &json!(1)));
    assert!(all[0].get("code").is_none(), "it is shown once");
    assert_eq!(all[0]["created_by_name"], "ada");
    is_void(&preview(&server, &json!({ "code": "no such code" })).await);
}

#[tokio::test]
async fn of_many_who_come_at_once_as_many_get_in_as_the_link_says() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = private_room(&ada).await;
    let link = make(&ada, room, json!({ "uses": 5 })).await;
    let mut people = Vec::new();
    for n in 0..12 {
        people.push(server.user(&format!("p{n}")).await);
    }
    let joins = people.iter().map(|who| join(who, &link));
    let newcomers = (0..4).map(|n| {
        let (server, link) = (&server, &link);
        async move { sign_up(server, &format!("n{n}"), link).await }
    });
    let (joined, signed) = tokio::join!(
        futures_util::future::join_all(joins),
        futures_util::future::join_all(newcomers)
    );
    let answers: Vec<_> = joined.into_iter().chain(signed).collect();
    let (inside, outside): (Vec<_>, Vec<_>) =
        answers.iter().partition(|(status, _)| status.is_success());
    // On an open server who comes too late for the link has an account all the same.
    let (_, seen) = ada.get(&format!("/chat/rooms/{room}")).await;
    assert_eq!(seen["member_count"], 6, "{answers:?}");
    assert!(inside.len() >= 5);
    for answer in outside {
        is_void(answer);
    }
    assert_eq!(
        links(&ada, room).await,
        Vec::<Value>::new(),
        "it is used up"
    );
    is_void(&preview(&server, &link).await);
}

#[tokio::test]
async fn a_link_ends_with_its_time_or_when_it_is_taken_back() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = private_room(&ada).await;
    let short = make(&ada, room, json!({ "seconds": 60 })).await;
    let taken_back = make(&ada, room, json!({})).await;
    server.pass(Duration::from_secs(59));
    assert_eq!(preview(&server, &short).await.0, StatusCode::OK);
    server.pass(Duration::from_secs(1));
    is_void(&preview(&server, &short).await);
    let bo = server.user("bo").await;
    is_void(&join(&bo, &short).await);
    let id = taken_back["id"].as_str().unwrap();
    let path = format!("/chat/rooms/{room}/links/{id}");
    let gone = ada.ask(Method::DELETE, &path, None).await.0;
    assert_eq!(gone, StatusCode::NO_CONTENT);
    is_void(&join(&bo, &taken_back).await);
    let again = ada.ask(Method::DELETE, &path, None).await.0;
    assert_eq!(again, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn links_keep_their_limits() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let path = format!("/chat/rooms/{room}/links");
    for (body, expected) in [
        (json!({ "seconds": 0 }), 422),
        (json!({ "seconds": 1 }), 201),
        (json!({ "seconds": limit::LINK_S }), 201),
        (json!({ "seconds": limit::LINK_S + 1 }), 422),
        (json!({ "uses": 0 }), 422),
        (json!({ "uses": limit::LINK_USES }), 201),
        (json!({ "uses": limit::LINK_USES + 1 }), 422),
    ] {
        assert_eq!(ada.post(&path, body.clone()).await.0, expected, "{body}");
    }
    for _ in 3..limit::ROOM_LINKS {
        make(&ada, room, json!({})).await;
    }
    let (status, body) = ada.post(&path, json!({})).await;
    assert_eq!((status.as_u16(), code(&body)), (409, "limit_reached"));
    // One is over by itself, and makes room.
    server.pass(Duration::from_secs(1));
    make(&ada, room, json!({})).await;
}

#[tokio::test]
async fn who_may_invite_makes_links_and_who_moderates_takes_back_those_of_others() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let eve = server.user("eve").await;
    let room = ada.room("general", &[&bo]).await;
    let path = format!("/chat/rooms/{room}");
    let refused = bo.post(&format!("{path}/links"), json!({})).await.0;
    assert_eq!(refused, StatusCode::FORBIDDEN);
    let permits = json!({ "permissions": { "invite": "member" } });
    ada.ask(Method::PUT, &path, Some(permits)).await;
    let own = make(&bo, room, json!({})).await;
    let other = make(&ada, room, json!({})).await;
    assert_eq!(links(&ada, room).await.len(), 2);
    let seen = links(&bo, room).await;
    assert_eq!((seen.len(), &seen[0]["id"]), (1, &own["id"]));
    let of = |link: &Value| format!("{path}/links/{}", link["id"].as_str().unwrap());
    let asked = async |who: &Person, link| who.ask(Method::DELETE, &of(link), None).await.0;
    assert_eq!(asked(&bo, &other).await, StatusCode::FORBIDDEN);
    assert_eq!(asked(&eve, &other).await, StatusCode::FORBIDDEN);
    assert_eq!(asked(&bo, &own).await, StatusCode::NO_CONTENT);
    assert_eq!(asked(&ada, &other).await, StatusCode::NO_CONTENT);
    let direct = ada
        .room_with(json!({ "type": "direct", "member_ids": [bo.id] }))
        .await;
    let into_direct = format!("/chat/rooms/{direct}/links");
    let refused = ada.post(&into_direct, json!({})).await.0;
    assert_eq!(refused, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_is_banned_comes_back_by_no_link_and_those_of_theirs_are_void() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = private_room(&ada).await;
    let link = make(&ada, room, json!({ "uses": 2 })).await;
    assert_eq!(join(&bo, &link).await.0, StatusCode::OK);
    let path = format!("/chat/rooms/{room}");
    let role = json!({ "role": "moderator" });
    let member = format!("{path}/members/{}", bo.id);
    ada.ask(Method::PUT, &member, Some(role)).await;
    let theirs = make(&bo, room, json!({})).await;
    let ban = format!("{path}/bans/{}", bo.id);
    assert_eq!(ada.ask(Method::PUT, &ban, None).await.0, StatusCode::OK);
    let (status, body) = join(&bo, &link).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    assert_eq!(
        links(&ada, room).await[0]["uses_left"],
        1,
        "nothing is used"
    );
    is_void(&preview(&server, &theirs).await);
    ada.ask(Method::DELETE, &ban, None).await;
    assert_eq!(join(&bo, &link).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_link_is_an_invite_for_people_without_an_account() {
    let server = Server::start_with(|config| config.registration = Registration::Invite).await;
    let ada = server.user("ada").await;
    let room = private_room(&ada).await;
    let link = make(&ada, room, json!({ "uses": 1 })).await;
    let (status, body) = sign_up(&server, "ada", &link).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "username_taken")
    );
    let (status, tokens) = sign_up(&server, "bo", &link).await;
    assert_eq!(status, StatusCode::CREATED, "{tokens}");
    // Only administrators let members in: by this link one is a guest.
    assert_eq!(tokens["user"]["role"], "guest");
    let token = tokens["access_token"].as_str();
    let (_, rooms) = request(&server.url, Method::GET, "/chat/rooms", token, None).await;
    assert_eq!(rooms["rooms"][0]["name"], "den");
    is_void(&sign_up(&server, "cy", &link).await);

    let admin = server.user_with("boss", ServerRole::Admin).await;
    let open = admin.room("open", &[]).await;
    let link = make(&admin, open, json!({})).await;
    let (_, tokens) = sign_up(&server, "dee", &link).await;
    assert_eq!(tokens["user"]["role"], "member");

    let closed = Server::start_with(|config| config.registration = Registration::Closed).await;
    let ada = closed.user("ada").await;
    let link = make(&ada, ada.room("open", &[]).await, json!({})).await;
    let (_, body) = sign_up(&closed, "bo", &link).await;
    assert_eq!(code(&body), "registration_closed");
}

#[tokio::test]
async fn a_room_that_is_deleted_takes_its_links_and_reactions_with_it() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("short", &[]).await;
    let link = make(&ada, room, json!({})).await;
    let message = ada.send(room, "hello").await;
    let react = format!("/chat/messages/{}/reactions", message.message_id);
    let (status, _) = ada.post(&react, json!({ "emoji": "👍" })).await;
    assert!(status.is_success());
    let path = format!("/chat/rooms/{room}");
    let gone = ada.ask(Method::DELETE, &path, None).await.0;
    assert_eq!(gone, StatusCode::NO_CONTENT);
    is_void(&join(&bo, &link).await);
}
