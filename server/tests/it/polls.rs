//! Polls: what is asked, who chose what, and who learns it.

use std::time::Duration;

use erc_protocol::gateway::{ClientFrame, ServerFrame, client};
use erc_protocol::poll::OwnVote;
use erc_protocol::{Message, MessageId, RoomId, Row, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, Socket, code};

const MINUTE: Duration = Duration::from_mins(1);

impl Person {
    /// A poll for tea, coffee or water, with these settings.
    async fn ask_all(&self, room: RoomId, settings: Value) -> (StatusCode, Value) {
        let mut poll = json!({ "options": ["Tea", "Coffee", "Water"] });
        let fields = settings.as_object().unwrap().clone();
        poll.as_object_mut().unwrap().extend(fields);
        let body = json!({ "content": "What?", "message_type": "poll", "poll": poll });
        self.post(&format!("/chat/rooms/{room}/messages"), body)
            .await
    }

    async fn poll(&self, room: RoomId, settings: Value) -> MessageId {
        let (status, row) = self.ask_all(room, settings).await;
        assert_eq!(status, StatusCode::CREATED, "{row}");
        MessageId(row["message_id"].as_i64().unwrap())
    }

    async fn vote(&self, poll: MessageId, options: &[u8]) -> (StatusCode, Value) {
        self.vote_as(poll, json!({ "options": options })).await
    }

    async fn vote_as(&self, poll: MessageId, body: Value) -> (StatusCode, Value) {
        let path = format!("/chat/messages/{poll}/vote");
        self.ask(Method::PUT, &path, Some(body)).await
    }

    async fn close_poll(&self, poll: MessageId) -> (StatusCode, Value) {
        let path = format!("/chat/messages/{poll}/close");
        self.ask(Method::POST, &path, None).await
    }

    async fn votes(&self, poll: MessageId) -> Value {
        let (status, list) = self.get(&format!("/chat/messages/{poll}/votes")).await;
        assert_eq!(status, StatusCode::OK, "{list}");
        list
    }

    async fn poll_row(&self, poll: MessageId) -> Value {
        self.get(&format!("/chat/messages/{poll}")).await.1
    }
}

/// Votes by option, as a row tells them.
fn tally(row: &Value) -> Vec<Option<i64>> {
    let options = row["poll"]["options"].as_array().unwrap();
    options.iter().map(|one| one["votes"].as_i64()).collect()
}

/// What oneself chose, as the next frame that tells of it has it.
async fn told(socket: &mut Socket) -> Vec<OwnVote> {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await
            && let Some(user) = sync.user
            && !user.votes.is_empty()
        {
            return user.votes.into_iter().filter_map(Row::known).collect();
        }
    }
}

#[tokio::test]
async fn everybody_sees_the_votes_and_ones_own_are_known_on_all_ones_devices() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let poll = ada.poll(room, json!({ "multiple": true })).await;
    let row = ada.poll_row(poll).await;
    assert_eq!(row["content"], "Poll: What?\n1. Tea\n2. Coffee\n3. Water");
    assert_eq!(tally(&row), [Some(0), Some(0), Some(0)]);
    let (mut phone, mut ear) = (
        server.sign_in("bo").await.socket().await,
        ada.socket().await,
    );

    let (status, voted) = bo.vote(poll, &[2, 0, 2]).await;
    assert_eq!(status, StatusCode::OK, "{voted}");
    assert_eq!(tally(&voted), [Some(1), Some(0), Some(1)]);
    assert_eq!(voted["own_vote"]["options"], json!([0, 2]));
    let heard = ear
        .until(|frame| matches!(frame, ServerFrame::MessageUpdated(_)))
        .await;
    let Some(ServerFrame::MessageUpdated(heard)) = heard.last() else {
        unreachable!("it was looked for");
    };
    assert_eq!(heard.poll.as_ref().unwrap().options[2].users, [bo.id]);
    let own = told(&mut phone).await.pop().unwrap();
    assert_eq!((own.message_id, own.options), (poll, vec![0, 2]));

    // All that one chooses now: what isn't said is no more.
    let (_, voted) = bo.vote(poll, &[1]).await;
    assert_eq!(tally(&voted), [Some(0), Some(1), Some(0)]);
    let (_, again) = bo.vote(poll, &[1]).await;
    assert_eq!(
        again["rev"], voted["rev"],
        "what is so already is no change"
    );
    let (_, voted) = ada.vote(poll, &[1]).await;
    assert_eq!(voted["poll"]["voters"], 2);
    let list = bo.votes(poll).await;
    let who: Vec<_> = list["votes"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&who[0]["display_name"], &who[1]["display_name"]),
        (&json!("bo"), &json!("ada"))
    );
    let (_, back) = bo.vote(poll, &[]).await;
    assert_eq!(tally(&back), [Some(0), Some(1), Some(0)]);
    assert_eq!(back["poll"]["voters"], 1);
    // A device that comes later knows it too.
    let mut late = server.sign_in("ada").await.silent_socket().await;
    late.say(ClientFrame::Hello(client::Hello::default())).await;
    assert_eq!(told(&mut late).await[0].options, [1]);
}

