//! Reports: who makes them, who sees them, what comes of them.

use std::time::Duration;

use erc_protocol::gateway::ServerFrame;
use erc_protocol::report::{MyReport, ReportState};
use erc_protocol::{Message, Report, RoomId, Row, ServerRole, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, Socket, code};

impl Person {
    async fn report(&self, message: &Message) -> (StatusCode, Value) {
        let body = json!({ "message_id": message.message_id, "kind": "spam", "words": "look" });
        self.post("/chat/reports", body).await
    }

    async fn queue(&self) -> Vec<Report> {
        let (status, list) = self.get("/chat/reports").await;
        assert_eq!(status, StatusCode::OK, "{list}");
        serde_json::from_value(list["reports"].clone()).unwrap()
    }

    async fn close(&self, report: &Value, outcome: &str) -> (StatusCode, Value) {
        let path = format!("/chat/reports/{}/close", report["id"].as_str().unwrap());
        self.post(&path, json!({ "outcome": outcome, "seconds": 60 }))
            .await
    }
}

/// The next number that the queue has.
async fn waiting(socket: &mut Socket, count: i64) {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await
            && sync.user.is_some_and(|user| user.reports_waiting == count)
        {
            return;
        }
    }
}

async fn told(socket: &mut Socket) -> Vec<MyReport> {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await
            && let Some(user) = sync.user
            && !user.reports.is_empty()
        {
            return user.reports.into_iter().filter_map(Row::known).collect();
        }
    }
}

/// A room of Ada's, where Bo says something and Cy doesn't like it; Mo moderates the server.
struct Scene {
    server: Server,
    ada: Person,
    bo: Person,
    cy: Person,
    mo: Person,
    room: RoomId,
    said: Message,
}

async fn scene() -> Scene {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let cy = server.user("cy").await;
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let room = ada.room("den", &[&bo, &cy]).await;
    let said = bo.send(room, "buy now").await;
    Scene {
        server,
        ada,
        bo,
        cy,
        mo,
        room,
        said,
    }
}

#[tokio::test]
async fn what_is_reported_is_kept_with_what_stood_around_it() {
    let s = scene().await;
    for n in 0..=limit::REPORT_CONTEXT {
        s.ada.send(s.room, &format!("before {n}")).await;
    }
    let said = s.bo.send(s.room, "buy this").await;
    for n in 0..=limit::REPORT_CONTEXT {
        s.ada.send(s.room, &format!("after {n}")).await;
    }
    let (status, made) = s.cy.report(&said).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    // Deleting hides nothing from those who look after it.
    let path = format!("/chat/messages/{}", said.message_id);
    s.bo.ask(Method::DELETE, &path, None).await;
    let queue = s.ada.queue().await;
    let texts: Vec<_> = queue[0]
        .context
        .iter()
        .map(|one| one.content.as_str())
        .collect();
    let each = usize::try_from(limit::REPORT_CONTEXT).unwrap();
    assert_eq!(texts.len(), 2 * each + 1, "{texts:?}");
    assert_eq!(
        (texts[0], texts[each], texts[2 * each]),
        ("before 1", "buy this", "after 4")
    );
    assert_eq!(
        (queue[0].words.as_str(), queue[0].user_id),
        ("look", s.bo.id)
    );
    // The same again is the same, whatever became of it.
    assert_eq!(s.cy.report(&said).await.1["id"], made["id"]);
}

#[tokio::test]
async fn moderators_of_the_room_and_of_the_server_see_it_and_nobody_else() {
    let s = scene().await;
    let (_, made) = s.cy.report(&s.said).await;
    let again = s.cy.report(&s.said).await.1;
    assert_eq!(again["id"], made["id"], "the same twice is one");
    for who in [&s.ada, &s.mo] {
        assert_eq!(who.queue().await.len(), 1);
    }
    let path = format!("/chat/reports/{}", made["id"].as_str().unwrap());
    for who in [&s.bo, &s.cy] {
        assert_eq!(who.queue().await, []);
        assert_eq!(who.get(&path).await.0, StatusCode::NOT_FOUND);
        let (status, _) = who
            .ask(Method::PUT, &path, Some(json!({ "taken": true })))
            .await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(who.close(&made, "nothing").await.0, StatusCode::NOT_FOUND);
    }
    // Of somebody, and of what was said between two, only those of the server.
    let (status, _) =
        s.cy.post(
            "/chat/reports",
            json!({ "user_id": s.bo.id, "kind": "other" }),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED);
    let (_, direct) =
        s.bo.post(
            "/chat/rooms",
            json!({ "type": "direct", "member_ids": [s.cy.id] }),
        )
        .await;
    let direct = RoomId(direct["id"].as_i64().unwrap());
    let said = s.bo.send(direct, "psst").await;
    assert_eq!(s.cy.report(&said).await.0, StatusCode::CREATED);
    assert_eq!(
        (s.ada.queue().await.len(), s.mo.queue().await.len()),
        (1, 3)
    );
    // What one doesn't see can't be reported, nor can one report oneself.
    assert_eq!(s.ada.report(&said).await.0, StatusCode::NOT_FOUND);
    let (status, body) = s.bo.report(&s.said).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed")
    );
    let neither = json!({ "kind": "spam" });
    assert_eq!(
        code(&s.cy.post("/chat/reports", neither).await.1),
        "validation_failed"
    );
}

