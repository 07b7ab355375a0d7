//! Old backups go when a new one is whole.

use std::path::Path;

use anyhow::Context as _;
use erc_protocol::Timestamp;

const BEGIN: &str = "erc-";
const END: &str = ".backup";
/// Digits and letters of a time such as `20261123T145100Z`.
const SHAPE: &str = "dddddddd-dddddd-";

/// What a backup is called in a folder of backups: by name they are in order of time.
pub(super) fn name(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    format!("{BEGIN}{}{END}", time.strftime("%Y%m%dT%H%M%SZ"))
}

/// Whether a file was named by [`name`]. Others in the folder are nobody's business here.
fn is_ours(file: &str) -> bool {
    let time = file
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(END));
    time.is_some_and(|time| {
        time.len() == SHAPE.len()
            && time.bytes().zip(SHAPE.bytes()).all(|(is, shape)| {
                if shape == b'd' {
                    is.is_ascii_digit()
                } else {
                    is == b'T' || is == b'Z'
                }
            })
    })
}

/// Leaves the newest `count` backups of a folder, and gives the names of those that went.
pub(super) fn newest(folder: &Path, count: usize) -> anyhow::Result<Vec<String>> {
    let about = || format!("looking for old backups in {}", folder.display());
    let mut ours = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(about)? {
        let name = entry.with_context(about)?.file_name();
        if let Some(name) = name.to_str()
            && is_ours(name)
        {
            ours.push(name.to_owned());
        }
    }
    ours.sort_unstable_by(|a, b| b.cmp(a));
    let old = ours.split_off(count.min(ours.len()));
    for name in &old {
        std::fs::remove_file(folder.join(name))
            .with_context(|| format!("removing the old backup {name}"))?;
    }
    Ok(old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_backups_are_taken_for_backups() {
        assert_eq!(name(Timestamp(0)), "erc-19700101T000000Z.backup");
        assert!(is_ours(&name(Timestamp(1_800_000_000_123))));
        for other in [
            "erc-.backup",
            "erc-19700101T000000Z.backup.partial",
            "erc-before-the-move.backup",
            "erc-19700101X000000Z.backup",
            "notes.txt",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }

    #[test]
    fn the_newest_are_kept_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        for second in 0..5 {
            std::fs::write(folder.path().join(name(Timestamp(second * 1_000))), "x").unwrap();
        }
        std::fs::write(folder.path().join("erc-0-mine.backup"), "x").unwrap();
        let gone = newest(folder.path(), 2).unwrap();
        assert_eq!(gone.len(), 3);
        assert!(newest(folder.path(), 2).unwrap().is_empty());
        for left in [
            &name(Timestamp(4_000)),
            &name(Timestamp(3_000)),
            "erc-0-mine.backup",
        ] {
            assert!(folder.path().join(left).exists(), "{left}");
        }
    }
}
