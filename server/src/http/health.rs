//! `GET /healthz`: the process answers. `GET /readyz`: it can do its work, check by check.
//!
//! A bus that is away is told, and the node counts as ready all the same: it serves, and hears of
//! other nodes some seconds later. If all nodes said no because of it, nobody would serve.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;

use super::openapi::Reply;
use super::openapi::draft::Draft;
use super::route::{Routes, get};
use crate::app::{App, AppState};
use crate::blobs::Place;
use crate::bus;
use crate::disk;

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn routes() -> Routes {
    Routes::of("Server")
        .route("/healthz", get(alive, "The process answers."))
        .route("/readyz", get(ready, "Whether it can do its work."))
}

/// Says that the process answers.
#[derive(Serialize, JsonSchema)]
struct Alive {
    /// Always `ok`.
    status: &'static str,
}

/// What is well.
#[derive(Serialize, JsonSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each check passes or doesn't"
)]
struct Readiness {
    /// Whether all of the following are.
    ready: bool,
    /// The database answers.
    database: bool,
    /// There is room on the disk.
    disk: bool,
    /// The folder of files is there.
    files: bool,
    /// It is not stopping.
    serving: bool,
    /// What it hears other nodes by: `none`, `connected` or `away`. Away is no failure.
    bus: &'static str,
}

impl Reply for Readiness {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers::<Self>(200);
        draft.answers::<Self>(503);
    }
}

impl IntoResponse for Readiness {
    fn into_response(self) -> Response {
        let status = if self.ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        (status, Json(self)).into_response()
    }
}

async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

async fn ready(State(app): State<AppState>) -> Readiness {
    let (database, disk, files) = (database(&app).await, has_room(&app), files(&app));
    let serving = !app.lifecycle.is_draining();
    Readiness {
        ready: database && disk && files && serving,
        database,
        disk,
        files,
        serving,
        bus: bus(&app),
    }
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
