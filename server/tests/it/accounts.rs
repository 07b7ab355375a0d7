//! Signing up, signing in, staying signed in, and no longer.

use std::time::Duration;

use erc_protocol::auth::Registration;
use erc_protocol::gateway::ServerFrame;
use erc_protocol::{ServerRole, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, code, request};

async fn post(server: &Server, path: &str, body: Value) -> (StatusCode, Value) {
    request(&server.url, Method::POST, path, None, Some(body)).await
}

async fn refresh(server: &Server, token: &str) -> (StatusCode, Value) {
    post(server, "/auth/refresh", json!({ "refresh_token": token })).await
}

#[tokio::test]
async fn whoever_may_signs_up_and_is_signed_in() {
    let server = Server::start().await;
    let body = json!({ "username": "Ada", "password": "password-ada", "display_name": "Ada L." });
    let (status, tokens) = post(&server, "/auth/register", body).await;
    assert_eq!(status, StatusCode::CREATED, "{tokens}");
    assert_eq!(tokens["token_type"], "bearer");
    assert_eq!(tokens["expires_in"], 900);
    assert_eq!(tokens["user"]["username"], "ada");
    let token = tokens["access_token"].as_str();
    let (status, me) = request(&server.url, Method::GET, "/users/me", token, None).await;
    assert_eq!(
        (status, me["display_name"].as_str()),
        (StatusCode::OK, Some("Ada L."))
    );
}

#[tokio::test]
async fn a_taken_name_and_bad_fields_are_told_all_at_once() {
    let server = Server::start().await;
    server.user("ada").await;
    let (status, body) = post(
        &server,
        "/auth/register",
        json!({ "username": "ADA", "password": "password-x" }),
    )
    .await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "username_taken")
    );
    let bad = json!({ "username": "!", "password": "short", "display_name": "\u{202e}" });
    let (status, body) = post(&server, "/auth/register", bad).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed")
    );
    let fields = body["error"]["details"]["fields"].as_object().unwrap();
    let names: Vec<_> = fields.keys().collect();
    assert_eq!(names, ["display_name", "password", "username"]);
}

#[tokio::test]
async fn a_closed_server_takes_nobody_and_an_invite_lets_one_in() {
    let closed = Server::start_with(|config| config.registration = Registration::Closed).await;
    let ada = json!({ "username": "ada", "password": "password-ada" });
    let (status, body) = post(&closed, "/auth/register", ada.clone()).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::FORBIDDEN, "registration_closed")
    );

    let server = Server::start_with(|config| config.registration = Registration::Invite).await;
    let admin = server.user_with("root", ServerRole::Admin).await;
    let (status, body) = post(&server, "/auth/register", ada.clone()).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::FORBIDDEN, "invalid_invite")
    );
    let (status, invite) = admin.post("/auth/invites", json!({ "uses": 1 })).await;
    assert_eq!(status, StatusCode::CREATED, "{invite}");
    let with = |name: &str| json!({ "username": name, "password": "password-x", "invite": invite["code"] });
    assert_eq!(
        post(&server, "/auth/register", with("ada")).await.0,
        StatusCode::CREATED
    );
    let (status, body) = post(&server, "/auth/register", with("bo")).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::FORBIDDEN, "invalid_invite")
    );
}

