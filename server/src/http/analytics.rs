//! `/chat/rooms/{id}/analytics`, `/chat/analytics`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use erc_protocol::api::analytics::{Analytics, AnalyticsQuery, FiguresFormat};
use erc_protocol::{ErrorCode, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Params};
use super::openapi::Reply;
use super::openapi::draft::Draft;
use super::route::{Routes, about, get};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::analytics;

const CSV: &str = "text/csv; charset=utf-8";
const ALSO_CSV: &[(u16, &str, &str)] = &[(200, "text/csv", "")];

pub(super) fn routes() -> Routes {
    Routes::of("Analytics")
        .route(
            "/chat/rooms/{id}/analytics",
            get(
                room,
                about(
                    "Figures of a room, for those who look after it.\n\nMessages by type, person, \
                     hour, weekday and day, who is active, how soon people answer. A message counts \
                     as sent, also when it is deleted later. As CSV with `?format=csv` or \
                     `Accept: text/csv`.",
                )
                .answers(ALSO_CSV)
                .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed])
                .costs(Kind::Search),
            ),
        )
        .route(
            "/chat/analytics",
            get(
                server,
                about("The same figures of the whole server, for its admins.")
                    .answers(ALSO_CSV)
                    .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed])
                    .costs(Kind::Search),
            ),
        )
}

/// As JSON, or as CSV where that was asked for.
struct Figures(Analytics, FiguresFormat);

impl Reply for Figures {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers::<Analytics>(200);
    }
}

impl IntoResponse for Figures {
    fn into_response(self) -> Response {
        match self.1 {
            FiguresFormat::Json => Answer(self.0).into_response(),
            FiguresFormat::Csv => ([(header::CONTENT_TYPE, CSV)], self.0.to_csv()).into_response(),
        }
    }
}

/// What the query says, else what is accepted.
fn format(query: &AnalyticsQuery, headers: &HeaderMap) -> FiguresFormat {
    let accepts_csv = || {
        let accept = headers.get(header::ACCEPT);
        accept.is_some_and(|value| value.as_bytes().starts_with(b"text/csv"))
    };
    query.format.unwrap_or(if accepts_csv() {
        FiguresFormat::Csv
    } else {
        FiguresFormat::Json
    })
}

async fn room(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Params(query): Params<AnalyticsQuery>,
    headers: HeaderMap,
) -> Result<Figures, ApiError> {
    let figures = analytics::of_room(&app, actor, room, &query).await?;
    Ok(Figures(figures, format(&query, &headers)))
}

async fn server(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Params(query): Params<AnalyticsQuery>,
    headers: HeaderMap,
) -> Result<Figures, ApiError> {
    let figures = analytics::of_server(&app, actor, &query).await?;
    Ok(Figures(figures, format(&query, &headers)))
}
