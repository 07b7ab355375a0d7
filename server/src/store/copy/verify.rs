//! Comparing a table on both sides, every column of every row, in the order of its key.

use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};

use super::super::Tx;
use super::schema::Table;
use super::value::{self, Value};
use super::{Copied, CopyError, Step};
use crate::blobs::BlobId;

/// How often progress is told, in rows.
const OFTEN: u64 = 10_000;

pub(super) async fn compare(
    source: &mut Tx,
    target: &mut Tx,
    table: &Table,
    progress: &mut impl FnMut(&str, Step, u64),
) -> Result<Copied, CopyError> {
    let mut theirs = value::rows(source, table);
    let mut ours = value::rows(target, table);
    let (mut left, mut right) = (Sha256::new(), Sha256::new());
    let mut rows = 0;
    loop {
        let (source, target) = (theirs.try_next().await?, ours.try_next().await?);
        let (source, target) = match (source, target) {
            (None, None) => break,
            (Some(source), Some(target)) => (source, target),
            (Some(row), None) => return Err(missing(table, "did not arrive", &row)),
            (None, Some(row)) => return Err(missing(table, "came from nowhere", &row)),
        };
        if let Some(n) = source
            .iter()
            .zip(&target)
            .position(|(source, target)| source != target)
        {
            return Err(CopyError::Differs(format!(
                "{} {}: {} differs",
                table.name,
                table.key_of(&source),
                table.column_name(n)
            )));
        }
        for (source, target) in source.iter().zip(&target) {
            source.digest(&mut left);
            target.digest(&mut right);
        }
        rows += 1;
        if rows % OFTEN == 0 {
            progress(&table.name, Step::Comparing, rows);
        }
    }
    progress(&table.name, Step::Comparing, rows);
    let (left, right) = (left.finalize(), right.finalize());
    if left != right {
        return Err(CopyError::Differs(format!("the digests of {}", table.name)));
    }
    Ok(Copied {
        table: table.name.clone(),
        rows,
        digest: BlobId(left.into()).to_string(),
    })
}

fn missing(table: &Table, what: &str, row: &[Value]) -> CopyError {
    CopyError::Differs(format!("{} {} {what}", table.name, table.key_of(row)))
}
