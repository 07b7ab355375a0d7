//! What a backup says about itself.

use std::collections::BTreeMap;

use erc_protocol::{InstanceId, Timestamp};
use serde::{Deserialize, Serialize};

/// How archives are laid out; another number is not read.
pub(super) const FORMAT: u32 = 1;

/// What a backup holds, and what it must be when it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// How the archive is laid out.
    pub format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// The moment that it shows; milliseconds.
    pub made_at: Timestamp,
    /// The life of the database that it was taken from.
    pub instance: InstanceId,
    /// `sqlite` or `postgres`: what it was taken from. It holds an SQLite file in any case.
    pub taken_from: String,
    /// The newest migration of its schema.
    pub schema: i64,
    pub database: Database,
    pub files: Files,
}

/// Of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// The last id given to each kind of thing.
    pub counters: BTreeMap<String, i64>,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
}

/// Of the files that people uploaded; each is named by the SHA-256 of its content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    pub count: u64,
    pub bytes: u64,
    /// Those whose content was not what their name says when the backup was made. They are in it as
    /// they were found, and are not restored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<String>,
}
