//! Figures of rooms and of the server; rooms, and everything about oneself, into files.

use std::path::{Path, PathBuf};

use erc_client_core::{
    Account, SafeText,
    error::Result as CoreResult,
    export::{self, ExportFormat, ExportProgress, ExportWish, Exported, Target},
    protocol::RoomId,
    view::AnalyticsView,
};
use tauri::{State, ipc::Channel};

use super::Answer;
use crate::{error::CommandError, state::Desktop};

/// Without a room, of the server.
#[tauri::command]
pub(crate) async fn analytics(
    desktop: State<'_, Desktop>,
    room: Option<RoomId>,
    days: u32,
) -> Answer<AnalyticsView> {
    Ok(desktop.account()?.analytics(room, days).await?)
}

/// The same as a table for spreadsheets.
#[tauri::command]
pub(crate) async fn analytics_csv(
    desktop: State<'_, Desktop>,
    room: Option<RoomId>,
    days: u32,
) -> Answer<String> {
    Ok(desktop.account()?.analytics_csv(room, days).await?)
}

/// An empty path: one called as the room, in the user's folder.
#[tauri::command]
pub(crate) async fn export_room(
    desktop: State<'_, Desktop>,
    room: RoomId,
    format: ExportFormat,
    path: String,
    force: bool,
    heard: Channel<ExportProgress>,
) -> Answer<Exported> {
    let account = desktop.account()?;
    let name = account.room(room)?.name;
    let path = place(&account, &path, &name, format.extension());
    run(&desktop, async move {
        let target = Target::File { path, force };
        let wish = ExportWish::all(format);
        account
            .export_room(room, wish, target, &|progress| tell(&heard, progress))
            .await
    })
    .await
}

/// Everything that the server holds of oneself.
#[tauri::command]
pub(crate) async fn export_personal(
    desktop: State<'_, Desktop>,
    path: String,
    force: bool,
    heard: Channel<ExportProgress>,
) -> Answer<Exported> {
    let account = desktop.account()?;
    let path = place(&account, &path, &account.me().username, "json");
    run(&desktop, async move {
        let target = Target::File { path, force };
        account
            .export_personal(target, &|progress| tell(&heard, progress))
            .await
    })
    .await
}

/// Ends the export that runs; it leaves no file.
#[tauri::command]
pub(crate) async fn stop_export(desktop: State<'_, Desktop>) -> Answer<()> {
    desktop.set_export(None);
    Ok(())
}

/// What was typed; else a name in the user's folder.
fn place(account: &Account, typed: &str, name: &SafeText, extension: &str) -> PathBuf {
    if !typed.trim().is_empty() {
        return export::typed_path(typed);
    }
    let name = export::file_name(name, &account.today(), extension);
    export::typed_path(&Path::new("~").join(name).to_string_lossy())
}

fn tell(heard: &Channel<ExportProgress>, progress: ExportProgress) {
    // A page that is gone hears nothing.
    let _ = heard.send(progress);
}

/// As a task that can be stopped; one that ran before is.
async fn run(
    desktop: &Desktop,
    work: impl Future<Output = CoreResult<Exported>> + Send + 'static,
) -> Answer<Exported> {
    let task = tokio::spawn(work);
    desktop.set_export(Some(task.abort_handle()));
    match task.await {
        Ok(done) => Ok(done?),
        Err(_) => Err(CommandError::invalid("the export was stopped")),
    }
}
