//! What an operator sees of a server: figures, readiness, and a log that says which request did
//! what and tells nobody's secrets.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use erc_protocol::RoomId;
use erc_protocol::gateway::ServerFrame;
use erc_protocol::gateway::client::Hello;
use erc_protocol::gateway::{ClientFrame, ServerPacket};
use erc_server::slow::Slow;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use tracing::Dispatch;
use tracing_subscriber::EnvFilter;

use super::harness::{PATIENCE, Server, request};

/// The page of figures, over HTTP.
pub(crate) async fn page(server: &Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = server.app.clone();
    let serving = tokio::spawn(erc_server::http::serve_metrics(app, listener));
    let response = reqwest::get(format!("{url}/metrics")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let page = response.text().await.unwrap();
    serving.abort();
    page
}

/// The value of a sample, a whole number; 0 if nothing happened that it tells.
fn figure(page: &str, sample: &str) -> usize {
    let value = page
        .lines()
        .find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    value.map_or(0, |value| {
        let whole = value.strip_suffix(".0").unwrap_or(value);
        whole.parse().unwrap()
    })
}

/// Looks until the figure is so.
async fn until(server: &Server, sample: &str, value: usize) {
    let waiting = async {
        while figure(&page(server).await, sample) != value {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let came = tokio::time::timeout(PATIENCE, waiting).await;
    let page = page(server).await;
    assert!(came.is_ok(), "{sample} is not {value}:\n{page}");
}

/// The frame that sends this.
fn message(id: u64, room: RoomId, content: &str) -> String {
    let data = json!({ "room_id": room, "content": content });
    json!({ "type": "send_message", "id": id, "data": data }).to_string()
}

/// Somebody signs in, writes over HTTP and a socket, is refused, and goes.
pub(crate) async fn live(server: &Server) {
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    ada.send(room, "over HTTP").await;
    let mut socket = ada.socket().await;
    socket.text(&message(7, room, "by socket")).await;
    assert!(matches!(socket.answer(7).await, ServerFrame::Ack(_)));
    socket.text(&message(8, RoomId(999), "nowhere")).await;
    assert!(matches!(socket.answer(8).await, ServerFrame::Error(_)));
    socket.close().await;
    server.connections(0).await;
    let (status, _) = ada.get("/chat/rooms/999").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn figures_tell_what_happened() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let before = page(&server).await;
    assert_eq!(figure(&before, "erc_messages_committed_total"), 0);
    ada.send(room, "one").await;
    ada.send(room, "two").await;
    let sent =
        r#"erc_http_requests_total{method="POST",route="/chat/rooms/{id}/messages",status="201"}"#;
    until(&server, "erc_messages_committed_total", 2).await;
    until(&server, sent, 2).await;

    let mut socket = ada.socket().await;
    socket.drain().await;
    let inside = page(&server).await;
    assert_eq!(figure(&inside, "erc_connections"), 1);
    assert_eq!(figure(&inside, "erc_users_connected"), 1);
    assert_eq!(figure(&inside, "erc_rooms_listened"), 1);
    assert_eq!(figure(&inside, "erc_sockets_opened_total"), 1);
    // The hello and the ping.
    assert_eq!(figure(&inside, "erc_socket_frames_read_total"), 2);
    let batches = r#"erc_catch_up_batches_total{kind="whole"}"#;
    assert_eq!(figure(&inside, batches), 1);
    let written = figure(&inside, "erc_socket_frames_written_total");
    assert!(written >= 4, "{written} frames for a hello and a ping");

    ada.send(room, "three").await;
    let frame = socket.frame().await;
    let bytes = ServerPacket::from(frame).encode().len();
    until(&server, "erc_socket_frames_written_total", written + 1).await;
    let after = page(&server).await;
    let more = figure(&after, "erc_socket_bytes_written_total")
        - figure(&inside, "erc_socket_bytes_written_total");
    // The text and a header of 4 bytes.
    assert_eq!(more, bytes + 4);

    socket
        .text(r#"{"type":"mark_read","id":3,"data":{"room_id":999,"seq":1}}"#)
        .await;
    socket.answer(3).await;
    until(&server, r#"erc_errors_total{code="not_found"}"#, 1).await;
    ada.get("/chat/rooms/999").await;
    until(&server, r#"erc_errors_total{code="not_found"}"#, 2).await;
    socket.close().await;
    until(&server, r#"erc_sockets_closed_total{reason="closed"}"#, 1).await;
    until(&server, "erc_connections", 0).await;
    until(&server, "erc_commits_failed_total", 0).await;
    assert_eq!(
        figure(&after, "erc_commit_operations_sum"),
        figure(&after, "erc_commit_operations_count")
    );
}

#[tokio::test]
async fn figures_are_only_on_their_own_listener() {
    let server = Server::start().await;
    let (status, _) = request(&server.url, Method::GET, "/metrics", None, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(server.app.config.metrics_listen.is_none());
}

#[tokio::test]
async fn what_clients_invent_makes_no_new_figures() {
    let server = Server::start().await;
    for n in 0..20 {
        let path = format!("/nothing/{n}");
        let method = Method::from_bytes(format!("X{n}").as_bytes()).unwrap();
        request(&server.url, method, &path, None, None).await;
    }
    let sample = r#"erc_http_requests_total{method="other",route="none",status="404"}"#;
    until(&server, sample, 20).await;
    let page = page(&server).await;
    let rows = page
        .lines()
        .filter(|line| line.starts_with("erc_http_requests_total"));
    assert_eq!(rows.count(), 1, "{page}");
}

#[tokio::test]
async fn a_server_that_cannot_work_is_not_ready() {
    let server = Server::start().await;
    let ready = || request(&server.url, Method::GET, "/readyz", None, None);
    assert_eq!(ready().await.0, StatusCode::OK);
    let files = server.app.config.data_dir.join("files");
    std::fs::rename(&files, files.with_extension("away")).unwrap();
    let (status, body) = ready().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        (&body["files"], &body["database"]),
        (&json!(false), &json!(true))
    );
    std::fs::rename(files.with_extension("away"), &files).unwrap();
    assert_eq!(ready().await.0, StatusCode::OK);
    server.app.db.close().await;
    let (status, body) = ready().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        (&body["ready"], &body["database"]),
        (&json!(false), &json!(false))
    );
    let (status, _) = request(&server.url, Method::GET, "/healthz", None, None).await;
    assert_eq!(status, StatusCode::OK, "alive it is");
}

/// Asked over a connection that was there before: new ones are refused then.
#[tokio::test]
async fn a_server_that_stops_is_not_ready() {
    let server = Server::start().await;
    let router = erc_server::http::router(server.app.clone());
    let ready = async || {
        let question = Request::get("/readyz").body(Body::empty()).unwrap();
        router.clone().oneshot(question).await.unwrap().status()
    };
    assert_eq!(ready().await, StatusCode::OK);
    server.app.lifecycle.drain();
    assert_eq!(ready().await, StatusCode::SERVICE_UNAVAILABLE);
}

/// What is logged on this test's thread while it is held.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Begins to listen. The test's own client is left out, for it knows the secrets.
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        // While there is only one, places that other tests' threads reach first are asked of
        // those threads, where nobody listens, and then are silent for all.
        static ANOTHER: LazyLock<Dispatch> =
            LazyLock::new(|| Dispatch::new(tracing_subscriber::registry()));
        LazyLock::force(&ANOTHER);
        let filter = "trace,tungstenite=off,tokio_tungstenite=off,reqwest=off,\
                      hyper_util::client=off,hyper::client=off";
        let log = self.clone();
        let logs = tracing_subscriber::fmt()
            .json()
            .with_env_filter(EnvFilter::new(filter))
            .with_writer(move || log.clone());
        tracing::subscriber::set_default(logs.finish())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A run with everything that knows a secret, at the most talkative level.
#[tokio::test]
async fn no_secret_and_nothing_that_people_write_is_in_the_log() {
    let log = Log::default();
    let _listening = log.listen();
    let server = Server::start_with(|config| config.slow = Slow(Some(Duration::ZERO))).await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    ada.send(room, "the cat is in the bag").await;
    let mut plain = ada.plain_socket().await;
    plain.text(&message(1, room, "a dog")).await;
    assert!(matches!(plain.answer(1).await, ServerFrame::Ack(_)));
    let mut socket = ada.socket().await;
    socket.say(ClientFrame::Hello(Hello::default())).await;
    socket.text("{ not JSON, a parrot").await;
    socket.drain().await;
    let wrong = json!({ "username": "ada", "password": "not-my-word-today" });
    request(&server.url, Method::POST, "/auth/login", None, Some(wrong)).await;
    let body = json!({ "refresh_token": ada.tokens.refresh_token });
    let (status, fresh) =
        request(&server.url, Method::POST, "/auth/refresh", None, Some(body)).await;
    assert_eq!(status, StatusCode::OK, "{fresh}");
    let path = format!("/chat/ws?token={}", ada.tokens.access_token);
    request(&server.url, Method::GET, &path, None, None).await;
    // Used twice: that is worth a line.
    let body = json!({ "refresh_token": ada.tokens.refresh_token });
    server.pass(Duration::from_hours(1));
    request(&server.url, Method::POST, "/auth/refresh", None, Some(body)).await;

    let told = log.text();
    assert!(
        told.contains("a slow request") && told.contains("a slow transaction"),
        "{told}"
    );
    assert!(told.contains("a slow catch-up"), "{told}");
    let secrets = [
        ada.tokens.access_token.as_str(),
        ada.tokens.access_token.rsplit('.').next().unwrap(),
        ada.tokens.refresh_token.as_str(),
        fresh["access_token"].as_str().unwrap(),
        fresh["refresh_token"].as_str().unwrap(),
        "password-ada",
        "not-my-word-today",
        "the cat is in the bag",
        "a dog",
        "a parrot",
    ];
    for secret in secrets {
        let line = told.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} in {line:?}");
    }
}

#[tokio::test]
async fn each_request_has_a_name_that_stands_in_its_answer_and_its_lines() {
    let log = Log::default();
    let _listening = log.listen();
    let server = Server::start_with(|config| config.slow = Slow(Some(Duration::ZERO))).await;
    let ask = async |id: Option<&str>| {
        let mut request = reqwest::Client::new().get(format!("{}/chat/rooms/5", server.url));
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        let response = request.send().await.unwrap();
        response.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let (first, second) = (ask(None).await, ask(Some("chosen-by-a-client")).await);
    assert_ne!(first, second);
    assert_ne!(
        second, "chosen-by-a-client",
        "nobody is trusted but a proxy"
    );
    for id in [&first, &second] {
        let told = log.text();
        let lines: Vec<_> = told
            .lines()
            .filter(|line| line.contains(id.as_str()))
            .collect();
        let slow = lines.iter().find(|line| line.contains("a slow request"));
        let line: serde_json::Value = serde_json::from_str(slow.unwrap()).unwrap();
        assert_eq!(line["span"]["route"], "/chat/rooms/{id}");
        assert_eq!(line["fields"]["status"], 401);
    }
}

/// What an operation says while it is committed, and what a socket says, name their request too.
#[tokio::test]
async fn lines_of_the_committer_and_of_sockets_name_the_request_that_caused_them() {
    let log = Log::default();
    let _listening = log.listen();
    let server = Server::start_with(|config| config.slow = Slow(Some(Duration::ZERO))).await;
    let ada = server.user("ada").await;
    ada.room("general", &[]).await;
    let mut socket = ada.socket().await;
    socket.drain().await;
    let url = format!("{}/auth/refresh", server.url);
    let body = json!({ "refresh_token": ada.tokens.refresh_token });
    let refresh = async || {
        let request = reqwest::Client::new().post(&url).json(&body);
        let response = request.send().await.unwrap();
        let id = response.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        (id, response)
    };
    let fresh: serde_json::Value = refresh().await.1.json().await.unwrap();
    let token = fresh["access_token"].as_str().unwrap();
    request(&server.url, Method::GET, "/users/me", Some(token), None).await;
    server.pass(Duration::from_hours(1));
    let (id, _) = refresh().await;
    let told = log.text();
    let line = |what: &str| {
        let line = told.lines().find(|line| line.contains(what));
        let line = line.unwrap_or_else(|| panic!("no {what}: {told}"));
        serde_json::from_str::<serde_json::Value>(line).unwrap()
    };
    let names = |line: &serde_json::Value| -> Vec<serde_json::Value> {
        let spans = line["spans"].as_array().unwrap();
        spans.iter().map(|span| span["id"].clone()).collect()
    };
    assert!(names(&line("used twice")).contains(&json!(id)), "{told}");
    let catch_up = line("a slow catch-up");
    assert!(
        names(&catch_up).iter().any(serde_json::Value::is_string),
        "{catch_up}"
    );
}

#[tokio::test]
async fn a_trusted_proxy_names_requests_if_its_names_are_harmless() {
    let server = Server::start_with(|config| config.trust_proxy = true).await;
    for (given, is_taken) in [
        ("abc-1.2_3", true),
        ("with space", false),
        (&*"long".repeat(30), false),
        ("", false),
    ] {
        let url = format!("{}/healthz", server.url);
        let request = reqwest::Client::new()
            .get(url)
            .header("x-request-id", given);
        let response = request.send().await.unwrap();
        let id = &response.headers()["x-request-id"];
        assert_eq!(id == given, is_taken, "{given}");
        assert!(!id.is_empty());
    }
}

#[tokio::test]
async fn nothing_is_slow_if_the_operator_says_so() {
    let log = Log::default();
    let _listening = log.listen();
    let server = Server::start_with(|config| config.slow = Slow(None)).await;
    live(&server).await;
    assert!(!log.text().contains("a slow "));
}
