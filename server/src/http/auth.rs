//! `/auth/…`.

use axum::extract::{Form, FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use axum::routing::{delete, get, post};
use axum::{Json as Answer, Router};
use erc_protocol::auth::{
    AuthSettings, CreateInviteRequest, InviteResponse, LoginRequest, RefreshRequest,
    RegisterRequest, SessionList, TokenResponse,
};
use erc_protocol::{ErrorCode, SessionId};

use super::ApiError;
use super::extract::{Authed, ClientAddress, Id, Json, OptionalJson};
use crate::app::AppState;
use crate::ops::{accounts, sessions};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/auth/settings", get(settings))
        .route("/auth/register", post(register))
        .route("/auth/login", post(login))
        .route("/auth/refresh", post(refresh))
        .route("/auth/logout", post(logout))
        .route("/auth/sessions", get(list))
        .route("/auth/sessions/{id}", delete(end))
        .route("/auth/invites", post(invite))
}

async fn settings(State(app): State<AppState>) -> Answer<AuthSettings> {
    Answer(AuthSettings {
        server_name: app.config.server_name.clone(),
        registration: app.config.registration,
    })
}

async fn register(
    State(app): State<AppState>,
    ClientAddress(address): ClientAddress,
    Json(request): Json<RegisterRequest>,
) -> Result<(StatusCode, Answer<TokenResponse>), ApiError> {
    app.limits.sign_in(address, &request.username)?;
    Ok((
        StatusCode::CREATED,
        Answer(accounts::register(&app, request).await?),
    ))
}

/// JSON, or the form of OAuth2's password flow.
async fn login(
    State(app): State<AppState>,
    ClientAddress(address): ClientAddress,
    request: Request,
) -> Result<Answer<TokenResponse>, ApiError> {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|t| {
            t.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
    let request = if is_form {
        let Form(request) = Form::<LoginRequest>::from_request(request, &app)
            .await
            .map_err(|e| ApiError::new(ErrorCode::MalformedRequest, e.body_text()))?;
        request
    } else {
        Json::<LoginRequest>::from_request(request, &app).await?.0
    };
    app.limits.sign_in(address, &request.username)?;
    Ok(Answer(sessions::login(&app, request).await?))
}

async fn refresh(
    State(app): State<AppState>,
    ClientAddress(address): ClientAddress,
    Json(request): Json<RefreshRequest>,
) -> Result<Answer<TokenResponse>, ApiError> {
    app.limits.refresh(address)?;
    Ok(Answer(
        sessions::refresh(&app, &request.refresh_token).await?,
    ))
}

async fn logout(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<StatusCode, ApiError> {
    sessions::end(&app, actor, actor.session).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<SessionList>, ApiError> {
    Ok(Answer(sessions::list(&app, actor).await?))
}

async fn end(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(session): Id<SessionId>,
) -> Result<StatusCode, ApiError> {
    sessions::end(&app, actor, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn invite(
    State(app): State<AppState>,
    Authed(actor): Authed,
    OptionalJson(request): OptionalJson<CreateInviteRequest>,
) -> Result<(StatusCode, Answer<InviteResponse>), ApiError> {
    let invite = accounts::create_invite(&app, Some(actor), &request)
        .await?
        .await?;
    Ok((StatusCode::CREATED, Answer(invite)))
}
