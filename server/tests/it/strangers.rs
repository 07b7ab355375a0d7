//! Requests of strangers: what they are, what becomes of them, and what nobody learns of them.

use std::time::Duration;

use erc_protocol::gateway::client::{
    AnswerRequest, Hello, MarkDelivered, MarkRead, RoomRef, SetPresence, SetTyping,
};
use erc_protocol::gateway::{ClientFrame, ServerFrame, server::RoomJoined};
use erc_protocol::sync::UserRoom;
use erc_protocol::{
    MessageId, PresenceState, RequestState, RoomId, Row, Seq, ServerRole, UserId, limit,
};
use erc_server::store::NewUser;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, Socket, code};

impl Person {
    async fn begin(&self, other: UserId) -> (StatusCode, Value) {
        let body = json!({ "type": "direct", "member_ids": [other] });
        self.post("/chat/rooms", body).await
    }

    /// Begins a direct room with a stranger, and says what it is to this person.
    async fn asks(&self, other: &Person) -> RoomId {
        let (status, room) = self.begin(other.id).await;
        assert_eq!(status, StatusCode::CREATED, "{room}");
        assert_eq!(room["request"], "sent", "{room}");
        RoomId(room["id"].as_i64().unwrap())
    }

    async fn answer(&self, room: RoomId, accept: bool) -> (StatusCode, Value) {
        let path = format!("/chat/requests/{room}");
        self.ask(Method::PUT, &path, Some(json!({ "accept": accept })))
            .await
    }

    async fn answers(&self, room: RoomId, accept: bool) -> Value {
        let (status, place) = self.answer(room, accept).await;
        assert_eq!(status, StatusCode::OK, "{place}");
        place
    }

    /// The rooms of the list of requests, with how many messages each has.
    async fn asked(&self) -> Vec<(RoomId, i64)> {
        let (status, list) = self.get("/chat/requests").await;
        assert_eq!(status, StatusCode::OK, "{list}");
        let requests = list["requests"].as_array().unwrap().iter();
        let one = |it: &Value| {
            let room = RoomId(it["room_id"].as_i64().unwrap());
            (room, it["messages"].as_i64().unwrap())
        };
        requests.map(one).collect()
    }

    async fn rooms(&self) -> Vec<(RoomId, i64)> {
        let (_, list) = self.get("/chat/rooms").await;
        let rooms = list["rooms"].as_array().unwrap().iter();
        let one = |it: &Value| {
            let room = RoomId(it["id"].as_i64().unwrap());
            (room, it["unread"]["count"].as_i64().unwrap())
        };
        rooms.map(one).collect()
    }

    async fn writes(&self, room: RoomId) -> (StatusCode, Value) {
        let path = format!("/chat/rooms/{room}/messages");
        self.post(&path, json!({ "content": "hello" })).await
    }

    async fn finds(&self, word: &str) -> usize {
        let body = json!({ "query": word });
        let (status, found) = self.post("/chat/search", body).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        found["hits"].as_array().unwrap().len()
    }

    async fn wants(&self, who: &str) {
        let body = Some(json!({ "who_writes": who }));
        let (status, body) = self.ask(Method::PUT, "/users/me/attention", body).await;
        assert_eq!(
            (status, body["who_writes"].as_str().unwrap_or("everybody")),
            (StatusCode::OK, who)
        );
    }
}

fn is_refused(what: &(StatusCode, Value), status: StatusCode, why: &str) {
    assert_eq!((what.0, code(&what.1)), (status, why), "{}", what.1);
}

/// What the next frame tells of this room under the user's own counter.
async fn place(socket: &mut Socket, room: RoomId) -> UserRoom {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await {
            let rows = sync.user.into_iter().flat_map(|user| user.rooms);
            if let Some(row) = rows.filter_map(Row::known).find(|row| row.room_id == room) {
                return row;
            }
        }
    }
}

