//! Looking after a report, and closing it with an outcome.

use erc_protocol::{
    ErrorCode, MessageId, Report, ReportId, RoomId,
    api::moderation::SanctionRequest,
    report::{CloseReportRequest, ReportOutcome, ReportState},
    validate,
};
use serde_json::json;

use super::{get, locked, put};
use crate::app::App;
use crate::ops::committer::{Done, Lane};
use crate::ops::error::{Error, Result};
use crate::ops::{Actor, audit, messages, moderation, operator};

/// The actor looks after it from now on, whoever did before, or nobody does.
pub async fn take(app: &App, actor: Actor, id: ReportId, taken: bool) -> Result<Report> {
    hold(app, actor, id, if taken { Hold::Take } else { Hold::Leave }).await?;
    get(app, actor, id).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    Take,
    /// To close it, unless somebody else looks after it.
    Claim,
    /// It could not be closed. Whoever took it over meanwhile keeps it.
    Unclaim,
    Leave,
}

/// Who looks after it from now on. Answers whether that is a change.
async fn hold(app: &App, actor: Actor, id: ReportId, hold: Hold) -> Result<bool> {
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                let (mut row, told) = locked(tx, actor, id).await?;
                let (state, by) = match hold {
                    Hold::Take | Hold::Claim => (ReportState::Taken, Some(actor.user.0)),
                    Hold::Leave | Hold::Unclaim => (ReportState::Open, None),
                };
                let is_mine = row.taken_by == Some(actor.user.0);
                if (row.state, row.taken_by) == (state, by) || hold == Hold::Unclaim && !is_mine {
                    return Ok(Done::unchanged(false));
                }
                if hold == Hold::Claim && row.state == ReportState::Taken {
                    let who = row.taken_by_name.as_deref().unwrap_or("somebody else");
                    let why = format!("{who} looks after the report: take it over first");
                    return Err(Error::refused(ErrorCode::Forbidden, why));
                }
                (row.state, row.taken_by, row.changed_at) = (state, by, now);
                let (room, user) = (row.room_id.map(RoomId), Some(row.user_id));
                if let Hold::Take | Hold::Leave = hold {
                    let details = json!({ "report": id, "taken": hold == Hold::Take });
                    audit::add(tx, actor, "report.take", room, user, details, now).await?;
                }
                let changes = put(tx, row, &told).await?.changes;
                Ok(Done::new(true, changes))
            })
        })
        .await?;
    receipt.await
}

/// Carries an outcome out and closes the report, which nobody else does at the same time: the actor
/// looks after it before anything is done. What the outcome does is done first: if it is refused, the
/// report stays open; done twice, it is what it was.
pub async fn close(
    app: &App,
    actor: Actor,
    id: ReportId,
    request: CloseReportRequest,
) -> Result<Report> {
    let note =
        validate::report_words(&request.note).map_err(|reason| Error::invalid("note", reason))?;
    let is_claimed = hold(app, actor, id, Hold::Claim).await?;
    let report = get(app, actor, id).await?;
    if let Err(error) = act(app, actor, &report, &request).await {
        // Why it was refused is what the actor has to know.
        if is_claimed && let Err(error) = hold(app, actor, id, Hold::Unclaim).await {
            tracing::warn!(%error, report = %id, "a report stays taken that was not closed");
        }
        return Err(error);
    }
    let outcome = request.outcome;
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                let (mut row, told) = locked(tx, actor, id).await?;
                row.state = ReportState::Closed;
                row.outcome = Some(outcome.as_str().to_owned());
                row.taken_by = Some(actor.user.0);
                (row.note, row.changed_at) = (note, now);
                let (room, user) = (row.room_id.map(RoomId), Some(row.user_id));
                let details = json!({ "report": id, "outcome": outcome });
                audit::add(tx, actor, "report.close", room, user, details, now).await?;
                let changes = put(tx, row, &told).await?.changes;
                Ok(Done::new((), changes))
            })
        })
        .await?;
    receipt.await?;
    get(app, actor, id).await
}

/// What an outcome does, by the operation that is there for it.
async fn act(app: &App, actor: Actor, report: &Report, request: &CloseReportRequest) -> Result<()> {
    let sanction = SanctionRequest {
        seconds: request.seconds,
        reason: format!("after a report: {}", report.kind),
    };
    let in_a_room = || {
        report.room_id.ok_or_else(|| {
            let why = "this report is of no room";
            Error::invalid("outcome", why)
        })
    };
    match request.outcome {
        ReportOutcome::Nothing | ReportOutcome::Warned => Ok(()),
        ReportOutcome::MessageDeleted => {
            let Some(message) = report.message_id else {
                return Err(Error::invalid("outcome", "this report is of no message"));
            };
            delete(app, actor, message).await
        }
        ReportOutcome::Muted => {
            let room = in_a_room()?;
            let muted = moderation::mute(app, actor, room, report.user_id, sanction).await?;
            muted.await.map(|_| ())
        }
        ReportOutcome::Banned => {
            let room = in_a_room()?;
            let banned = moderation::ban(app, actor, room, report.user_id, sanction).await?;
            banned.await.map(|_| ())
        }
        ReportOutcome::AccountDisabled => {
            operator::accounts::disable_by(app, actor, report.user_id).await
        }
    }
}

async fn delete(app: &App, actor: Actor, message: MessageId) -> Result<()> {
    messages::delete(app, actor, message)
        .await?
        .await
        .map(|_| ())
}
