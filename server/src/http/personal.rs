//! `/users/me/export`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use erc_protocol::ErrorCode;
use futures_util::StreamExt as _;
use tokio_util::io::ReaderStream;

use super::ApiError;
use super::extract::Authed;
use super::route::{Routes, about, post};
use crate::app::AppState;
use crate::ops::personal;

/// Bytes that are read from the file at a time.
const CHUNK: usize = 64 * 1024;

pub(super) fn routes() -> Routes {
    Routes::of("People").route(
        "/users/me/export",
        post(
            export,
            about(
                "Everything that the server holds of oneself, as one JSON document.\n\nFrom one \
                 moment: account, sessions, rooms, messages with their edits, reactions, pins, \
                 receipts, what is scheduled, what one did to others and others to oneself. Once \
                 in an hour; after a download that broke off, once in a minute.",
            )
            .answers(&[(200, "application/json", "The document, of a known length.")])
            .fails(&[ErrorCode::RateLimited]),
        ),
    )
}

async fn export(State(app): State<AppState>, Authed(actor): Authed) -> Result<Response, ApiError> {
    let archive = personal::make(&app, actor).await?;
    let bytes = archive.bytes;
    let mut sent = 0;
    let chunks = ReaderStream::with_capacity(archive.file, CHUNK).then(move |chunk| {
        sent += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        let is_last = sent == bytes && chunk.as_ref().is_ok_and(|chunk| !chunk.is_empty());
        let app = is_last.then(|| Arc::clone(&app));
        async move {
            // With the last chunk: nobody asks for what comes after it.
            if let Some(app) = app
                && let Err(error) = personal::finished(&app, actor).await
            {
                tracing::warn!(%error, "an archive was not noted as given");
            }
            chunk
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"erc-personal-data.json\"".to_owned(),
        ),
    ];
    Ok((headers, Body::from_stream(chunks)).into_response())
}
