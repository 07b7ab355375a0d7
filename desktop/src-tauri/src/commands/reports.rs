//! Telling those who moderate, looking after what they are told, reading what they did.

use erc_client_core::{
    protocol::{
        AuditId, MessageId, ReportId, RoomId, Timestamp, UserId,
        api::audit::AuditQuery,
        report::{ReportKind, ReportOutcome},
    },
    view::{AuditView, ReportView},
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

/// Of a message, or of somebody.
#[tauri::command]
pub(crate) async fn report(
    desktop: State<'_, Desktop>,
    message: Option<MessageId>,
    user: Option<UserId>,
    kind: ReportKind,
    words: String,
) -> Answer<()> {
    Ok(desktop
        .account()?
        .report(message, user, kind, &words)
        .await?)
}

#[tauri::command]
pub(crate) async fn reports_waiting(desktop: State<'_, Desktop>) -> Answer<i64> {
    Ok(desktop.account()?.reports_waiting()?)
}

#[tauri::command]
pub(crate) async fn reports(desktop: State<'_, Desktop>, closed: bool) -> Answer<Vec<ReportView>> {
    Ok(desktop.account()?.reports(closed).await?)
}

#[tauri::command]
pub(crate) async fn take_report(
    desktop: State<'_, Desktop>,
    id: ReportId,
    taken: bool,
) -> Answer<ReportView> {
    Ok(desktop.account()?.take_report(id, taken).await?)
}

/// Absent seconds: until it is lifted.
#[tauri::command]
pub(crate) async fn close_report(
    desktop: State<'_, Desktop>,
    id: ReportId,
    outcome: ReportOutcome,
    seconds: Option<u32>,
    note: String,
) -> Answer<ReportView> {
    let account = desktop.account()?;
    Ok(account.close_report(id, outcome, seconds, &note).await?)
}

#[tauri::command]
pub(crate) async fn raid_until(desktop: State<'_, Desktop>) -> Answer<Option<Timestamp>> {
    Ok(desktop.account()?.raid_until()?)
}

/// For so many seconds; absent: the doors are open again.
#[tauri::command]
pub(crate) async fn set_raid(desktop: State<'_, Desktop>, seconds: Option<u32>) -> Answer<()> {
    Ok(desktop.account()?.set_raid(seconds).await?)
}

/// Of a room, or of the server; before this line.
#[tauri::command]
pub(crate) async fn audit(
    desktop: State<'_, Desktop>,
    room: Option<RoomId>,
    action: String,
    before: Option<AuditId>,
) -> Answer<AuditView> {
    let query = AuditQuery {
        before,
        action: Some(action).filter(|action| !action.is_empty()),
        ..AuditQuery::default()
    };
    Ok(desktop.account()?.audit(room, query).await?)
}
