//! Listening: one task a TCP connection, until it is closed or becomes a socket.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use erc_protocol::limit;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::router;
use crate::app::AppState;
use crate::lifecycle::Lifecycle;

/// How long a client may take to send the head of a request, and keep a connection without one.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// How long requests that are running may go on once the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// How long nobody is let in when the system has no more room for connections.
const BREATH: Duration = Duration::from_millis(500);

/// Serves until the lifecycle drains and running requests have ended.
pub async fn serve(app: AppState, listener: TcpListener) -> io::Result<()> {
    serve_with(app, listener, HEAD_PATIENCE).await
}

/// As [`serve`], for clients that may take so long to send the head of a request.
pub async fn serve_with(
    app: AppState,
    listener: TcpListener,
    head_patience: Duration,
) -> io::Result<()> {
    let lifecycle = app.lifecycle.clone();
    let router = router(app);
    // Not tasks of the lifecycle's: a client may keep its connection for as long as it likes.
    let running = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = lifecycle.draining() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new())
                    .header_read_timeout(head_patience)
                    .max_headers(limit::HEADERS)
                    .max_buf_size(limit::HEAD_BYTES);
                let answering = answer(router.clone(), http, stream, peer, lifecycle.clone());
                running.spawn(answering);
            }
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop((listener, router));
    running.close();
    let _ = tokio::time::timeout(GRACE, running.wait()).await;
    Ok(())
}

/// Answers the requests of one connection; after the drain has begun, only the one under way.
async fn answer(
    router: Router,
    http: http1::Builder,
    stream: TcpStream,
    peer: SocketAddr,
    lifecycle: Lifecycle,
) {
    // A message is one small write that somebody waits for.
    let _ = stream.set_nodelay(true);
    let service = router.map_request(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let connection = http
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = lifecycle.draining() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}

fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}
