//! Writes files that take their time, and tells how far it is.

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

use erc_client_core::{
    Account, Error, SafeText,
    export::{self, ExportProgress, ExportWish, Exported, Target},
};
use tokio::sync::mpsc;

use super::failure;
use crate::command::{Answer, Command};

/// Between two words about how far it is.
const OFTEN: Duration = Duration::from_millis(100);

/// Carries it out; stopped, it leaves no file.
pub(super) async fn run(account: Account, command: Command, answers: mpsc::Sender<Answer>) {
    let last = Mutex::new(None::<Instant>);
    let hear = |progress: ExportProgress| {
        let Ok(mut last) = last.lock() else { return };
        if last.is_none_or(|last| last.elapsed() >= OFTEN) {
            *last = Some(Instant::now());
            // Where answers are not taken just now, the next word will do.
            let _ = answers.try_send(Answer::Exporting(progress));
        }
    };
    let done = write(&account, command, &hear).await;
    let done = done.map_err(|e| failure(&e));
    let _ = answers.send(Answer::Exported(done)).await;
}

async fn write(
    account: &Account,
    command: Command,
    hear: export::Hearing<'_>,
) -> Result<Exported, Error> {
    match command {
        Command::ExportRoom {
            room,
            format,
            path,
            force,
        } => {
            let name = account.room(room)?.name;
            let path = place(account, &path, &name, format.extension());
            let target = Target::File { path, force };
            let wish = ExportWish::all(format);
            account.export_room(room, wish, target, hear).await
        }
        Command::ExportMe { path, force } => {
            let name = account.me().username;
            let path = place(account, &path, &name, "json");
            let target = Target::File { path, force };
            account.export_personal(target, hear).await
        }
        _ => Err(Error::NotFound),
    }
}

/// What was typed; else a name in the user's folder.
fn place(account: &Account, typed: &str, name: &SafeText, extension: &str) -> PathBuf {
    if !typed.trim().is_empty() {
        return export::typed_path(typed);
    }
    let name = export::file_name(name, &account.today(), extension);
    export::typed_path(&Path::new("~").join(name).to_string_lossy())
}