#[tokio::test]
async fn a_vote_that_is_repeated_does_not_undo_a_later_one() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let (poll, other) = (
        ada.poll(room, json!({})).await,
        ada.poll(room, json!({})).await,
    );
    let name = "0197f0a1-2b3c-7d4e-8f50-617283940a1b";
    let first = json!({ "options": [0], "client_id": name });
    ada.vote_as(poll, first.clone()).await;
    ada.vote(poll, &[1]).await;
    let (status, row) = ada.vote_as(poll, first).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(tally(&row), [Some(0), Some(1), Some(0)]);
    assert_eq!(row["own_vote"]["options"], json!([1]));
    for (target, options) in [(poll, [2]), (other, [0])] {
        let body = json!({ "options": options, "client_id": name });
        let (status, error) = ada.vote_as(target, body).await;
        assert_eq!(
            (status, code(&error)),
            (StatusCode::CONFLICT, "client_id_reused")
        );
    }
}

#[tokio::test]
async fn of_an_anonymous_poll_nobody_is_named_anywhere() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let poll = ada.poll(room, json!({ "anonymous": true })).await;
    let mut ear = ada.socket().await;
    bo.vote(poll, &[1]).await;
    let frames = ear
        .until(|frame| matches!(frame, ServerFrame::MessageUpdated(_)))
        .await;
    ada.close_poll(poll).await;
    let list = ada.votes(poll).await;
    assert_eq!(list, json!({ "votes": [], "own": [] }));
    assert_eq!(bo.votes(poll).await["own"], json!([1]));
    let row = ada.poll_row(poll).await;
    assert_eq!(tally(&row), [Some(0), Some(1), Some(0)]);
    let page = ada.get(&format!("/chat/rooms/{room}/messages")).await.1;
    let page = page["messages"].as_array().unwrap().last().unwrap().clone();
    let told = [serde_json::to_value(frames.last()).unwrap(), row, page];
    for row in told {
        let text = row.to_string();
        assert!(!text.contains("\"users\""), "{text}");
    }
    // Her own devices are told of her own votes alone.
    let mut late = server.sign_in("ada").await.silent_socket().await;
    late.say(ClientFrame::Hello(client::Hello::default())).await;
    let frames = late.until(crate::harness::is_done).await;
    let of_votes = |frame: &&ServerFrame| match frame {
        ServerFrame::Sync(sync) => sync
            .user
            .as_ref()
            .is_some_and(|user| !user.votes.is_empty()),
        _ => false,
    };
    assert_eq!(frames.iter().find(of_votes), None);
}

#[tokio::test]
async fn hidden_results_come_with_the_end() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let poll = ada.poll(room, json!({ "hidden": true })).await;
    let (_, row) = bo.vote(poll, &[1]).await;
    assert_eq!(tally(&row), [None, None, None]);
    assert_eq!(row["poll"]["voters"], 1);
    assert_eq!(ada.votes(poll).await["votes"], json!([]));
    let (_, row) = ada.close_poll(poll).await;
    assert_eq!(tally(&row), [Some(0), Some(1), Some(0)]);
    assert_eq!(row["poll"]["options"][1]["users"], json!([bo.id]));
    assert_eq!(ada.votes(poll).await["votes"][0]["user_id"], json!(bo.id));
}

#[tokio::test]
async fn its_author_and_moderators_close_it_and_nobody_votes_any_more() {
    let server = Server::start().await;
    let (ada, bo, cy) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("cy").await,
    );
    let room = ada.room("den", &[&bo, &cy]).await;
    let poll = bo.poll(room, json!({})).await;
    let (status, error) = cy.close_poll(poll).await;
    assert_eq!((status, code(&error)), (StatusCode::FORBIDDEN, "forbidden"));
    let (_, row) = bo.close_poll(poll).await;
    assert_eq!(row["poll"]["closed_by"], json!(bo.id));
    let (_, again) = ada.close_poll(poll).await;
    assert_eq!(again, row, "one that is over stays as it is");
    let (status, error) = cy.vote(poll, &[0]).await;
    assert_eq!(
        (status, code(&error)),
        (StatusCode::CONFLICT, "poll_closed")
    );
    let path = format!("/chat/messages/{poll}");
    let body = json!({ "content": "Which?" });
    let (_, error) = bo.ask(Method::PUT, &path, Some(body)).await;
    assert_eq!(code(&error), "poll_closed");
    let other = bo.poll(room, json!({})).await;
    let (status, _) = ada.close_poll(other).await;
    assert_eq!(status, StatusCode::OK, "she owns the room");
    let text = ada.send(room, "no poll").await.message_id;
    for (status, error) in [ada.vote(text, &[0]).await, ada.close_poll(text).await] {
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
    }
}

