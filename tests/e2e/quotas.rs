//! A client that writes faster than the server takes.

use erc_client_core::view::Update;
use erc_tests::{
    client::Client,
    rest::Person,
    server::TestServer,
    wait::{eventually, in_time},
};

#[tokio::test]
async fn a_client_that_is_asked_to_wait_says_so_waits_and_sends_all_in_order() {
    // Of a new account's two at once.
    let server =
        TestServer::start_with(&[("ERC_RATE_LIMITS", "on"), ("ERC_RATE_QUOTAS", "send=180/6")]);
    server.add_user("ada");
    let person = Person::sign_in(&server.url(), "ada").await;
    let room = person.create_room("general").await;
    let client = Client::sign_in(&server.url(), "ada").await;
    client.live().await;
    client.room("general").await;
    let mut updates = client.account.updates();
    let texts: Vec<String> = (1..=6).map(|n| format!("message {n}")).collect();
    for text in &texts {
        client.account.send(room, text, None).await.unwrap();
    }
    let told = in_time("being asked to wait", async {
        loop {
            if let Ok(Update::Paced { room_id, seconds }) = updates.recv().await {
                return (room_id, seconds);
            }
        }
    })
    .await;
    assert_eq!(told, (room, 1));
    eventually("everything is sent", async || {
        (client.unsent(room) == 0).then_some(())
    })
    .await;
    let history = person.history(room).await;
    let sent: Vec<_> = history.iter().map(|row| row.content.clone()).collect();
    assert_eq!(sent, texts);
}
