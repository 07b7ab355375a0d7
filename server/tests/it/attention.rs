//! What rings for a user: kept for all their devices, seen by nobody else.

use erc_protocol::attention::Weekday;
use erc_protocol::gateway::ServerFrame;
use erc_protocol::sync::UserSync;
use erc_protocol::{Attention, Level, Row, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Server, Socket, code};

/// What the next frame tells of the user's own.
async fn told(socket: &mut Socket) -> UserSync {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await
            && let Some(user) = sync.user
        {
            return user;
        }
    }
}

#[tokio::test]
async fn the_level_of_a_room_is_the_same_on_all_devices_and_stays_when_one_leaves() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let mut phone = server.sign_in("bo").await.socket().await;
    let mut other = ada.socket().await;
    let path = format!("/chat/rooms/{room}/attention");
    let put = async |body| bo.ask(Method::PUT, &path, Some(body)).await;

    let (status, place) = put(json!({ "level": "none" })).await;
    assert_eq!(status, StatusCode::OK, "{place}");
    assert_eq!(place["level"], "none");
    let Some(Row::Known(row)) = told(&mut phone).await.rooms.into_iter().next() else {
        panic!("it is told");
    };
    assert_eq!((row.level, row.hushed_until), (Level::Nothing, None));

    put(json!({ "hushed_until": Timestamp::NEVER })).await;
    let Some(Row::Known(row)) = told(&mut phone).await.rooms.into_iter().next() else {
        panic!("it is told");
    };
    assert_eq!(row.level, Level::Nothing, "what is absent stays");
    // On the wire, what has no end is the last moment that can be written.
    let never = serde_json::to_value(Timestamp::NEVER).unwrap();
    let never: Timestamp = serde_json::from_value(never).unwrap();
    assert_eq!(row.hushed_until, Some(never));

    // A moment that is past ends it; saying the same again is no change.
    let (_, over) = put(json!({ "hushed_until": "2020-01-01T00:00:00Z", "level": "all" })).await;
    assert_eq!(over.get("hushed_until"), None);
    let (_, again) = put(json!({ "level": "all" })).await;
    assert_eq!(over, again);

    let members = format!("/chat/rooms/{room}/members");
    bo.ask(Method::DELETE, &format!("{members}/{}", bo.id), None)
        .await;
    let (status, body) = put(json!({ "level": "usual" })).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    let member = format!("{members}/{}", bo.id);
    let (status, body) = ada.post(&member, json!({})).await;
    assert!(status.is_success(), "{body}");
    let (_, back) = put(json!({})).await;
    assert_eq!(back["level"], "all");
    for frame in other.drain().await {
        let text = serde_json::to_string(&frame).unwrap();
        assert!(
            !text.contains("hushed") && !text.contains("level"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn keywords_and_hours_of_quiet_are_the_same_on_all_devices() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut phone = server.sign_in("ada").await.socket().await;
    let put = async |body| {
        ada.ask(Method::PUT, "/users/me/attention", Some(body))
            .await
    };

    let (status, kept) = put(json!({ "keywords": [" Deploy", "deploy"] })).await;
    assert_eq!(status, StatusCode::OK, "{kept}");
    let hours = json!({
        "time_zone": "Europe/Berlin",
        "spans": [{ "days": ["sunday", "saturday"], "from": "22:00", "to": "9:00" }],
    });
    let (status, kept) = put(json!({ "quiet_hours": hours })).await;
    assert_eq!(status, StatusCode::OK, "{kept}");
    let kept: Attention = serde_json::from_value(kept).unwrap();
    assert_eq!(kept.keywords, ["deploy"], "what is absent stays");
    assert_eq!(
        kept.quiet_hours.spans[0].days,
        [Weekday::Saturday, Weekday::Sunday]
    );
    loop {
        if let Some(Row::Known(told)) = told(&mut phone).await.attention
            && told == kept
        {
            break;
        }
    }
    let (_, read) = ada.get("/users/me/attention").await;
    assert_eq!(read, serde_json::to_value(&kept).unwrap());
    let bo = server.user("bo").await;
    let (_, none) = bo.get("/users/me/attention").await;
    assert_eq!(none, json!({ "user_rev": 0 }), "they are hers alone");

    for wrong in [
        json!({ "keywords": [""] }),
        json!({ "quiet_hours": { "time_zone": "Nowhere", "spans": hours["spans"] } }),
        json!({ "quiet_hours": { "time_zone": "UTC", "spans": [{ "days": [], "from": "1:00", "to": "2:00" }] } }),
    ] {
        let (_, body) = put(wrong).await;
        assert_eq!(code(&body), "validation_failed");
    }
    let none = json!({ "keywords": [], "quiet_hours": { "time_zone": "", "spans": [] } });
    let (_, none) = put(none).await;
    let none: Attention = serde_json::from_value(none).unwrap();
    assert!(none.keywords.is_empty() && none.quiet_hours.is_never());
}