#[tokio::test]
async fn a_strangers_direct_room_is_a_request_until_it_is_accepted() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let mut phone = server.sign_in("ada").await.socket().await;
    let mut theirs = eve.socket().await;
    let room = eve.asks(&ada).await;
    assert_eq!(
        place(&mut phone, room).await.request,
        RequestState::Received
    );
    assert_eq!(place(&mut theirs, room).await.request, RequestState::Sent);
    // Begun is not written: nobody is asked for anything yet.
    assert_eq!(ada.asked().await, []);
    let first = eve.send(room, "@ada hello, we met at the fair").await;
    assert_eq!(first.mentions, [], "a stranger calls nobody");
    eve.send(room, "fair enough?").await;
    assert_eq!(ada.asked().await, [(room, 2)]);
    assert_eq!(ada.rooms().await, []);
    assert_eq!(eve.rooms().await, [(room, 0)]);
    assert_eq!(eve.asked().await, []);

    let (_, before) = ada.get(&format!("/chat/rooms/{room}")).await;
    assert_eq!(
        (&before["request"], &before["can"]),
        (&json!("received"), &json!([]))
    );
    assert_eq!(ada.answers(room, true).await["request"], Value::Null);
    assert_eq!(place(&mut phone, room).await.request, RequestState::None);
    assert_eq!(place(&mut theirs, room).await.request, RequestState::None);
    assert_eq!(ada.asked().await, []);
    assert_eq!(ada.rooms().await, [(room, 2)]);
    // The same again is no change, and what was accepted stays.
    let (_, me) = ada.get(&format!("/chat/rooms/{room}")).await;
    assert_eq!(ada.answers(room, true).await["request"], Value::Null);
    assert_eq!(ada.get(&format!("/chat/rooms/{room}")).await.1, me);
    is_refused(
        &ada.answer(room, false).await,
        StatusCode::FORBIDDEN,
        "forbidden",
    );
    let mark = json!({ "seq": 2 });
    let (_, left) = ada.post(&format!("/chat/rooms/{room}/read"), mark).await;
    assert_eq!(left["count"], 0);
    let third = eve.send(room, "@ada great").await;
    assert_eq!(third.mentions, [ada.id]);
    assert_eq!(ada.rooms().await, [(room, 1)]);
}

#[tokio::test]
async fn writing_in_a_request_or_beginning_the_same_room_accepts_it() {
    let server = Server::start().await;
    let (ada, eve, bo) = (
        server.user("ada").await,
        server.user("eve").await,
        server.user("bo").await,
    );
    let room = eve.asks(&ada).await;
    eve.send(room, "hello").await;
    ada.send(room, "hello to you").await;
    assert_eq!(ada.rooms().await, [(room, 1)]);
    assert_eq!(eve.rooms().await, [(room, 1)]);
    let room = eve.asks(&bo).await;
    eve.send(room, "hello").await;
    let (status, begun) = bo.begin(eve.id).await;
    assert_eq!((status, &begun["id"]), (StatusCode::CREATED, &json!(room)));
    assert_eq!(begun["request"], Value::Null);
    assert_eq!(bo.rooms().await, [(room, 1)]);
    // Who began it can't answer for the other.
    let room = eve.asks(&server.user("cy").await).await;
    is_refused(
        &eve.answer(room, true).await,
        StatusCode::FORBIDDEN,
        "forbidden",
    );
    is_refused(
        &ada.answer(room, true).await,
        StatusCode::NOT_FOUND,
        "not_found",
    );
    is_refused(
        &ada.answer(RoomId(999), true).await,
        StatusCode::NOT_FOUND,
        "not_found",
    );
}

