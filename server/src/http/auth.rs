//! `/auth/…`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::auth::{
    AuthSettings, CreateInviteRequest, DeactivateRequest, EraseRequest, InviteResponse,
    LoginRequest, RefreshRequest, RegisterRequest, SessionList, TokenResponse,
};
use erc_protocol::{ErrorCode, SessionId};

use super::ApiError;
use super::extract::{Authed, ClientAddress, Id, Json, JsonOrForm, OptionalJson};
use super::route::{Routes, about, delete, get, post};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::{accounts, deactivation, erasure, sessions, users};

const LEAVING: &[ErrorCode] = &[ErrorCode::InvalidCredentials, ErrorCode::Forbidden];

pub(super) fn routes() -> Routes {
    Routes::of("Signing in")
        .route(
            "/auth/settings",
            get(settings, "What a sign-in screen needs to know."),
        )
        .route(
            "/auth/register",
            post(
                register,
                about("Makes an account and signs in.").fails(&[
                    ErrorCode::RegistrationClosed,
                    ErrorCode::InvalidInvite,
                    ErrorCode::UsernameTaken,
                    ErrorCode::ValidationFailed,
                ]),
            ),
        )
        .route(
            "/auth/login",
            post(
                login,
                about(
                    "Signs in.\n\nAs JSON, or as the form of OAuth 2's password flow. Each sign-in \
                     is a session of its own, with an access token that lives for minutes and a \
                     refresh token.",
                )
                .fails(&[ErrorCode::InvalidCredentials, ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/auth/refresh",
            post(
                refresh,
                about(
                    "Gives a new pair of tokens.\n\nThe old refresh token is void once the new \
                     access token was used; using it again after that ends the session.",
                )
                .fails(&[ErrorCode::InvalidToken, ErrorCode::SessionEnded]),
            ),
        )
        .route("/auth/logout", post(logout, "Ends the session that asks."))
        .route(
            "/auth/sessions",
            get(list, "One's sessions, most recently used first."),
        )
        .route(
            "/auth/sessions/{id}",
            delete(end, "Ends one of one's sessions."),
        )
        .route(
            "/auth/deactivate",
            post(
                deactivate,
                about(
                    "Lets one's account rest, and ends all of its sessions.\n\nSigning in within 30 \
                     days takes it up again; after that, an administrator does.",
                )
                .fails(LEAVING),
            ),
        )
        .route(
            "/auth/erase",
            post(
                erase,
                about(
                    "Erases one's account: there is no way back.\n\nName, password, sessions, \
                     places in rooms, reactions and all that only one saw go; messages stay, as \
                     those of a deleted user, or are deleted, as one says.",
                )
                .fails(LEAVING),
            ),
        )
        .route(
            "/auth/invites",
            post(
                invite,
                about("Makes an invite (admins). Its code is shown this once.")
                    .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed])
                    .costs(Kind::Invite),
            ),
        )
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

async fn login(
    State(app): State<AppState>,
    ClientAddress(address): ClientAddress,
    JsonOrForm(request): JsonOrForm<LoginRequest>,
) -> Result<Answer<TokenResponse>, ApiError> {
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

async fn deactivate(
    State(app): State<AppState>,
    ClientAddress(address): ClientAddress,
    Authed(actor): Authed,
    Json(request): Json<DeactivateRequest>,
) -> Result<StatusCode, ApiError> {
    let name = users::get(&app, actor.user).await?.username;
    app.limits.sign_in(address, &name)?;
    deactivation::deactivate(&app, actor, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn erase(
    State(app): State<AppState>,
    ClientAddress(address): ClientAddress,
    Authed(actor): Authed,
    Json(request): Json<EraseRequest>,
) -> Result<StatusCode, ApiError> {
    let name = users::get(&app, actor.user).await?.username;
    app.limits.sign_in(address, &name)?;
    erasure::erase_me(&app, actor, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