#[tokio::test]
async fn a_poll_ends_within_a_year_and_closes_once() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let now = server.app.clock.now();
    for (ahead, fits) in [
        (0, false),
        (60_000, true),
        (limit::POLL_AHEAD_MS, true),
        (limit::POLL_AHEAD_MS + 60_000, false),
    ] {
        let end = json!({ "closes_at": now.plus_ms(ahead) });
        let (status, row) = ada.ask_all(room, end).await;
        assert_eq!(status == StatusCode::CREATED, fits, "{ahead}: {row}");
    }
    let end = now.plus_ms(60_000);
    let poll = ada.poll(room, json!({ "closes_at": end })).await;
    bo.vote(poll, &[0]).await;
    server.pass(MINUTE.saturating_sub(Duration::from_millis(1)));
    server.app.run_due().await.unwrap();
    assert_eq!(ada.poll_row(poll).await["poll"]["closed_at"], Value::Null);
    server.pass(Duration::from_millis(1));
    // At its end it is over, whether somebody has closed it yet or not.
    let (_, error) = bo.vote(poll, &[1]).await;
    assert_eq!(code(&error), "poll_closed");
    let rev = ada.poll_row(poll).await["rev"].as_i64().unwrap();
    let (one, other) = tokio::join!(server.app.run_due(), server.app.run_due());
    one.and(other).unwrap();
    server.app.run_due().await.unwrap();
    let row = ada.poll_row(poll).await;
    assert_eq!(row["poll"]["closed_at"], json!(end));
    assert_eq!(row["poll"]["closed_by"], Value::Null);
    let (status, same) = ada.close_poll(poll).await;
    assert_eq!((status, &same), (StatusCode::OK, &row));
    // The other poll that ended meanwhile took one number, this one the other.
    assert!(
        row["rev"].as_i64().unwrap() <= rev + 2,
        "closed once: {row}"
    );
}

#[tokio::test]
async fn options_stay_once_somebody_has_voted_and_the_question_may_be_put_right() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let poll = ada.poll(room, json!({})).await;
    let path = format!("/chat/messages/{poll}");
    let edit = async |body: Value| ada.ask(Method::PUT, &path, Some(body)).await;
    let (status, row) = edit(json!({ "content": "Drinks?", "options": ["Tea", "Milk"] })).await;
    assert_eq!(status, StatusCode::OK, "{row}");
    assert_eq!(row["content"], "Poll: Drinks?\n1. Tea\n2. Milk");
    bo.vote(poll, &[1]).await;
    let (status, error) = edit(json!({ "content": "Drinks?", "options": ["Tea", "Rum"] })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(error["error"]["details"]["fields"]["options"].is_string());
    let (_, row) = edit(json!({ "content": "Which drink?" })).await;
    assert_eq!(row["poll"]["question"], "Which drink?");
    assert_eq!(tally(&row), [Some(0), Some(1)], "votes stay");
    let (_, history) = ada.get(&format!("{path}/history")).await;
    assert_eq!(history["versions"].as_array().unwrap().len(), 3);
    let (_, error) = edit(json!({ "content": "" })).await;
    assert_eq!(code(&error), "validation_failed");
}

#[tokio::test]
async fn what_is_no_poll_is_refused() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    for body in [
        json!({ "content": "What?", "message_type": "poll" }),
        json!({ "content": "What?", "poll": { "options": ["a", "b"] } }),
        json!({ "content": "What?", "message_type": "poll", "poll": { "options": ["a"] } }),
        json!({ "content": "a\nb", "message_type": "poll", "poll": { "options": ["a", "b"] } }),
    ] {
        let path = format!("/chat/rooms/{room}/messages");
        let (status, error) = ada.post(&path, body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
    }
    let poll = ada.poll(room, json!({})).await;
    for options in [&[3][..], &[0, 1]] {
        let (status, error) = ada.vote(poll, options).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
    }
}