/// All that who asks can get to know of a request and of who is asked, on this device and on a new one.
async fn sees(
    eve: &Person,
    ada: UserId,
    room: RoomId,
    message: MessageId,
) -> (Vec<((StatusCode, Value), String)>, RoomJoined) {
    let mut seen = Vec::new();
    for path in [
        "/chat/rooms".to_owned(),
        "/chat/requests".to_owned(),
        "/chat/threads".to_owned(),
        format!("/chat/rooms/{room}"),
        format!("/chat/rooms/{room}/members"),
        format!("/chat/rooms/{room}/messages"),
        format!("/chat/rooms/{room}/receipts"),
        format!("/chat/rooms/{room}/pins"),
        format!("/chat/messages/{message}"),
        format!("/chat/messages/{message}/receipts"),
        format!("/chat/presence/{ada}"),
    ] {
        seen.push((eve.get(&path).await, path));
    }
    let mut fresh = eve.socket().await;
    fresh
        .say_with_id(Some(1), ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    let ServerFrame::RoomJoined(joined) = fresh.answer(1).await else {
        panic!()
    };
    (seen, joined)
}

/// What who is asked can't do in a request before they accept it, because it would show.
async fn what_would_show_is_refused(ada: &Person, room: RoomId, message: MessageId) {
    let on_message = format!("/chat/messages/{message}");
    let emoji = Some(json!({ "emoji": "👍" }));
    let short = Some(json!({ "expires_in": 60 }));
    for (method, path, body) in [
        (Method::POST, format!("{on_message}/reactions"), emoji),
        (Method::PUT, format!("{on_message}/pin"), None),
        (Method::PUT, format!("/chat/rooms/{room}/lifetime"), short),
    ] {
        let refused = ada.ask(method, &path, body).await;
        is_refused(&refused, StatusCode::FORBIDDEN, "forbidden");
    }
}

/// Whatever who is addressed does short of accepting, who asks gets the same answers as before, byte
/// for byte, and hears nothing; nor does a new device of theirs see anything else.
#[tokio::test]
async fn whatever_is_done_with_a_request_who_asks_learns_nothing() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let room = eve.asks(&ada).await;
    let first = eve.send(room, "hello @ada").await;
    let message = first.message_id;
    let mut ear = eve.socket().await;
    ear.say_with_id(Some(1), ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    let ServerFrame::RoomJoined(joined) = ear.answer(1).await else {
        panic!()
    };
    assert_eq!(joined.presence, [], "not even who is there");
    let mut plain = eve.plain_socket().await;
    plain.drain().await;
    ear.drain().await;
    let sees = async || sees(&eve, ada.id, room, message).await;
    let before = sees().await;
    let refused = &before.0.last().unwrap().0;
    is_refused(refused, StatusCode::NOT_FOUND, "not_found");

    let mut phone = ada.socket().await;
    let frames = [
        ClientFrame::JoinRoom(RoomRef { room_id: room }),
        ClientFrame::Typing(SetTyping {
            room_id: room,
            is_typing: true,
        }),
        ClientFrame::MarkRead(MarkRead {
            room_id: room,
            seq: Seq(1),
            unread: None,
        }),
        ClientFrame::MarkRead(MarkRead {
            room_id: room,
            seq: Seq(1),
            unread: Some(true),
        }),
        ClientFrame::MarkDelivered(MarkDelivered {
            rooms: [(room, Seq(1))].into(),
        }),
        ClientFrame::SetPresence(SetPresence {
            state: PresenceState::Idle,
        }),
    ];
    for (id, frame) in (1..).zip(frames) {
        phone.say_with_id(Some(id), frame).await;
        phone.answer(id).await;
        assert_eq!(sees().await, before, "frame {id}");
    }
    what_would_show_is_refused(&ada, room, message).await;
    let body = Some(json!({ "status": { "text": "away" }, "state": "do_not_disturb" }));
    ada.ask(Method::PUT, "/chat/presence", body).await;
    let body = Some(json!({ "level": "none" }));
    ada.ask(Method::PUT, &format!("/chat/rooms/{room}/attention"), body)
        .await;
    assert_eq!(sees().await, before, "presence, status and level");
    ada.answers(room, false).await;
    assert_eq!(sees().await, before, "declined");
    phone.close().await;
    server.connections(2).await;
    assert_eq!(sees().await, before, "gone");
    let heard = [ear.drain().await, plain.drain().await].concat();
    assert_eq!(heard, [], "nothing was told");
    // And then all of it, from the moment on at which it is accepted.
    let mut phone = ada.socket().await;
    ada.answers(room, true).await;
    let told = ear
        .until(|frame| matches!(frame, ServerFrame::PresenceUpdate(_)))
        .await;
    let Some(ServerFrame::PresenceUpdate(presence)) = told
        .iter()
        .find(|it| matches!(it, ServerFrame::PresenceUpdate(it) if it.user_id == ada.id))
    else {
        panic!("{told:?}")
    };
    assert!(presence.is_online);
    assert_eq!(
        eve.get(&format!("/chat/presence/{}", ada.id)).await.0,
        StatusCode::OK
    );
    phone
        .say(ClientFrame::Typing(SetTyping {
            room_id: room,
            is_typing: true,
        }))
        .await;
    ear.until(|frame| matches!(frame, ServerFrame::TypingIndicator(_)))
        .await;
}

/// And the other way round: of what a stranger writes, nothing comes up where one did not look for it.
#[tokio::test]
async fn requests_from_strangers_wait_in_a_separate_list() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let other = ada.room("den", &[]).await;
    let mut plain = ada.plain_socket().await;
    let room = eve.asks(&ada).await;
    let first = eve.send(room, "zebra @ada @all").await;
    let path = format!("/chat/rooms/{room}/messages");
    let reply = json!({ "content": "zebra, @ada", "thread_id": first.message_id });
    assert_eq!(eve.post(&path, reply).await.0, StatusCode::CREATED);
    // The index is made behind.
    for _ in 0..200 {
        if eve.finds("zebra").await == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(eve.finds("zebra").await, 2);
    assert_eq!(ada.finds("zebra").await, 0);
    assert_eq!(ada.rooms().await, [(other, 0)]);
    let (_, threads) = ada.get("/chat/threads").await;
    assert_eq!(threads["threads"], json!([]));
    assert_eq!(
        plain.drain().await,
        [],
        "a client of the brief hears nothing"
    );
    let frames = {
        let mut fresh = ada.silent_socket().await;
        fresh.say(ClientFrame::Hello(Hello::default())).await;
        fresh.until(crate::harness::is_done).await
    };
    for frame in frames {
        if let ServerFrame::Sync(sync) = frame {
            for row in sync.user.into_iter().flat_map(|user| user.rooms) {
                let row = row.known().unwrap();
                assert_eq!(row.request.is_received(), row.room_id == room);
            }
            let of_it = sync.rooms.iter().filter(|batch| batch.room_id == room);
            for batch in of_it {
                assert_eq!(batch.unread.mentions, 0);
                assert_eq!(batch.threads, []);
            }
        }
    }
    // It is read where one asks for it.
    let (status, page) = ada.get(&path).await;
    assert_eq!(
        (status, page["messages"].as_array().unwrap().len()),
        (StatusCode::OK, 2)
    );

    ada.answers(room, true).await;
    assert_eq!(ada.finds("zebra").await, 2);
    // The first changed last: it tells of its thread.
    let heard = plain
        .until(|frame| matches!(frame, ServerFrame::NewMessage(it) if it.seq == Seq(1)))
        .await;
    let is_new = |it: &&ServerFrame| matches!(it, ServerFrame::NewMessage(_));
    assert_eq!(heard.iter().filter(is_new).count(), 2, "{heard:?}");
}

#[tokio::test]
async fn what_was_declined_stays_declined_until_oneself_writes() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let room = eve.asks(&ada).await;
    eve.send(room, "hello").await;
    let mut phone = server.sign_in("ada").await.socket().await;
    for _ in 0..2 {
        let place = ada.answers(room, false).await;
        assert_eq!(
            (&place["request"], &place["state"]),
            (&json!("declined"), &json!("left"))
        );
    }
    let told = place(&mut phone, room).await;
    assert_eq!(told.request, RequestState::Declined);
    eve.send(room, "are you there?").await;
    assert_eq!(
        eve.asks(&ada).await,
        room,
        "for the other it is what it was"
    );
    assert_eq!(phone.drain().await, []);
    for path in ["", "/messages", "/members"] {
        let path = format!("/chat/rooms/{room}{path}");
        is_refused(&ada.get(&path).await, StatusCode::NOT_FOUND, "not_found");
    }
    assert_eq!((ada.asked().await, ada.rooms().await), (vec![], vec![]));
    let mut fresh = ada.socket().await;
    assert_eq!(fresh.drain().await, []);
    // By writing, or by beginning it, it is accepted all the same.
    let (_, begun) = ada.begin(eve.id).await;
    assert_eq!(begun["id"], json!(room));
    assert_eq!(ada.rooms().await, [(room, 2)]);
    assert_eq!(place(&mut phone, room).await.request, RequestState::None);
    for _ in 0..limit::REQUEST_MESSAGES {
        eve.send(room, "thanks").await;
    }
}

