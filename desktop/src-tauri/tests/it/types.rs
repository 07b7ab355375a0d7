//! The TypeScript types of the page are those of the Rust code: generated, committed, compared.
//! `UPDATE_TYPES=1 cargo test -p erc-desktop types` writes them anew.

use std::{collections::BTreeMap, fs, path::Path};

use erc_client_core::view;
use erc_desktop::{CommandError, wire};
use ts_rs::{Config, TS};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/lib/api/generated");

/// Everything that commands take or answer and events carry, with all that these name.
fn export(folder: &Path) {
    let config = Config::new().with_out_dir(folder);
    wire::Start::export_all(&config).unwrap();
    wire::AppEvent::export_all(&config).unwrap();
    wire::SignInForm::export_all(&config).unwrap();
    wire::SignUpForm::export_all(&config).unwrap();
    wire::NewRoomForm::export_all(&config).unwrap();
    CommandError::export_all(&config).unwrap();
    view::ServerInfo::export_all(&config).unwrap();
    view::SessionView::export_all(&config).unwrap();
    view::RoomSummary::export_all(&config).unwrap();
    view::DirectoryEntry::export_all(&config).unwrap();
    view::MemberView::export_all(&config).unwrap();
    view::UserView::export_all(&config).unwrap();
    view::OpenedRoom::export_all(&config).unwrap();
    view::Window::export_all(&config).unwrap();
    view::Timeline::export_all(&config).unwrap();
    view::Hit::export_all(&config).unwrap();
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_committed_typescript_types_are_those_of_the_rust_code() {
    let committed = Path::new(COMMITTED);
    if std::env::var_os("UPDATE_TYPES").is_some() {
        if committed.exists() {
            fs::remove_dir_all(committed).unwrap();
        }
        export(committed);
        return;
    }
    let fresh = tempfile::tempdir().unwrap();
    export(fresh.path());
    let (fresh, committed) = (read(fresh.path()), read(committed));
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
}
