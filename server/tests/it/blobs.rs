//! The store of files: the same promises on disk and on a real S3 server in this process.

mod s3;

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use erc_protocol::Timestamp;
use erc_server::blobs::{BlobId, Blobs, Error, PART, Place, Stored};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};

/// Far more than any test stores.
const NO_LIMIT: u64 = u64::MAX;
const FAR_FUTURE: Timestamp = Timestamp(i64::MAX);

/// Makes of each function one test on each kind of store. They take the store and the folder that
/// its bytes are in.
macro_rules! conformance {
    ($($test:ident),+ $(,)?) => {
        mod disk {
            $(#[tokio::test] async fn $test() { super::on_disk(super::$test).await; })+
        }
        mod on_s3 {
            $(#[tokio::test] async fn $test() { super::on_s3(super::$test).await; })+
        }
    };
}

conformance!(
    what_is_stored_comes_back_whole_and_in_parts,
    the_same_bytes_are_stored_once,
    an_upload_that_breaks_leaves_nothing,
    a_limit_holds_and_leaves_nothing,
    what_is_not_there_is_told_as_that,
    the_list_has_every_blob_and_nothing_else,
    two_who_store_the_same_at_once_store_one,
    a_probe_leaves_nothing,
    what_a_crash_left_is_swept_and_blobs_are_not,
);

async fn on_disk(test: impl AsyncFnOnce(&Blobs, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("files"));
    test(&Blobs::open(&place).unwrap(), &folder.path().join("files")).await;
}

async fn on_s3(test: impl AsyncFnOnce(&Blobs, &Path)) {
    let s3 = s3::S3::start("bucket").await;
    test(&s3.blobs("prefix"), &s3.folder()).await;
}

/// So many bytes that repeat nowhere soon.
fn bytes(len: usize) -> Bytes {
    (0..len)
        .map(|n| (n ^ (n >> 8) ^ (n >> 16)).to_le_bytes()[0])
        .collect()
}

async fn put(blobs: &Blobs, content: &Bytes) -> Stored {
    let chunks: Vec<_> = content
        .chunks(70_001)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    blobs.put(stream::iter(chunks), NO_LIMIT).await.unwrap()
}

async fn get(blobs: &Blobs, id: BlobId) -> Vec<u8> {
    let found = blobs.get(id, None).await.unwrap();
    let chunks: Vec<Bytes> = found.content.try_collect().await.unwrap();
    chunks.concat()
}

fn sizes() -> [usize; 6] {
    [0, 1, 100_000, PART, PART + 1, 2 * PART + 12_345]
}

/// Files below a folder with anything in them, whatever the store keeps beside the blobs.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|kind| kind != "json") {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

async fn what_is_stored_comes_back_whole_and_in_parts(blobs: &Blobs, _: &Path) {
    for size in sizes() {
        let content = bytes(size);
        let stored = put(blobs, &content).await;
        assert_eq!(stored.size, size as u64);
        assert!(stored.is_new);
        assert_eq!(stored.id, BlobId(Sha256::digest(&content).into()));
        assert_eq!(blobs.size(stored.id).await.unwrap(), Some(size as u64));
        assert!(get(blobs, stored.id).await == content, "{size} bytes");
        let size = size as u64;
        for range in [0..1, size / 2..size, size.saturating_sub(1)..size + 10] {
            if range.start >= size {
                continue;
            }
            let part = blobs.get(stored.id, Some(range.clone())).await.unwrap();
            assert_eq!(part.size, size);
            assert_eq!(part.range, range.start..range.end.min(size));
            let chunks: Vec<Bytes> = part.content.try_collect().await.unwrap();
            let end = range.end.min(size).try_into().unwrap();
            assert!(
                chunks.concat() == content[range.start.try_into().unwrap()..end],
                "{range:?} of {size}"
            );
        }
    }
}

async fn the_same_bytes_are_stored_once(blobs: &Blobs, folder: &Path) {
    for size in [10, PART + 10] {
        let first = put(blobs, &bytes(size)).await;
        let again = put(blobs, &bytes(size)).await;
        assert!(first.is_new && !again.is_new);
        assert_eq!(first.id, again.id);
    }
    assert_eq!(files(folder).len(), 2, "{:?}", files(folder));
}

async fn an_upload_that_breaks_leaves_nothing(blobs: &Blobs, folder: &Path) {
    for size in [10, 2 * PART] {
        let broken = std::io::Error::other("the link broke");
        let chunks = [Ok(bytes(size)), Err(broken)];
        let result = blobs.put(stream::iter(chunks), NO_LIMIT).await;
        assert!(matches!(result, Err(Error::Source(_))), "{result:?}");
    }
    assert!(blobs.list().next().await.is_none());
    assert_eq!(files(folder), Vec::<String>::new());
}

async fn a_limit_holds_and_leaves_nothing(blobs: &Blobs, folder: &Path) {
    for size in [100, PART + 100] {
        let limit = size as u64 - 1;
        let result = blobs.put(stream::iter([Ok(bytes(size))]), limit).await;
        assert!(matches!(result, Err(Error::TooLarge(told)) if told == limit));
        assert_eq!(files(folder), Vec::<String>::new());
        let fits = blobs.put(stream::iter([Ok(bytes(size - 1))]), limit).await;
        blobs.delete(fits.unwrap().id).await.unwrap();
    }
}

async fn what_is_not_there_is_told_as_that(blobs: &Blobs, _: &Path) {
    let absent = BlobId([7; 32]);
    assert_eq!(blobs.size(absent).await.unwrap(), None);
    assert!(matches!(
        blobs.get(absent, None).await,
        Err(Error::NotFound)
    ));
    blobs.delete(absent).await.unwrap();
    let stored = put(blobs, &bytes(10)).await;
    for range in [10..20, 5..5] {
        let result = blobs
            .get(stored.id, Some(range))
            .await
            .map(|found| found.range);
        assert!(matches!(result, Err(Error::Range)), "{result:?}");
    }
    blobs.delete(stored.id).await.unwrap();
    blobs.delete(stored.id).await.unwrap();
    assert!(matches!(
        blobs.get(stored.id, None).await,
        Err(Error::NotFound)
    ));
}

async fn the_list_has_every_blob_and_nothing_else(blobs: &Blobs, _: &Path) {
    let mut expected = Vec::new();
    for size in 1..30 {
        expected.push((put(blobs, &bytes(size)).await.id, size as u64));
    }
    let mut listed: Vec<_> = blobs.list().try_collect().await.unwrap();
    expected.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, expected);
}

async fn two_who_store_the_same_at_once_store_one(blobs: &Blobs, folder: &Path) {
    for size in [1_000, PART + 1_000] {
        let content = bytes(size);
        let (one, other) = futures_util::join!(put(blobs, &content), put(blobs, &content));
        assert_eq!(one.id, other.id);
        assert!(get(blobs, one.id).await == content);
    }
    assert_eq!(files(folder).len(), 2, "{:?}", files(folder));
}

async fn a_probe_leaves_nothing(blobs: &Blobs, folder: &Path) {
    blobs.probe().await.unwrap();
    assert_eq!(files(folder), Vec::<String>::new());
}

async fn what_a_crash_left_is_swept_and_blobs_are_not(blobs: &Blobs, folder: &Path) {
    let stored = put(blobs, &bytes(10)).await;
    std::fs::create_dir_all(folder.join("incoming")).unwrap();
    std::fs::write(folder.join("incoming").join("left-over"), "half").unwrap();
    assert_eq!(
        blobs.tidy(Timestamp(0)).await.unwrap(),
        0,
        "that may be under way"
    );
    assert_eq!(blobs.tidy(FAR_FUTURE).await.unwrap(), 1);
    assert_eq!(files(folder).len(), 1);
    assert_eq!(blobs.size(stored.id).await.unwrap(), Some(10));
}

#[tokio::test]
async fn a_link_to_s3_works_without_keys_and_only_for_its_blob() {
    let s3 = s3::S3::start("bucket").await;
    let blobs = s3.blobs("some/prefix");
    let stored = put(&blobs, &bytes(1_000)).await;
    let link = blobs
        .link(stored.id, Duration::from_mins(1))
        .await
        .unwrap()
        .unwrap();
    let answer = reqwest::get(&link).await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    assert_eq!(answer.bytes().await.unwrap(), bytes(1_000));
    let tampered = link.replace("X-Amz-Signature=", "X-Amz-Signature=0");
    assert!(!reqwest::get(tampered).await.unwrap().status().is_success());
}

#[tokio::test]
async fn wrong_keys_are_told_and_the_secret_is_not() {
    let s3 = s3::S3::start("bucket").await;
    let error = s3
        .blobs_as("somebody", "a-wrong-secret")
        .probe()
        .await
        .unwrap_err();
    let told = error.to_string();
    assert!(matches!(error, Error::Backend(_)), "{told}");
    assert!(!told.contains("a-wrong-secret"), "{told}");
}

#[tokio::test]
async fn a_folder_that_can_not_be_made_is_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let error = Blobs::open(&Place::Folder(file.join("files"))).unwrap_err();
    assert!(error.to_string().contains("a-file"), "{error}");
}
