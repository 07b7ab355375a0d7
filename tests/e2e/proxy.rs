//! The server behind nginx, with the configuration that `deploy/` ships.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use erc_tests::{
    client::Client,
    programs::repository,
    rest::{Person, anonymous},
    server::TestServer,
    socket::Wire,
    wait::eventually,
};
use reqwest::Method;
use serde_json::json;

struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers only when it is asked to.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// Nginx on a port of its own with our file; only the certificate, the log's place and the ports
/// are changed.
fn start(folder: &std::path::Path, port: u16, server: u16) -> Nginx {
    let shipped = std::fs::read_to_string(repository().join("deploy/nginx.conf")).unwrap();
    let ours: String = shipped
        .lines()
        .filter(|line| !line.contains("ssl_certificate"))
        .map(|line| {
            line.replace("listen 443 ssl", &format!("listen 127.0.0.1:{port}"))
                .replace("127.0.0.1:8000", &format!("127.0.0.1:{server}"))
                .replace(
                    "/var/log/nginx/erc.log",
                    &folder.join("access.log").to_string_lossy(),
                )
                + "\n"
        })
        .collect();
    let at = folder.display();
    let whole = format!(
        "daemon off; pid {at}/pid; error_log {at}/error.log;\nevents {{}}\nhttp {{\n\
         client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/f;\n\
         uwsgi_temp_path {at}/u; scgi_temp_path {at}/s; access_log off;\n{ours}}}\n"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, whole).unwrap();
    let child = Command::new("nginx")
        .arg("-c")
        .arg(&file)
        .arg("-e")
        .arg(folder.join("error.log"))
        .stdin(Stdio::null())
        .spawn()
        .expect("nginx is installed (scripts/install test)");
    Nginx(child)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx_people_chat_and_guessers_are_told_apart() {
    if std::env::var_os("ERC_TEST_NO_NGINX").is_some() {
        return;
    }
    let server = TestServer::start_with(&[("ERC_TRUST_PROXY", "true"), ("ERC_RATE_LIMITS", "on")]);
    server.add_user("ada");
    server.add_user("bo");
    let port = TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let folder = tempfile::tempdir().unwrap();
    let _nginx = start(folder.path(), port, server.port());
    let url = format!("http://127.0.0.1:{port}");
    eventually("nginx listens", async || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    })
    .await;
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
    let log = std::fs::read_to_string(folder.path().join("access.log")).unwrap();
    assert!(log.contains("/auth/login"), "nginx wrote its log");
    assert!(!log.contains("token="), "a token stands in the proxy's log");
}