#[tokio::test]
async fn who_is_blocked_asks_for_nothing_any_more() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let room = eve.asks(&ada).await;
    eve.send(room, "hello").await;
    let mut phone = server.sign_in("ada").await.socket().await;
    let block = format!("/users/me/blocks/{}", eve.id);
    assert_eq!(ada.ask(Method::PUT, &block, None).await.0, StatusCode::OK);
    assert_eq!(
        place(&mut phone, room).await.request,
        RequestState::Declined
    );
    assert_eq!(ada.asked().await, []);
    is_refused(&eve.writes(room).await, StatusCode::FORBIDDEN, "forbidden");
    for refused in [ada.answer(room, true).await, ada.begin(eve.id).await] {
        is_refused(&refused, StatusCode::FORBIDDEN, "forbidden");
        assert!(
            refused.1["error"]["message"]
                .as_str()
                .unwrap()
                .contains("block")
        );
    }
    ada.ask(Method::DELETE, &block, None).await;
    assert_eq!(ada.asked().await, [], "it stays declined");
    ada.answers(room, true).await;
    assert_eq!(eve.writes(room).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn a_frame_answers_as_the_route_does() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let room = eve.asks(&ada).await;
    let mut phone = ada.socket().await;
    for (id, accept) in [(1, false), (2, true), (3, true)] {
        let frame = ClientFrame::AnswerRequest(AnswerRequest {
            room_id: room,
            accept,
        });
        phone.say_with_id(Some(id), frame).await;
        let ServerFrame::Ack(place) = phone.answer(id).await else {
            panic!()
        };
        let wanted = if accept {
            Value::Null
        } else {
            json!("declined")
        };
        assert_eq!(place["request"], wanted);
    }
}