#[tokio::test]
async fn who_may_not_see_it_does_not_vote_and_who_only_reads_neither() {
    let server = Server::start().await;
    let (ada, bo, eve) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("eve").await,
    );
    let body = json!({ "name": "den", "is_private": true, "member_ids": [bo.id] });
    let room = ada.room_with(body).await;
    let poll = ada.poll(room, json!({})).await;
    assert_eq!(eve.vote(poll, &[0]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(eve.close_poll(poll).await.0, StatusCode::NOT_FOUND);
    let (status, _) = eve.get(&format!("/chat/messages/{poll}/votes")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let mute = format!("/chat/rooms/{room}/mutes/{}", bo.id);
    let (status, body) = ada.ask(Method::PUT, &mute, Some(json!({}))).await;
    assert!(status.is_success(), "{body}");
    let (status, error) = bo.vote(poll, &[0]).await;
    assert_eq!((status, code(&error)), (StatusCode::FORBIDDEN, "forbidden"));
}

#[tokio::test]
async fn one_votes_so_often_and_no_more() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let poll = ada.poll(room, json!({})).await;
    let mut tx = server.app.db.begin().await.unwrap();
    for number in 1..limit::BALLOTS {
        let name = erc_protocol::ClientId(uuid::Uuid::from_u128(number.unsigned_abs().into()));
        tx.keep_ballot(poll, bo.id, name, &[0]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (status, row) = bo.vote(poll, &[1]).await;
    assert_eq!(status, StatusCode::OK, "{row}");
    let (status, error) = bo.vote(poll, &[2]).await;
    assert_eq!(
        (status, code(&error)),
        (StatusCode::CONFLICT, "limit_reached")
    );
}

#[tokio::test]
async fn forwarded_it_is_a_text_and_deleted_it_is_nothing() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let (room, other) = (ada.room("den", &[]).await, ada.room("attic", &[]).await);
    let poll = ada.poll(room, json!({})).await;
    ada.vote(poll, &[0]).await;
    let path = format!("/chat/messages/{poll}/forward");
    let (_, sent) = ada.post(&path, json!({ "room_ids": [other] })).await;
    let copy = &sent["rooms"][0]["message"];
    assert_eq!(
        (&copy["message_type"], &copy["poll"]),
        (&json!("text"), &Value::Null)
    );
    assert_eq!(copy["content"], "Poll: What?\n1. Tea\n2. Coffee\n3. Water");
    let path = format!("/chat/messages/{poll}");
    let (_, row) = ada.ask(Method::DELETE, &path, None).await;
    assert_eq!((&row["poll"], &row["content"]), (&Value::Null, &json!("")));
    let (status, error) = ada.vote(poll, &[1]).await;
    assert_eq!(
        (status, code(&error)),
        (StatusCode::GONE, "message_deleted")
    );
}

#[tokio::test]
async fn a_frame_makes_a_poll_votes_and_closes() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let mut socket = ada.socket().await;
    let say = json!({ "type": "send_message", "id": 1, "data": {
        "room_id": room, "content": "What?", "message_type": "poll",
        "poll": { "options": ["Tea", "Coffee"] },
    } });
    socket.text(&say.to_string()).await;
    let ServerFrame::Ack(row) = socket.answer(1).await else {
        panic!("no ack")
    };
    let poll: Message = serde_json::from_value(row).unwrap();
    let id = poll.message_id;
    let say = json!({ "type": "vote", "id": 2, "data": { "message_id": id, "options": [1] } });
    socket.text(&say.to_string()).await;
    let ServerFrame::Ack(voted) = socket.answer(2).await else {
        panic!("no ack")
    };
    assert_eq!(tally(&voted), [Some(0), Some(1)]);
    assert_eq!(voted["own_vote"]["options"], json!([1]));
    let say = json!({ "type": "close_poll", "id": 3, "data": { "message_id": id } });
    socket.text(&say.to_string()).await;
    let ServerFrame::Ack(closed) = socket.answer(3).await else {
        panic!("no ack")
    };
    assert!(closed["poll"]["closed_at"].is_string(), "{closed}");
    // Search finds the question and the options, and that it is one.
    ada.send(room, "what is no poll").await;
    server.app.index().await.unwrap();
    let (_, found) = ada
        .post("/chat/search", json!({ "query": "has:poll what" }))
        .await;
    assert_eq!(found["hits"].as_array().unwrap().len(), 1, "{found}");
    for word in ["what", "coffee", "has:poll"] {
        let (_, found) = ada.post("/chat/search", json!({ "query": word })).await;
        let found = found.to_string();
        assert!(found.contains(&format!("\"message_id\":{id}")), "{found}");
    }
}

#[tokio::test]
async fn two_nodes_close_each_poll_once() {
    let first = Server::start().await;
    let url = first.app.config.database_url.clone();
    // Of SQLite there is one server at a time: the two that race are two tasks of it.
    let second = if url.starts_with("sqlite") {
        None
    } else {
        Some(Server::start_with(|config| config.database_url = url).await)
    };
    let ada = first.user("ada").await;
    let room = ada.room("den", &[]).await;
    let end = first.app.clock.now().plus_ms(60_000);
    let mut last = 0;
    for _ in 0..10 {
        let poll = ada.poll(room, json!({ "closes_at": end })).await;
        last = ada.poll_row(poll).await["rev"].as_i64().unwrap();
    }
    first.pass(MINUTE);
    let other = second.as_ref().unwrap_or(&first);
    if second.is_some() {
        other.pass(MINUTE);
    }
    let (one, two) = tokio::join!(first.app.run_due(), other.app.run_due());
    one.and(two).unwrap();
    let (_, page) = ada.get(&format!("/chat/rooms/{room}/messages")).await;
    let rows = page["messages"].as_array().unwrap();
    assert!(
        rows.iter()
            .all(|row| row["poll"]["closed_at"] == json!(end))
    );
    let newest = rows.iter().filter_map(|row| row["rev"].as_i64()).max();
    assert_eq!(newest, Some(last + 10), "one change each");
}

#[tokio::test]
async fn the_vote_of_an_erased_user_is_counted_no_more() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let poll = ada.poll(room, json!({})).await;
    ada.vote(poll, &[0]).await;
    bo.vote(poll, &[0]).await;
    let body = json!({ "password": "password-bo", "messages": "keep" });
    let (status, answer) = bo.post("/auth/erase", body).await;
    assert!(status.is_success(), "{answer}");
    server.app.run_due().await.unwrap();
    let row = ada.poll_row(poll).await;
    assert_eq!(tally(&row), [Some(1), Some(0), Some(0)]);
    assert_eq!(row["poll"]["options"][0]["users"], json!([ada.id]));
}

