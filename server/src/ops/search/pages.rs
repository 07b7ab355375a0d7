//! Where the next page of a search begins, as a word that clients hand back.

use std::fmt;

use erc_protocol::api::search::Sort;
use erc_protocol::{MessageId, Timestamp};

use super::super::error::{Error, Result};
use super::{HitPlace, POOL};

/// A page's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cursor {
    /// Newest first: behind this one.
    Behind(HitPlace),
    /// Best first: so many were shown.
    From(usize),
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind(place) => write!(f, "{}.{}", place.at.0, place.id),
            Self::From(first) => write!(f, "{first}"),
        }
    }
}

/// Of a request; the first page without one.
pub(super) fn read(written: Option<&str>, sort: Sort) -> Result<Cursor> {
    let cursor = match (written, sort) {
        (None, Sort::Newest) => Some(Cursor::Behind(HitPlace::NEWEST)),
        (None, Sort::Relevance) => Some(Cursor::From(0)),
        (Some(word), Sort::Newest) => word.split_once('.').and_then(|(at, id)| {
            let (at, id) = (Timestamp(at.parse().ok()?), MessageId(id.parse().ok()?));
            Some(Cursor::Behind(HitPlace { at, id }))
        }),
        (Some(word), Sort::Relevance) => {
            let first = word.parse().ok().filter(|first| *first <= POOL);
            first.map(Cursor::From)
        }
    };
    cursor.ok_or_else(|| Error::invalid("cursor", "take it from the answer before, as it is"))
}
