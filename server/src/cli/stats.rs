//! `erc-server stats`: a database's figures, also while a server uses it.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

use crate::config::Config;
use crate::disk;
use crate::store::{Db, Stats};

#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(super) async fn stats(config: &Config, as_json: bool) -> anyhow::Result<()> {
    let db = Db::open_as_it_is(&config.database_url)
        .await
        .context("opening the database")?;
    let mut tx = db.snapshot().await?;
    let stats = tx.stats().await.context("reading the figures")?;
    let size = tx.size().await?;
    drop(tx);
    db.close().await;
    let files = disk_use(config);
    let room = disk::room(&config.data_dir).ok();
    if as_json {
        let mut value = serde_json::to_value(stats)?;
        value["database_bytes"] = json!(size);
        value["data_dir_bytes"] = json!(files);
        value["disk_free_bytes"] = json!(room);
        println!("{value:#}");
    } else {
        println!("{}", page(&stats, size, files, room));
    }
    Ok(())
}

/// Bytes of all files in the data folder: the database with its log, and files if they are there.
fn disk_use(config: &Config) -> u64 {
    fn below(folder: &Path) -> u64 {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return 0;
        };
        entries
            .flatten()
            .map(|entry| match entry.metadata() {
                Ok(meta) if meta.is_dir() => below(&entry.path()),
                Ok(meta) => meta.len(),
                Err(_) => 0,
            })
            .sum()
    }
    below(&config.data_dir)
}

fn page(stats: &Stats, size: u64, files: u64, room: Option<u64>) -> String {
    let time = |ms: Option<i64>| ms.map_or_else(|| "never".into(), when);
    let rows: [(&str, String); 13] = [
        ("users", stats.users.to_string()),
        ("sessions", format!("{} open", stats.sessions)),
        (
            "rooms",
            format!(
                "{} ({} direct), {} deleted",
                stats.rooms, stats.direct_rooms, stats.deleted_rooms
            ),
        ),
        ("members", format!("{} places in rooms", stats.memberships)),
        (
            "messages",
            format!("{}, {} deleted", stats.messages, stats.deleted_messages),
        ),
        ("edits", stats.edits.to_string()),
        ("first message", time(stats.oldest_message_at)),
        ("last message", time(stats.newest_message_at)),
        ("last sign of life", time(stats.last_used_at)),
        ("database made", time(stats.created_at)),
        ("database", amount(size)),
        ("data folder", amount(files)),
        (
            "room on the disk",
            room.map_or_else(|| "unknown".into(), amount),
        ),
    ];
    let lines = rows.map(|(name, value)| format!("{name:<18} {value}"));
    lines.join("\n")
}

pub(super) fn when(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| ms.to_string(),
        |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// Bytes in a unit that people read.
pub(super) fn amount(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut rest = bytes;
    while rest >= 10 * 1024 && unit + 1 < UNITS.len() {
        rest /= 1024;
        unit += 1;
    }
    format!("{rest} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_at_a_glance() {
        assert_eq!(amount(9_999), "9999 B");
        assert_eq!(amount(123_456), "120 KiB");
        assert_eq!(amount(64 << 30), "64 GiB");
        assert!(amount(u64::MAX).ends_with(" TiB"));
    }
}