#[tokio::test]
async fn in_a_thread_it_is_a_reply_and_is_voted_in() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let top = ada.send(room, "lunch").await.message_id;
    let body = json!({
        "content": "Where?", "message_type": "poll", "poll": { "options": ["here", "there"] },
        "thread_id": top,
    });
    let path = format!("/chat/rooms/{room}/messages");
    let (status, row) = bo.post(&path, body).await;
    assert_eq!(status, StatusCode::CREATED, "{row}");
    assert_eq!(row["thread_id"], json!(top));
    let poll = MessageId(row["message_id"].as_i64().unwrap());
    let (_, row) = ada.vote(poll, &[1]).await;
    assert_eq!(tally(&row), [Some(0), Some(1)]);
    assert_eq!(row["thread_id"], json!(top), "it stays in its thread");
    assert_eq!(ada.poll_row(top).await["thread"]["replies"], 1);
}

#[tokio::test]
async fn one_that_goes_by_itself_takes_its_votes_with_it() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let end = server.app.clock.now().plus_ms(3_600_000);
    let body = json!({
        "content": "Where?", "message_type": "poll", "expires_in": 60,
        "poll": { "options": ["here", "there"], "closes_at": end },
    });
    let (_, row) = ada
        .post(&format!("/chat/rooms/{room}/messages"), body)
        .await;
    let poll = MessageId(row["message_id"].as_i64().unwrap());
    ada.vote(poll, &[1]).await;
    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    let row = ada.poll_row(poll).await;
    assert!(row["deleted_at"].is_string(), "{row}");
    assert_eq!(row["poll"], Value::Null);
    let mut tx = server.app.db.snapshot().await.unwrap();
    assert_eq!(tx.vote_of(poll, ada.id).await.unwrap(), None);
    assert_eq!(tx.next_poll_end().await.unwrap(), None);
}

#[tokio::test]
async fn what_is_held_of_oneself_tells_ones_votes_and_nobody_elses() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let poll = ada.poll(room, json!({ "anonymous": true })).await;
    ada.vote(poll, &[0]).await;
    bo.vote(poll, &[2]).await;
    let (_, all) = bo.post("/users/me/export", json!({})).await;
    assert_eq!(all["votes"].as_array().unwrap().len(), 1);
    assert_eq!(all["votes"][0]["options"], " 2");
    assert_eq!(all["ballots"][0]["message_id"], json!(poll));
    let (_, all) = ada.post("/users/me/export", json!({})).await;
    assert_eq!(all["votes"][0]["options"], " 0");
    let asked = all["messages"].to_string();
    assert!(!asked.contains("\"users\""), "{asked}");
}