#[tokio::test]
async fn so_many_messages_are_written_to_a_stranger_and_no_more() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let room = eve.asks(&ada).await;
    let path = format!("/chat/rooms/{room}/messages");
    let name = erc_server::clock::new_client_id();
    let body = json!({ "content": "once", "client_id": name });
    for _ in 0..3 {
        assert_eq!(eve.post(&path, body.clone()).await.0, StatusCode::CREATED);
    }
    for _ in 1..limit::REQUEST_MESSAGES {
        assert_eq!(eve.writes(room).await.0, StatusCode::CREATED);
    }
    is_refused(
        &eve.writes(room).await,
        StatusCode::CONFLICT,
        "limit_reached",
    );
    // What was taken once is taken again, and what is deleted counts.
    assert_eq!(eve.post(&path, body).await.0, StatusCode::CREATED);
    let (_, page) = eve.get(&path).await;
    let newest = &page["messages"][4]["message_id"];
    eve.ask(Method::DELETE, &format!("/chat/messages/{newest}"), None)
        .await;
    is_refused(
        &eve.writes(room).await,
        StatusCode::CONFLICT,
        "limit_reached",
    );
    ada.answers(room, false).await;
    is_refused(
        &eve.writes(room).await,
        StatusCode::CONFLICT,
        "limit_reached",
    );
    ada.answers(room, true).await;
    assert_eq!(eve.writes(room).await.0, StatusCode::CREATED);
}

/// So many accounts to which nobody signs in.
async fn crowd(server: &Server, count: i64) -> Vec<UserId> {
    let mut tx = server.app.db.begin().await.unwrap();
    let mut ids = Vec::new();
    for n in 0..count {
        let user = NewUser {
            username: format!("u{n}"),
            display_name: format!("U{n}"),
            role: ServerRole::Member,
            password_hash: None,
        };
        let row = tx.insert_user(&user, server.app.clock.now()).await;
        ids.push(row.unwrap().id);
    }
    tx.commit().await.unwrap();
    ids
}

#[tokio::test]
async fn so_many_strangers_are_written_to_in_a_day_and_no_more() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let room = eve.asks(&ada).await;
    let others = crowd(&server, limit::REQUESTS_PER_DAY + 2).await;
    let mut others = others.into_iter();
    for other in others
        .by_ref()
        .take(usize::try_from(limit::REQUESTS_PER_DAY).unwrap() - 1)
    {
        assert_eq!(eve.begin(other).await.0, StatusCode::CREATED);
    }
    let (next, last) = (others.next().unwrap(), others.next().unwrap());
    is_refused(
        &eve.begin(next).await,
        StatusCode::CONFLICT,
        "limit_reached",
    );
    // One that was accepted does not count.
    ada.answers(room, true).await;
    assert_eq!(eve.begin(next).await.0, StatusCode::CREATED);
    is_refused(
        &eve.begin(last).await,
        StatusCode::CONFLICT,
        "limit_reached",
    );
    // What is there is no new one.
    assert_eq!(eve.begin(next).await.0, StatusCode::CREATED);
    server.pass(Duration::from_hours(24));
    let eve = server.sign_in("eve").await;
    assert_eq!(eve.begin(last).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn so_many_requests_wait_for_somebody_and_no_more() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let others = crowd(&server, limit::REQUESTS_RECEIVED - 1).await;
    for other in &others {
        let mut tx = server.app.db.begin().await.unwrap();
        let room = erc_server::store::NewRoom {
            name: String::new(),
            topic: String::new(),
            kind: erc_protocol::RoomKind::Direct,
            is_private: true,
            history: erc_protocol::History::Shared,
            created_by: *other,
            client_id: erc_server::clock::new_client_id(),
            direct_key: Some(format!("{}:{other}", ada.id)),
        };
        let room = tx
            .insert_room(&room, server.app.clock.now())
            .await
            .unwrap()
            .id;
        for (user, request) in [
            (*other, RequestState::Sent),
            (ada.id, RequestState::Received),
        ] {
            let place = erc_server::store::Place {
                room_id: room,
                user_id: user,
                role: erc_protocol::RoomRole::Member,
                state: erc_protocol::MemberState::Joined,
                rev: tx.next_rev(room).await.unwrap(),
                joined_at: server.app.clock.now(),
                read_seq: Seq::ZERO,
                first_visible_seq: Seq(1),
                user_rev: tx.next_user_rev(user).await.unwrap(),
                marked_unread: false,
                muted_until: None,
                level: erc_protocol::Level::Usual,
                hushed_until: None,
                request: RequestState::None,
            };
            tx.put_place(&place).await.unwrap();
            tx.set_request(room, user, request, place.user_rev)
                .await
                .unwrap();
        }
        tx.recount_members(room).await.unwrap();
        tx.commit().await.unwrap();
    }
    let (room, bo) = (eve.asks(&ada).await, server.user("bo").await);
    is_refused(
        &bo.begin(ada.id).await,
        StatusCode::CONFLICT,
        "limit_reached",
    );
    ada.answers(room, false).await;
    bo.asks(&ada).await;
}

