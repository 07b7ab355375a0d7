//! `GET /healthz`: the process answers. `GET /readyz`: it can do its work, check by check.
//!
//! A bus that is away is told, and the node counts as ready all the same: it serves, and hears of
//! other nodes some seconds later. If all nodes said no because of it, nobody would serve.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::app::{App, AppState};
use crate::blobs::Place;
use crate::bus;
use crate::disk;

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
}

async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn ready(State(app): State<AppState>) -> (StatusCode, Json<Value>) {
    let checks = [
        ("database", database(&app).await),
        ("disk", has_room(&app)),
        ("files", files(&app)),
        ("serving", !app.lifecycle.is_draining()),
    ];
    let is_ready = checks.iter().all(|(_, is_ok)| *is_ok);
    let mut answer = json!({ "ready": is_ready, "bus": bus(&app) });
    for (name, is_ok) in checks {
        answer[name] = json!(is_ok);
    }
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(answer))
}

async fn database(app: &App) -> bool {
    let question = async { app.db.snapshot().await?.count_users().await };
    timeout(PATIENCE, question)
        .await
        .is_ok_and(|answer| answer.is_ok())
}

/// Where that can't be told there is room.
fn has_room(app: &App) -> bool {
    disk::room(&app.config.data_dir).map_or(true, |bytes| bytes >= disk::LOW)
}

/// Whether the folder of files is there. S3 is asked only by `erc-server doctor`: a probe that
/// comes every few seconds should cost nothing.
fn files(app: &App) -> bool {
    match app.blobs.place() {
        Place::Folder(path) => path.is_dir(),
        Place::S3 { .. } => true,
    }
}

fn bus(app: &App) -> &'static str {
    match app.hub.bus().state() {
        bus::State::Alone => "none",
        bus::State::Connected => "connected",
        bus::State::Away => "away",
    }
}
