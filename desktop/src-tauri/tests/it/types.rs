//! The TypeScript types of the page are those of the Rust code: generated, committed, compared.
//! `UPDATE_TYPES=1 cargo test -p erc-desktop types` writes them anew.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use erc_client_core::{complete, export, protocol::api::users::SetPresenceRequest, view};
use erc_desktop::{CommandError, wire};
use ts_rs::{Config, TS};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/lib/api/generated");

/// Everything that commands take or answer and events carry, with all that these name.
fn export_types(folder: &Path) -> Result<()> {
    let config = Config::new().with_out_dir(folder);
    wire::Start::export_all(&config)?;
    wire::AppEvent::export_all(&config)?;
    wire::SignInForm::export_all(&config)?;
    wire::SignUpForm::export_all(&config)?;
    wire::NewRoomForm::export_all(&config)?;
    wire::RoomChangeForm::export_all(&config)?;
    CommandError::export_all(&config)?;
    view::ServerInfo::export_all(&config)?;
    view::SessionView::export_all(&config)?;
    view::RoomSummary::export_all(&config)?;
    view::DirectoryEntry::export_all(&config)?;
    view::MemberView::export_all(&config)?;
    view::BanView::export_all(&config)?;
    view::BlockView::export_all(&config)?;
    view::ReportView::export_all(&config)?;
    view::AuditView::export_all(&config)?;
    view::FilterView::export_all(&config)?;
    view::EmojiList::export_all(&config)?;
    view::LinkView::export_all(&config)?;
    view::MadeLinkView::export_all(&config)?;
    view::LinkPreviewView::export_all(&config)?;
    view::UserView::export_all(&config)?;
    view::OpenedRoom::export_all(&config)?;
    view::Window::export_all(&config)?;
    view::Timeline::export_all(&config)?;
    complete::Completions::export_all(&config)?;
    view::Found::export_all(&config)?;
    view::PinView::export_all(&config)?;
    view::ThreadView::export_all(&config)?;
    view::ThreadLine::export_all(&config)?;
    view::Whereabouts::export_all(&config)?;
    view::ScheduledView::export_all(&config)?;
    view::MyPresenceView::export_all(&config)?;
    SetPresenceRequest::export_all(&config)?;
    view::DraftView::export_all(&config)?;
    view::Written::export_all(&config)?;
    view::AttentionView::export_all(&config)?;
    view::VersionView::export_all(&config)?;
    view::ReactedView::export_all(&config)?;
    view::AnalyticsView::export_all(&config)?;
    export::ExportFormat::export_all(&config)?;
    export::ExportProgress::export_all(&config)?;
    export::Exported::export_all(&config)?;
    view::VoteView::export_all(&config)?;
    wire::NewPollForm::export_all(&config)?;
    Ok(())
}

/// The files of a folder by name; none if there is no folder.
fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().context("an entry has a name")?;
        files.insert(
            name.to_string_lossy().into_owned(),
            fs::read_to_string(&path)?,
        );
    }
    Ok(files)
}

#[test]
fn the_committed_typescript_types_are_those_of_the_rust_code() -> Result<()> {
    let committed = Path::new(COMMITTED);
    if std::env::var_os("UPDATE_TYPES").is_some() {
        if committed.exists() {
            fs::remove_dir_all(committed)?;
        }
        return export_types(committed);
    }
    let fresh = tempfile::tempdir()?;
    export_types(fresh.path())?;
    let (fresh, committed) = (read(fresh.path())?, read(committed)?);
    let stale: Vec<&String> = fresh
        .keys()
        .chain(committed.keys())
        .filter(|name| fresh.get(*name) != committed.get(*name))
        .collect();
    assert!(
        stale.is_empty(),
        "desktop/src/lib/api/generated is stale ({stale:?}): run \
         `UPDATE_TYPES=1 cargo test -p erc-desktop types` and commit the result"
    );
    Ok(())
}
