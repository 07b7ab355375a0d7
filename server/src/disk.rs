//! The disk below a folder.

use std::path::Path;

/// Bytes below which the server counts as out of room: a few transactions more, and nothing can be
/// stored.
pub const LOW: u64 = 64 * 1024 * 1024;

/// Bytes that may still be written below this path.
pub fn room(path: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