#[tokio::test]
async fn the_queue_counts_live_and_the_reporter_hears_of_its_end() {
    let s = scene().await;
    let mut queue = s.ada.socket().await;
    let mut reporter = s.cy.socket().await;
    let (_, made) = s.cy.report(&s.said).await;
    waiting(&mut queue, 1).await;
    assert_eq!(told(&mut reporter).await[0].state, ReportState::Open);
    let path = format!("/chat/reports/{}", made["id"].as_str().unwrap());
    let (status, taken) = s
        .ada
        .ask(Method::PUT, &path, Some(json!({ "taken": true })))
        .await;
    assert_eq!(
        (status, taken["taken_by_name"].as_str()),
        (StatusCode::OK, Some("ada"))
    );
    let (_, free) =
        s.mo.ask(Method::PUT, &path, Some(json!({ "taken": false })))
            .await;
    assert_eq!(free["state"], "open");
    assert_eq!(s.ada.close(&made, "warned").await.0, StatusCode::OK);
    waiting(&mut queue, 0).await;
    loop {
        let rows = told(&mut reporter).await;
        if rows[0].state == ReportState::Closed {
            break;
        }
    }
    let (status, body) = s.mo.close(&made, "nothing").await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    let (_, closed) = s.mo.get("/chat/reports?closed=true").await;
    assert_eq!(closed["reports"][0]["outcome"], "warned");
}

#[tokio::test]
async fn of_two_who_close_a_report_at_once_one_does() {
    let s = scene().await;
    for _ in 0..10 {
        let (_, made) = s.cy.report(&s.said).await;
        let (one, other) = tokio::join!(s.ada.close(&made, "muted"), s.mo.close(&made, "nothing"));
        let statuses = [one.0, other.0];
        assert!(statuses.contains(&StatusCode::OK), "{one:?} {other:?}");
        assert!(
            statuses.contains(&StatusCode::FORBIDDEN),
            "{one:?} {other:?}"
        );
        // Only what the winner decided was done.
        let (_, closed) = s.mo.get("/chat/reports?closed=true").await;
        let muted = closed["reports"][0]["outcome"] == "muted";
        assert_eq!(muted, one.0 == StatusCode::OK, "{closed}");
        let path = format!("/chat/rooms/{}/messages", s.room);
        let (status, _) = s.bo.post(&path, json!({ "content": "x" })).await;
        assert_eq!(muted, status == StatusCode::FORBIDDEN);
        let path = format!("/chat/rooms/{}/mutes/{}", s.room, s.bo.id);
        s.ada.ask(Method::DELETE, &path, None).await;
    }
}

