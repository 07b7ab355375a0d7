//! What happens at one node is seen at the others.

use erc_protocol::gateway::ServerFrame;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{TestBus, on_every_bus, texts_until};

on_every_bus! {
    a_message_reaches_listeners_on_every_node_once_and_in_order,
    a_message_too_large_for_the_bus_reaches_them_all_the_same,
    somebody_who_is_added_on_one_node_hears_of_it_on_another,
    a_removed_member_stops_receiving_on_another_node,
    a_session_that_ends_on_one_node_closes_on_another_and_its_token_is_worth_nothing,
}

async fn a_message_reaches_listeners_on_every_node_once_and_in_order(bus: TestBus) {
    let nodes = bus.nodes(3).await;
    let ada = nodes[0].user("ada").await;
    let ben = nodes[1].user("ben").await;
    let cleo = nodes[2].user("cleo").await;
    let room = ada.room("general", &[&ben, &cleo]).await;
    let mut sockets = [ada.socket().await, ben.socket().await, cleo.socket().await];
    let mut expected = Vec::new();
    for n in 0..30 {
        let text = format!("message {n}");
        let sender = [&ada, &ben, &cleo][n % 3];
        sender.send(room, &text).await;
        expected.push(text);
    }
    for socket in &mut sockets {
        assert_eq!(texts_until(socket, "message 29").await, expected);
        assert!(socket.drain().await.is_empty());
    }
}

async fn a_message_too_large_for_the_bus_reaches_them_all_the_same(bus: TestBus) {
    let nodes = bus.nodes(2).await;
    let ada = nodes[0].user("ada").await;
    let ben = nodes[1].user("ben").await;
    let room = ada.room("general", &[&ben]).await;
    let mut socket = ben.socket().await;
    // Each of these takes two bytes in JSON.
    let large = "\"".repeat(16_000);
    for text in ["before", &large, "after"] {
        ada.send(room, text).await;
    }
    assert_eq!(
        texts_until(&mut socket, "after").await,
        ["before", &large, "after"]
    );
}

async fn somebody_who_is_added_on_one_node_hears_of_it_on_another(bus: TestBus) {
    let nodes = bus.nodes(2).await;
    let ada = nodes[0].user("ada").await;
    let ben = nodes[1].user("ben").await;
    let mut socket = ben.socket().await;
    let room = ada.room("general", &[&ben]).await;
    ada.send(room, "welcome").await;
    assert_eq!(texts_until(&mut socket, "welcome").await, ["welcome"]);
}

async fn a_removed_member_stops_receiving_on_another_node(bus: TestBus) {
    let nodes = bus.nodes(2).await;
    let ada = nodes[0].user("ada").await;
    let ben = nodes[1].user("ben").await;
    let (room, other) = (
        ada.room("general", &[&ben]).await,
        ada.room("other", &[&ben]).await,
    );
    let mut socket = ben.socket().await;
    ada.send(room, "before").await;
    texts_until(&mut socket, "before").await;
    let path = format!("/chat/rooms/{room}/members/{}", ben.id);
    let (status, body) = ada.ask(Method::DELETE, &path, None).await;
    assert!(status.is_success(), "{status} {body}");
    ada.send(room, "not for ben").await;
    ada.send(other, "for ben").await;
    assert_eq!(texts_until(&mut socket, "for ben").await, ["for ben"]);
    for frame in socket.drain().await {
        assert!(!matches!(frame, ServerFrame::NewMessage(_)), "{frame:?}");
    }
}

async fn a_session_that_ends_on_one_node_closes_on_another_and_its_token_is_worth_nothing(
    bus: TestBus,
) {
    let nodes = bus.nodes(2).await;
    let ada = nodes[0].user("ada").await;
    let there = ada.at(&nodes[1]);
    let mut socket = there.socket().await;
    assert_eq!(there.get("/users/me").await.0, StatusCode::OK);
    let (status, body) = ada.post("/auth/logout", json!({})).await;
    assert!(status.is_success(), "{status} {body}");
    let (frames, _) = socket.until_closed().await;
    assert!(
        frames.iter().any(|frame| matches!(frame, ServerFrame::SessionEnded(end) if end.reason == "you signed out")),
        "{frames:?}"
    );
    // The clock of the test stands still: only the bus can have told.
    assert_eq!(there.get("/users/me").await.0, StatusCode::UNAUTHORIZED);
}
