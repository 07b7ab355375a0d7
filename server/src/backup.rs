//! Backups: one file that holds everything of a server as it was at one moment.
//!
//! The file is a tar archive, perhaps sealed by a passphrase (age): the database as an SQLite file,
//! whichever database the server has; the key that signs access tokens; the settings that matter;
//! every blob; a manifest; and at its end a SHA-256 over all parts. So one program makes and reads
//! all of them, and a backup also moves a server between databases.
//!
//! It is made beside the running server, whose writer never waits for it, under another name until
//! it is whole and on the disk. A restored database begins a new life ([`crate::store::Db::new_life`]):
//! clients that have seen more than it holds load everything again, instead of mixing two pasts.

mod archive;
mod keep;
mod make;
mod manifest;
mod read;
mod restore;
mod seal;
mod sum;

pub use make::{Made, Order, make};
pub use manifest::Manifest;
pub use restore::{Restored, check, restore};
pub use seal::Passphrase;

/// The parts of an archive; a blob is called `files/` and its id.
const DATABASE: &str = "database.db";
const SECRET: &str = "secret.key";
const SETTINGS: &str = "settings.toml";
const FILES: &str = "files/";
const MANIFEST: &str = "manifest.json";
/// The last part: what all before it sum up to.
const END: &str = "end.sha256";

/// The key that signs access tokens, as it is called in the data folder.
const SECRET_FILE: &str = "secret.key";
/// Where a restored server's old settings are laid for its operator.
const OLD_SETTINGS: &str = "settings-of-the-backup.toml";