#[tokio::test]
async fn what_somebody_looks_after_is_taken_over_before_it_is_closed() {
    let s = scene().await;
    let (_, made) = s.cy.report(&s.said).await;
    let path = format!("/chat/reports/{}", made["id"].as_str().unwrap());
    let take = || Some(json!({ "taken": true }));
    assert_eq!(
        s.ada.ask(Method::PUT, &path, take()).await.0,
        StatusCode::OK
    );
    let (status, _) = s.ada.close(&made, "account_disabled").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let queue = s.ada.queue().await;
    assert_eq!(queue[0].taken_by, Some(s.ada.id), "it is theirs still");
    let (status, body) = s.mo.close(&made, "nothing").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("take it over"),
        "{body}"
    );
    assert_eq!(s.mo.ask(Method::PUT, &path, take()).await.0, StatusCode::OK);
    assert_eq!(s.mo.close(&made, "nothing").await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_outcome_is_carried_out_with_the_rights_of_who_closes() {
    let s = scene().await;
    // Mo moderates the server, and is not in the room: what a member does is not theirs to do.
    let (_, made) = s.cy.report(&s.said).await;
    let (status, _) = s.mo.close(&made, "message_deleted").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let queue = s.mo.queue().await;
    assert_eq!(queue.len(), 1, "it stays");
    assert_eq!(
        (queue[0].state, queue[0].taken_by),
        (ReportState::Open, None)
    );
    assert_eq!(
        s.ada.close(&made, "message_deleted").await.0,
        StatusCode::OK
    );
    let (_, message) =
        s.cy.get(&format!("/chat/messages/{}", s.said.message_id))
            .await;
    assert!(!message["deleted_at"].is_null());

    let said = s.bo.send(s.room, "more").await;
    let (_, made) = s.cy.report(&said).await;
    assert_eq!(
        s.ada.close(&made, "account_disabled").await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(s.ada.close(&made, "muted").await.0, StatusCode::OK);
    let path = format!("/chat/rooms/{}/messages", s.room);
    assert_eq!(
        s.bo.post(&path, json!({ "content": "x" })).await.0,
        StatusCode::FORBIDDEN
    );
    let (_, made) = s.cy.report(&said).await;
    assert_eq!(s.ada.close(&made, "banned").await.0, StatusCode::OK);
    let (_, made) = s.cy.report(&said).await;
    assert_eq!(
        s.mo.close(&made, "account_disabled").await.0,
        StatusCode::OK
    );
    assert_eq!(s.bo.get("/chat/rooms").await.0, StatusCode::UNAUTHORIZED);
    let (_, log) = s
        .ada
        .get(&format!("/chat/rooms/{}/audit?action=report", s.room))
        .await;
    let closed = log["entries"].as_array().unwrap();
    assert_eq!(closed.len(), 4, "{log}");
    assert_eq!(closed[0]["details"]["outcome"], "account_disabled");
}

#[tokio::test]
async fn nobody_sees_what_they_are_reported_for() {
    let s = scene().await;
    let said = s.ada.send(s.room, "rules are for others").await;
    let mut hers = s.ada.socket().await;
    let (_, made) = s.cy.report(&said).await;
    let (_, of_mo) =
        s.cy.post(
            "/chat/reports",
            json!({ "user_id": s.mo.id, "kind": "other" }),
        )
        .await;
    assert_eq!(s.ada.queue().await, [], "it is her room");
    assert_eq!(s.mo.queue().await.len(), 1);
    for (who, report) in [(&s.ada, &made), (&s.mo, &of_mo)] {
        let path = format!("/chat/reports/{}", report["id"].as_str().unwrap());
        assert_eq!(who.get(&path).await.0, StatusCode::NOT_FOUND);
        assert_eq!(who.close(report, "nothing").await.0, StatusCode::NOT_FOUND);
    }
    // The next that she hears of her queue is of somebody else.
    s.cy.report(&s.said).await;
    loop {
        if let ServerFrame::Sync(sync) = hers.frame().await
            && let Some(user) = sync.user
        {
            assert_eq!(user.reports_waiting, 1);
            break;
        }
    }
    let (_, closed) = s.mo.get("/chat/reports?closed=true").await;
    assert_eq!(closed["reports"], json!([]));
}

#[tokio::test]
async fn a_report_outlives_its_room_and_keeps_no_words_of_the_erased() {
    let s = scene().await;
    let said = s.ada.send(s.room, "words of ada").await;
    let (_, made) = s.cy.report(&said).await;
    let path = format!("/chat/rooms/{}", s.room);
    let (status, _) = s.ada.ask(Method::DELETE, &path, None).await;
    assert!(status.is_success());
    let left = s.mo.queue().await;
    assert_eq!((left.len(), left[0].room_id), (1, None));
    let texts = |report: &Report| -> Vec<(String, String)> {
        let lines = report.context.iter();
        lines
            .map(|line| (line.sender_name.clone(), line.content.clone()))
            .collect()
    };
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(
        texts(&left[0]),
        [pair("bo", "buy now"), pair("ada", "words of ada")]
    );
    for (who, name, messages) in [(&s.ada, "ada", "remove"), (&s.bo, "bo", "keep")] {
        let body = json!({ "password": format!("password-{name}"), "messages": messages });
        let (status, body) = who.post("/auth/erase", body).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{body}");
    }
    let body = json!({ "password": "password-cy", "messages": "keep" });
    assert!(s.cy.post("/auth/erase", body).await.0.is_success());
    s.server.app.run_due().await.unwrap();
    let left = s.mo.queue().await;
    assert_eq!(
        texts(&left[0]),
        [pair("deleted user", "buy now"), pair("deleted user", "")]
    );
    assert_eq!(
        (left[0].words.as_str(), &*left[0].reporter_name),
        ("", "deleted user")
    );
    assert_eq!(s.mo.close(&made, "nothing").await.0, StatusCode::OK);
    let outcome = erc_server::ops::repair::check(&s.server.app.db)
        .await
        .unwrap();
    assert!(outcome.is_empty(), "{outcome:?}");
}

#[tokio::test]
async fn so_many_are_reported_a_day_and_no_more() {
    let s = scene().await;
    let mut last = None;
    for n in 0..=limit::REPORTS_PER_DAY {
        let said = s.bo.send(s.room, &format!("spam {n}")).await;
        if n < limit::REPORTS_PER_DAY {
            assert_eq!(s.cy.report(&said).await.0, StatusCode::CREATED, "{n}");
        }
        last = Some(said);
    }
    let last = last.unwrap();
    let (status, body) = s.cy.report(&last).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "limit_reached")
    );
    s.server.pass(Duration::from_hours(24));
    let cy = s.server.sign_in("cy").await;
    assert_eq!(cy.report(&last).await.0, StatusCode::CREATED);
}