#[tokio::test]
async fn who_shares_a_room_is_no_stranger_unless_it_is_large() {
    let server = Server::start().await;
    let people = ["ada", "bo", "cy"];
    let [ada, bo, cy] = [
        server.user(people[0]).await,
        server.user(people[1]).await,
        server.user(people[2]).await,
    ];
    let is_request = async |from: &Person, to: &Person| {
        let (status, room) = from.begin(to.id).await;
        assert_eq!(status, StatusCode::CREATED, "{room}");
        room["request"] == "sent"
    };
    // A room at the limit makes acquainted, one above it doesn't.
    let room = ada.room("hall", &[&bo, &cy]).await;
    let others = crowd(&server, limit::ACQUAINTED_MEMBERS - 2).await;
    for other in &others[1..] {
        let path = format!("/chat/rooms/{room}/members/{other}");
        assert!(ada.post(&path, json!({})).await.0.is_success());
    }
    assert!(
        !is_request(&bo, &cy).await,
        "{} members",
        limit::ACQUAINTED_MEMBERS
    );
    let path = format!("/chat/rooms/{room}/members/{}", others[0]);
    assert!(ada.post(&path, json!({})).await.0.is_success());
    assert!(is_request(&cy, &ada).await, "one more");

    // Who makes a room of strangers is one to them until they look into it.
    let den = bo.room("den", &[&ada]).await;
    assert!(is_request(&bo, &ada).await);
    let dee = server.user("dee").await;
    let pub_ = dee.room("pub", &[&bo]).await;
    dee.send(pub_, "welcome").await;
    let mark = json!({ "seq": 1 });
    bo.post(&format!("/chat/rooms/{pub_}/read"), mark).await;
    assert!(!is_request(&dee, &bo).await);
    let _ = den;
}

#[tokio::test]
async fn moderators_ask_nobody_and_everybody_decides_who_may_write() {
    let server = Server::start().await;
    let (ada, eve, bo) = (
        server.user("ada").await,
        server.user("eve").await,
        server.user("bo").await,
    );
    let mia = server.user_with("mia", ServerRole::Moderator).await;
    let den = server.user("dan").await.room("den", &[&ada, &bo]).await;
    assert!(den > RoomId(0));
    ada.wants("nobody").await;
    for person in [&eve, &bo] {
        is_refused(
            &person.begin(ada.id).await,
            StatusCode::FORBIDDEN,
            "forbidden",
        );
    }
    let (status, room) = mia.begin(ada.id).await;
    assert_eq!(
        (status, &room["request"]),
        (StatusCode::CREATED, &Value::Null)
    );
    ada.wants("acquainted").await;
    is_refused(&eve.begin(ada.id).await, StatusCode::FORBIDDEN, "forbidden");
    let (status, room) = bo.begin(ada.id).await;
    assert_eq!(
        (status, &room["request"]),
        (StatusCode::CREATED, &Value::Null)
    );
    ada.wants("everybody").await;
    eve.asks(&ada).await;
    let wrong = Some(json!({ "who_writes": "friends" }));
    let (status, _) = ada.ask(Method::PUT, "/users/me/attention", wrong).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
