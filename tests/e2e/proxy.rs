//! The server behind nginx, with the configuration that `deploy/` ships.

use erc_tests::{
    client::Client,
    nginx::Nginx,
    rest::{Person, anonymous},
    server::TestServer,
    socket::Wire,
};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx_people_chat_and_guessers_are_told_apart() {
    let server = TestServer::start_with(&[("ERC_TRUST_PROXY", "true"), ("ERC_RATE_LIMITS", "on")]);
    server.add_user("ada");
    server.add_user("bo");
    let Some(nginx) = Nginx::before(&[server.port()]) else {
        return;
    };
    let url = nginx.url();
    let ada = Person::sign_in(&url, "ada").await;
    let room = ada.create_room("general").await;
    let bo = Client::sign_in(&url, "bo").await;
    bo.live().await;
    bo.account.join_room(room).await.unwrap();
    bo.room("general").await;
    let mut wire = Wire::brief(&ada).await;
    bo.account
        .send(room, "through the proxy", None)
        .await
        .unwrap();
    assert_eq!(wire.message().await.content, "through the proxy");
    // Somebody guesses from this address; that a client claims another one changes nothing.
    let guess = json!({ "username": "ada", "password": "wrong wrong" });
    let mut status = 0;
    for _ in 0..100 {
        let answer = anonymous(&url, Method::POST, "/auth/login", Some(&guess)).await;
        status = answer.status;
        if status == 429 {
            break;
        }
    }
    assert_eq!(status, 429);
    let log = nginx.log();
    assert!(log.contains("/auth/login"), "nginx wrote its log");
    assert!(!log.contains("token="), "a token stands in the proxy's log");
}