#[tokio::test]
async fn an_invite_runs_out_and_only_administrators_make_them() {
    let server = Server::start_with(|config| config.registration = Registration::Invite).await;
    let admin = server.user_with("root", ServerRole::Admin).await;
    let member = server.user("bo").await;
    let (status, body) = member.post("/auth/invites", json!({})).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    let (_, invite) = admin
        .post("/auth/invites", json!({ "valid_hours": 1 }))
        .await;
    server.pass(Duration::from_hours(1));
    let body = json!({ "username": "eve", "password": "password-eve", "invite": invite["code"] });
    assert_eq!(
        post(&server, "/auth/register", body).await.0,
        StatusCode::FORBIDDEN
    );
    for (uses, hours) in [(0, 1), (10_001, 1), (1, 0), (1, 8_761)] {
        // The admin's access token has run out with the hour.
        let admin = server.sign_in("root").await;
        let body = json!({ "uses": uses, "valid_hours": hours });
        let (status, _) = admin.post("/auth/invites", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_refused_name_does_not_use_up_the_invite() {
    let server = Server::start_with(|config| config.registration = Registration::Invite).await;
    let admin = server.user_with("root", ServerRole::Admin).await;
    let (_, invite) = admin.post("/auth/invites", json!({})).await;
    let with = |name: &str| json!({ "username": name, "password": "password-x", "invite": invite["code"] });
    assert_eq!(
        post(&server, "/auth/register", with("root")).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(
        post(&server, "/auth/register", with("ada")).await.0,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let server = Server::start().await;
    server.user("ada").await;
    let wrong = post(
        &server,
        "/auth/login",
        json!({ "username": "ada", "password": "wrong-password" }),
    )
    .await;
    let unknown = post(
        &server,
        "/auth/login",
        json!({ "username": "eve", "password": "wrong-password" }),
    )
    .await;
    assert_eq!(wrong, unknown);
    assert_eq!(
        (wrong.0, code(&wrong.1)),
        (StatusCode::UNAUTHORIZED, "invalid_credentials")
    );
}

#[tokio::test]
async fn the_form_of_the_password_flow_signs_in_as_well() {
    let server = Server::start().await;
    server.user("ada").await;
    let response = reqwest::Client::new()
        .post(format!("{}/auth/login", server.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=password&username=ada&password=password-ada")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_guesser_is_told_to_wait() {
    let server = Server::start_with(|config| config.rate_limits = true).await;
    let body = json!({ "username": "ada", "password": "wrong-password" });
    for _ in 0..10 {
        let (status, _) = post(&server, "/auth/login", body.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let response = reqwest::Client::new()
        .post(format!("{}/auth/login", server.url))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(code(&body), "rate_limited");
    assert_eq!(body["error"]["retry_after"], wait);
}

#[tokio::test]
async fn an_access_token_runs_out_and_a_refresh_goes_on() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    server.pass(Duration::from_mins(15));
    let (status, body) = ada.get("/users/me").await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNAUTHORIZED, "invalid_token")
    );
    let (status, tokens) = refresh(&server, &ada.tokens.refresh_token).await;
    assert_eq!(status, StatusCode::OK);
    let token = tokens["access_token"].as_str();
    let (status, _) = request(&server.url, Method::GET, "/users/me", token, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(tokens["session_id"], json!(ada.tokens.session_id));
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_the_session_and_its_socket() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut socket = ada.socket().await;
    let (_, tokens) = refresh(&server, &ada.tokens.refresh_token).await;
    // Its owner has the answer: the new access token was seen.
    let fresh = tokens["access_token"].as_str();
    request(&server.url, Method::GET, "/users/me", fresh, None).await;
    let (status, body) = refresh(&server, &ada.tokens.refresh_token).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNAUTHORIZED, "session_ended")
    );
    let (frames, _) = socket.until_closed().await;
    assert!(
        matches!(frames.last(), Some(ServerFrame::SessionEnded(_))),
        "{frames:?}"
    );
    let (status, body) = request(&server.url, Method::GET, "/users/me", fresh, None).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNAUTHORIZED, "session_ended")
    );
    let (status, _) = refresh(&server, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_lost_answer_to_a_refresh_signs_nobody_out() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    ada.get("/users/me").await;
    for _ in 0..3 {
        let (status, _) = refresh(&server, &ada.tokens.refresh_token).await;
        assert_eq!(status, StatusCode::OK);
    }
    server.pass(Duration::from_hours(24));
    let (status, tokens) = refresh(&server, &ada.tokens.refresh_token).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
}

#[tokio::test]
async fn sessions_are_listed_and_one_ends_the_other_at_once() {
    let server = Server::start().await;
    let laptop = server.user("ada").await;
    let phone = server.sign_in("ada").await;
    let mut socket = phone.socket().await;
    let (_, list) = laptop.get("/auth/sessions").await;
    let sessions = list["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(
        sessions.iter().filter(|s| s["is_current"] == true).count(),
        1
    );
    let path = format!("/auth/sessions/{}", phone.tokens.session_id);
    assert_eq!(
        laptop.ask(Method::DELETE, &path, None).await.0,
        StatusCode::NO_CONTENT
    );
    let (frames, _) = socket.until_closed().await;
    assert!(matches!(frames.last(), Some(ServerFrame::SessionEnded(_))));
    assert_eq!(code(&phone.get("/users/me").await.1), "session_ended");
    assert_eq!(laptop.get("/users/me").await.0, StatusCode::OK);
}

#[tokio::test]
async fn nobody_ends_the_session_of_another() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let path = format!("/auth/sessions/{}", ada.tokens.session_id);
    assert_eq!(
        bo.ask(Method::DELETE, &path, None).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(ada.get("/users/me").await.0, StatusCode::OK);
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    assert_eq!(
        ada.ask(Method::POST, "/auth/logout", None).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(code(&ada.get("/users/me").await.1), "session_ended");
    let (status, _) = refresh(&server, &ada.tokens.refresh_token).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn past_the_cap_the_oldest_session_ends() {
    let server = Server::start().await;
    let oldest = server.user("ada").await;
    let mut others: Vec<Person> = Vec::new();
    for _ in 0..limit::SESSIONS_PER_USER {
        server.pass(Duration::from_secs(1));
        others.push(server.sign_in("ada").await);
    }
    assert_eq!(code(&oldest.get("/users/me").await.1), "session_ended");
    assert_eq!(others[0].get("/users/me").await.0, StatusCode::OK);
    let (_, list) = others[0].get("/auth/sessions").await;
    assert_eq!(
        list["sessions"].as_array().unwrap().len() as i64,
        limit::SESSIONS_PER_USER
    );
}

#[tokio::test]
async fn a_new_password_signs_out_everywhere() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let app = &server.app;
    erc_server::ops::accounts::set_password(app, "ada", "another-password")
        .await
        .unwrap();
    assert_eq!(code(&ada.get("/users/me").await.1), "session_ended");
    let (status, _) = post(
        &server,
        "/auth/login",
        json!({ "username": "ada", "password": "password-ada" }),
    )
    .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}
