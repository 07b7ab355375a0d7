//! Signing up, signing in, staying signed in, signing out.

use erc_protocol::{
    ErrorCode,
    auth::{InviteResponse, SessionList, TokenResponse},
};
use erc_tests::{
    rest::{Person, anonymous},
    server::{PASSWORD, TestServer},
    socket::Wire,
    terminal::Terminal,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn post(server: &TestServer, path: &str, body: Value) -> erc_tests::rest::Answer {
    anonymous(&server.url(), Method::POST, path, Some(&body)).await
}

async fn refresh(server: &TestServer, token: &str) -> erc_tests::rest::Answer {
    post(server, "/auth/refresh", json!({ "refresh_token": token })).await
}

fn sign_up(name: &str) -> Value {
    json!({ "username": name, "password": PASSWORD })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_start_makes_an_owner_and_tells_the_terminal_alone_how_to_sign_in() {
    let data = tempfile::tempdir().unwrap();
    let settings = [
        ("ERC_DATA_DIR", data.path().to_str().unwrap()),
        ("ERC_LISTEN", "127.0.0.1:0"),
    ];
    let start = || Terminal::open("erc-server", &["serve"], &settings);
    let mut terminal = start();
    let screen = tokio::task::block_in_place(|| terminal.wait_for("listening on"));
    let after = |label: &str| -> String {
        let rest = screen
            .split(label)
            .nth(1)
            .unwrap_or_else(|| panic!("no {label:?}:\n{screen}"));
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let (name, password, server) = (after("user name"), after("password"), after("listening on"));
    let body = json!({ "username": name, "password": password });
    let tokens = anonymous(&server, Method::POST, "/auth/login", Some(&body))
        .await
        .read();
    let owner = Person::with_tokens(&server, tokens);
    assert_eq!(owner.get("/users/me").await.ok()["role"], "owner");
    terminal.kill();
    let again = start();
    let screen = tokio::task::block_in_place(|| again.wait_for("listening on"));
    assert!(!screen.contains("password"), "it is told once:\n{screen}");
}

#[tokio::test]
async fn an_owner_can_be_added_while_the_server_runs() {
    let server = TestServer::start();
    server.add_user_as("second", "owner");
    let owner = Person::sign_in(&server.url(), "second").await;
    let me = owner.get("/users/me").await.ok();
    assert_eq!(
        (&me["username"], &me["role"]),
        (&json!("second"), &json!("owner"))
    );
}

#[tokio::test]
async fn signing_in_takes_json_and_the_form_of_oauth2() {
    let server = TestServer::start();
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    assert_eq!(ada.tokens.token_type, "bearer");
    assert!(ada.tokens.expires_in > 0);
    let form = format!(
        "grant_type=password&username=ada&password={}",
        PASSWORD.replace(' ', "+")
    );
    let answer = ada
        .raw(
            Method::POST,
            "/auth/login",
            "application/x-www-form-urlencoded",
            form.into(),
        )
        .await;
    let tokens: TokenResponse = answer.read();
    assert_eq!(tokens.user.username, "ada");
    assert_ne!(tokens.session_id, ada.tokens.session_id, "one session each");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_answered_alike() {
    let server = TestServer::start();
    server.add_user("ada");
    let mut said = Vec::new();
    for name in ["ada", "nobody", "", "\u{0}", "a\u{1b}[2J"] {
        let body = json!({ "username": name, "password": "wrong wrong" });
        let refusal = post(&server, "/auth/login", body)
            .await
            .refused(ErrorCode::InvalidCredentials);
        said.push(refusal.message);
    }
    said.dedup();
    assert_eq!(said.len(), 1, "the answer tells who exists: {said:?}");
}

#[tokio::test]
async fn a_refresh_replaces_both_tokens() {
    let server = TestServer::start();
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let fresh: TokenResponse = refresh(&server, &ada.tokens.refresh_token).await.read();
    assert_ne!(fresh.refresh_token, ada.tokens.refresh_token);
    assert_eq!(fresh.session_id, ada.tokens.session_id);
    let ada = Person::with_tokens(&server.url(), fresh);
    ada.get("/users/me").await.ok();
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_can_be_repeated() {
    let server = TestServer::start();
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    ada.get("/users/me").await.ok();
    let _lost: TokenResponse = refresh(&server, &ada.tokens.refresh_token).await.read();
    let second: TokenResponse = refresh(&server, &ada.tokens.refresh_token).await.read();
    let ada = Person::with_tokens(&server.url(), second);
    ada.get("/users/me").await.ok();
}

#[tokio::test]
async fn a_stolen_refresh_token_ends_the_session_for_both() {
    let server = TestServer::start();
    server.add_user("ada");
    let thief = Person::sign_in(&server.url(), "ada").await;
    let owner: TokenResponse = refresh(&server, &thief.tokens.refresh_token).await.read();
    let owner = Person::with_tokens(&server.url(), owner);
    // The newer token is seen, so its owner got it: whoever still has the old one stole it.
    owner.get("/users/me").await.ok();
    let wire = Wire::brief(&owner).await;
    refresh(&server, &thief.tokens.refresh_token)
        .await
        .refused(ErrorCode::SessionEnded);
    wire.closed().await;
    refresh(&server, &owner.tokens.refresh_token)
        .await
        .refused(ErrorCode::SessionEnded);
    let refusal = owner
        .get("/users/me")
        .await
        .refused(ErrorCode::SessionEnded);
    assert!(!refusal.message.is_empty());
    // Signing in again is all it takes.
    Person::sign_in(&server.url(), "ada").await;
}

#[tokio::test]
async fn signing_out_ends_this_session_alone_and_at_once() {
    let server = TestServer::start();
    server.add_user("ada");
    let laptop = Person::sign_in(&server.url(), "ada").await;
    let phone = Person::sign_in(&server.url(), "ada").await;
    let wire = Wire::brief(&phone).await;
    let sessions: SessionList = laptop.get("/auth/sessions").await.read();
    assert_eq!(sessions.sessions.len(), 2);
    assert_eq!(sessions.sessions.iter().filter(|s| s.is_current).count(), 1);
    phone.post("/auth/logout", &json!({})).await.ok();
    wire.closed().await;
    phone
        .get("/users/me")
        .await
        .refused(ErrorCode::SessionEnded);
    refresh(&server, &phone.tokens.refresh_token)
        .await
        .refused(ErrorCode::SessionEnded);
    let sessions: SessionList = laptop.get("/auth/sessions").await.read();
    assert_eq!(sessions.sessions.len(), 1);
    laptop.get("/users/me").await.ok();
}

#[tokio::test]
async fn a_session_can_be_ended_from_another_and_not_by_somebody_else() {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("bo");
    let laptop = Person::sign_in(&server.url(), "ada").await;
    let lost = Person::sign_in(&server.url(), "ada").await;
    let bo = Person::sign_in(&server.url(), "bo").await;
    let path = format!("/auth/sessions/{}", lost.tokens.session_id);
    bo.delete(&path).await.refused(ErrorCode::NotFound);
    lost.get("/users/me").await.ok();
    laptop.delete(&path).await.ok();
    lost.get("/users/me").await.refused(ErrorCode::SessionEnded);
}

#[tokio::test]
async fn an_open_server_lets_people_sign_up_once_each() {
    let server = TestServer::start_with(&[("ERC_REGISTRATION", "open")]);
    let settings = anonymous(&server.url(), Method::GET, "/auth/settings", None)
        .await
        .ok();
    assert_eq!(settings["registration"], "open");
    let tokens: TokenResponse = post(&server, "/auth/register", sign_up("Ada")).await.read();
    assert_eq!(tokens.user.username, "ada", "names are lower case");
    post(&server, "/auth/register", sign_up("ada"))
        .await
        .refused(ErrorCode::UsernameTaken);
}

#[tokio::test]
async fn a_closed_server_takes_nobody() {
    let server = TestServer::start_with(&[("ERC_REGISTRATION", "closed")]);
    post(&server, "/auth/register", sign_up("ada"))
        .await
        .refused(ErrorCode::RegistrationClosed);
}

#[tokio::test]
async fn an_invite_lets_in_as_many_as_it_says() {
    let server = TestServer::start_with(&[("ERC_REGISTRATION", "invite")]);
    server.add_user_as("boss", "admin");
    server.add_user("member");
    let boss = Person::sign_in(&server.url(), "boss").await;
    let member = Person::sign_in(&server.url(), "member").await;
    member
        .post("/auth/invites", &json!({}))
        .await
        .refused(ErrorCode::Forbidden);
    let invite: InviteResponse = boss
        .post("/auth/invites", &json!({ "uses": 2 }))
        .await
        .read();
    let with = |name: &str, code: &str| {
        let mut body = sign_up(name);
        body["invite"] = code.into();
        body
    };
    post(&server, "/auth/register", sign_up("ada"))
        .await
        .refused(ErrorCode::InvalidInvite);
    post(&server, "/auth/register", with("ada", "made-up"))
        .await
        .refused(ErrorCode::InvalidInvite);
    // A name that is refused does not use the invite up.
    post(&server, "/auth/register", with("_", &invite.code))
        .await
        .refused(ErrorCode::ValidationFailed);
    post(&server, "/auth/register", with("ada", &invite.code))
        .await
        .ok();
    post(&server, "/auth/register", with("bo", &invite.code))
        .await
        .ok();
    post(&server, "/auth/register", with("cleo", &invite.code))
        .await
        .refused(ErrorCode::InvalidInvite);
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down_and_says_for_how_long() {
    let server = TestServer::start_with(&[("ERC_RATE_LIMITS", "on")]);
    server.add_user("ada");
    let body = json!({ "username": "ada", "password": "wrong wrong" });
    let mut limited = None;
    for _ in 0..200 {
        let answer = post(&server, "/auth/login", body.clone()).await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
        answer.refused(ErrorCode::InvalidCredentials);
    }
    let answer = limited.expect("two hundred guesses in a row pass unhindered");
    let header = answer.retry_after.clone().expect("Retry-After");
    let refusal = answer.refused(ErrorCode::RateLimited);
    assert_eq!(
        refusal.retry_after,
        header.parse().ok(),
        "both say the same"
    );
    // The right password has to wait too, or the limit would tell when it was found.
    post(&server, "/auth/login", sign_up("ada"))
        .await
        .refused(ErrorCode::RateLimited);
}

#[tokio::test]
async fn signing_up_names_all_wrong_fields_at_once() {
    let server = TestServer::start_with(&[("ERC_REGISTRATION", "open")]);
    let refusal = post(
        &server,
        "/auth/register",
        json!({ "username": "_", "password": "short", "display_name": "\u{202e}" }),
    )
    .await
    .refused(ErrorCode::ValidationFailed);
    let fields = refusal.details.expect("details").fields;
    let names: Vec<_> = fields.keys().map(String::as_str).collect();
    assert_eq!(names, ["display_name", "password", "username"]);
}

#[tokio::test]
async fn a_display_name_is_changed_for_everybody() {
    let server = TestServer::start();
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    ada.put("/users/me", &json!({ "display_name": "Ada Lovelace" }))
        .await
        .ok();
    assert_eq!(
        ada.get("/users/me").await.ok()["display_name"],
        "Ada Lovelace"
    );
    for name in ["", "\u{1b}[31mred", "x\u{202e}y", "two\nlines"] {
        ada.put("/users/me", &json!({ "display_name": name }))
            .await
            .refused(ErrorCode::ValidationFailed);
    }
}
