//! `/chat/reports…`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::report::{
    CloseReportRequest, MyReport, ReportList, ReportRequest, TakeReportRequest,
};
use erc_protocol::{ErrorCode, Report, ReportId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::ApiError;
use super::extract::{Authed, Id, Json, Params};
use super::route::{Routes, about, get, post};
use crate::app::AppState;
use crate::ops::reports;

/// Which reports.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Which {
    /// Those that are closed, instead of those that wait.
    #[serde(default)]
    closed: bool,
}

pub(super) fn routes() -> Routes {
    let refused = &[ErrorCode::Forbidden, ErrorCode::ValidationFailed];
    Routes::of("Reports")
        .route(
            "/chat/reports",
            get(
                list,
                "Reports that one may look after: as a moderator of the server, or of their room.",
            )
            .post(
                report,
                about(
                    "Tells those who moderate of a message that one sees, or of somebody.\n\nThe \
                     messages around are kept with it as they are now. The same again, while it \
                     isn't closed, is the same report.",
                )
                .fails(&[
                    ErrorCode::NotFound,
                    ErrorCode::LimitReached,
                    ErrorCode::ValidationFailed,
                ]),
            ),
        )
        .route(
            "/chat/reports/{id}",
            get(one, "One report that one may look after.").put(
                take,
                about("Looks after a report, or no longer.").fails(&[ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/chat/reports/{id}/close",
            post(
                close,
                about(
                    "Closes a report with an outcome, which is carried out with one's own rights.\n\n\
                     One that somebody else looks after has to be taken over first.",
                )
                .fails(refused),
            ),
        )
}

async fn report(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Json(request): Json<ReportRequest>,
) -> Result<(StatusCode, Answer<MyReport>), ApiError> {
    let made = reports::report(&app, actor, request).await?.await?;
    Ok((StatusCode::CREATED, Answer(made)))
}

async fn list(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Params(which): Params<Which>,
) -> Result<Answer<ReportList>, ApiError> {
    Ok(Answer(reports::list(&app, actor, which.closed).await?))
}

async fn one(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(id): Id<ReportId>,
) -> Result<Answer<Report>, ApiError> {
    Ok(Answer(reports::get(&app, actor, id).await?))
}

async fn take(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(id): Id<ReportId>,
    Json(request): Json<TakeReportRequest>,
) -> Result<Answer<Report>, ApiError> {
    Ok(Answer(reports::take(&app, actor, id, request.taken).await?))
}

async fn close(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(id): Id<ReportId>,
    Json(request): Json<CloseReportRequest>,
) -> Result<Answer<Report>, ApiError> {
    Ok(Answer(reports::close(&app, actor, id, request).await?))
}
