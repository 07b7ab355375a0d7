//! How an error is answered. The source is logged here, once, and never sent.

use std::any::Any;
use std::time::Instant;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use erc_protocol::{ErrorBody, ErrorCode, error::ErrorResponse};

use crate::ops::Error;
use crate::seldom::Seldom;

static UNAVAILABLE: Seldom = Seldom::new();

/// An error on its way out.
#[derive(Debug)]
pub struct ApiError(ErrorBody);

impl ApiError {
    /// A code and its sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(ErrorBody::new(code, message))
    }

    /// What is told.
    #[must_use]
    pub fn into_body(self) -> ErrorBody {
        self.0
    }
}

impl From<ErrorBody> for ApiError {
    fn from(body: ErrorBody) -> Self {
        Self(body)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let body = error.body();
        match error {
            Error::Refused(_) => {}
            // The store is away, so that everything fails for the same reason.
            _ if body.code == ErrorCode::Unavailable => {
                if let Some(left_out) = UNAVAILABLE.take(Instant::now()) {
                    tracing::error!(%error, left_out, "the store is not available; clients try again");
                }
            }
            _ => tracing::error!(%error, code = %body.code, "an operation failed"),
        }
        Self(body)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (code, retry_after) = (self.0.code, self.0.retry_after);
        let mut response = (status, Json(ErrorResponse { error: self.0 })).into_response();
        // For the figures.
        response.extensions_mut().insert(code);
        let headers = response.headers_mut();
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

pub(super) async fn not_found() -> ApiError {
    nothing()
}

pub(super) fn nothing() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "there is nothing at this path")
}

pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        "this path doesn't take this method",
    )
}

pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    // The panic hook has logged it.
    ApiError::new(ErrorCode::Internal, "the server failed; its log says why").into_response()
}
