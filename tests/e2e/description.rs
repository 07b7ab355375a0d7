//! The running server against its own description: thousands of requests, good and bad, that
//! Schemathesis makes of `/openapi.json`. Nothing may fail inside the server, and no answer may be
//! one that is not told.

use std::process::Command;

use erc_tests::{rest::Person, server::TestServer};

/// What ends the session that asks, or is no plain request.
const LEFT_OUT: &str = "^(/chat/ws|/auth/logout|/auth/sessions/.*)$";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,\
                      unsupported_method,allow_header_conformance,ignored_auth";

#[tokio::test]
async fn no_request_fails_inside_the_server_and_every_answer_is_told() {
    if std::env::var_os("ERC_TEST_NO_SCHEMATHESIS").is_some() {
        return;
    }
    let server = TestServer::start();
    server.add_user_as("ada", "owner");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    ada.send(room, "hello").await;
    // So that a failure can be had again; another number looks elsewhere.
    let seed = std::env::var("ERC_SCHEMATHESIS_SEED").unwrap_or_else(|_| "1".to_owned());
    let mut command = Command::new("schemathesis");
    command
        .arg("run")
        .arg(format!("{}/openapi.json", server.url()))
        .args(["--max-time", "45", "--seed", &seed, "--checks", CHECKS])
        .args(["--exclude-path-regex", LEFT_OUT])
        .args([
            "--header",
            &format!("Authorization: Bearer {}", ada.token()),
        ])
        .current_dir(server.data());
    let run = tokio::task::spawn_blocking(move || command.output());
    let output = run
        .await
        .unwrap()
        .expect("schemathesis is installed (scripts/install test)");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "seed {seed}\n{told}");
    // It found the description, and had something to ask.
    assert!(told.contains(" passed"), "{told}");
}
