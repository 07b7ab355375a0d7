//! `GET /healthz`: the process answers. `GET /readyz`: it can do its work.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::app::AppState;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
}

async fn alive() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

async fn ready(State(app): State<AppState>) -> (StatusCode, Json<serde_json::Value>) {
    let database = match app.db.snapshot().await {
        Ok(mut tx) => tx.count_users().await.is_ok(),
        Err(_) => false,
    };
    let ready = database && !app.lifecycle.is_draining();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "ready": ready, "database": database })),
    )
}
