//! Stays connected. Started by `Account::start`, which owns it; it owns the session of the moment
//! and those who work beside it. Ends when it is told to (`close`, `sign_out`); what was with the network goes
//! back into the outbox.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use erc_protocol::ErrorCode;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    expiry, fetch,
    session::{self, End},
    shared::Shared,
};
use crate::{
    SafeText,
    cache::outbox,
    error::Error,
    transport::{
        backoff::Backoff,
        socket::{Manner, Socket},
    },
    view::{Connection, Update},
};

/// A link that held so long begins anew with short waits.
const STABLE: Duration = Duration::from_secs(30);

/// What to do after a link ended or didn't come to be.
enum Next {
    Stop,
    /// Wait (a jittered time, at least so long), then try again.
    Retry {
        reason: String,
        at_least: Duration,
    },
    /// A new token is needed and there is none.
    SignedOut {
        reason: String,
    },
    /// Only when the user says so.
    WaitForUser {
        reason: String,
    },
}

pub(crate) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let mut beside = JoinSet::new();
    beside.spawn(fetch::run(Arc::clone(&shared), stop.clone()));
    beside.spawn(expiry::run(Arc::clone(&shared), stop.clone()));
    let mut backoff = Backoff::default();
    loop {
        shared.set_connection(Connection::Connecting);
        let began = Instant::now();
        let next = tokio::select! {
            () = stop.cancelled() => Next::Stop,
            next = connect(&shared, &stop) => next,
        };
        after_cut(&shared).await;
        if began.elapsed() > STABLE {
            backoff.reset();
        }
        let go_on = match next {
            Next::Stop => false,
            Next::Retry { reason, at_least } => {
                let wait = backoff.next(&mut rand::rng()).max(at_least);
                let wait = shared.clock.pace(wait);
                let ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                let retry_at = Some(shared.clock.now().plus_ms(ms));
                tracing::info!(reason, ?wait, "offline");
                let reason = SafeText::line(&reason);
                shared.set_connection(Connection::Offline { reason, retry_at });
                pause(&shared, &stop, Some(wait)).await
            }
            Next::SignedOut { reason } => {
                shared.set_connection(Connection::SignedOut {
                    reason: SafeText::line(&reason),
                });
                pause(&shared, &stop, None).await
            }
            Next::WaitForUser { reason } => {
                let reason = SafeText::line(&reason);
                shared.set_connection(Connection::Offline {
                    reason,
                    retry_at: None,
                });
                pause(&shared, &stop, None).await
            }
        };
        if !go_on {
            break;
        }
    }
    beside.join_all().await;
    shared.set_connection(Connection::Idle);
}

/// Waits for the time or for the user. False: stop.
async fn pause(shared: &Shared, stop: &CancellationToken, wait: Option<Duration>) -> bool {
    let time = async {
        match wait {
            Some(wait) => tokio::time::sleep(wait).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = stop.cancelled() => false,
        () = shared.reconnect.notified() => true,
        () = time => true,
    }
}

/// One link, from opening to its end.
async fn connect(shared: &Arc<Shared>, stop: &CancellationToken) -> Next {
    let api = &shared.api;
    let mut token = match api.keys.access(&api.rest).await {
        Ok(token) => token,
        Err(error) => return failed(error),
    };
    let mut opened = Socket::open(api.rest.base(), &token, Manner::Synced).await;
    if is_stale_token(&opened) {
        token = match api.keys.refresh(&api.rest, &token).await {
            Ok(token) => token,
            Err(error) => return failed(error),
        };
        opened = Socket::open(api.rest.base(), &token, Manner::Synced).await;
    }
    let socket = match opened {
        Ok(socket) => socket,
        Err(error) => return failed(error),
    };
    match session::run(shared, socket, stop).await {
        Ok(End::Stopped) => Next::Stop,
        Ok(End::Closed { reason, delay }) => Next::Retry {
            reason,
            at_least: delay,
        },
        Ok(End::Superseded { reason }) => Next::WaitForUser { reason },
        Ok(End::SignedOut { reason }) => Next::SignedOut { reason },
        Ok(End::StaleToken) => match api.keys.refresh(&api.rest, &token).await {
            Ok(_) => Next::Retry {
                reason: "the session was renewed".to_owned(),
                at_least: Duration::ZERO,
            },
            Err(error) => failed(error),
        },
        Err(error) => failed(error),
    }
}

fn is_stale_token(opened: &Result<Socket, Error>) -> bool {
    matches!(opened, Err(Error::Refused(body)) if body.code == ErrorCode::InvalidToken)
}

fn failed(error: Error) -> Next {
    match error {
        Error::Refused(body)
            if matches!(body.code, ErrorCode::InvalidToken | ErrorCode::SessionEnded) =>
        {
            Next::SignedOut {
                reason: body.message,
            }
        }
        Error::Refused(body) => Next::Retry {
            reason: body.message,
            at_least: Duration::from_secs(body.retry_after.unwrap_or(0).min(600)),
        },
        other => Next::Retry {
            reason: other.to_string(),
            at_least: Duration::ZERO,
        },
    }
}

/// What was true only while connected is no longer.
async fn after_cut(shared: &Shared) {
    if let Err(error) = shared.store.write(|tx| outbox::requeue_sending(tx)).await {
        tracing::error!(%error, "can't put operations back into the queue");
    }
    let typed = shared.live().clear();
    for room in typed {
        shared.tell_typing(room);
    }
    let open = shared.intent().open_rooms().to_vec();
    for room in open {
        shared.tell(Update::Members(room));
        shared.tell(Update::Timeline(room));
    }
    shared.tell(Update::Rooms);
}
