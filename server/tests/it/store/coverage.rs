//! That no function of the store escapes the conformance suite.

use std::path::Path;

/// Reached only through `Committer::submit_send`, which `conformance/sends.rs` runs.
const SEND_PATH: [&str; 5] = [
    "advance_rooms",
    "rooms_for_update",
    "senders",
    "sent_before",
    "whereabouts",
];

fn texts(folder: &Path) -> String {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect();
    names.sort();
    let texts = names
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    texts.collect()
}

/// Names of the functions that begin so, anywhere in a text.
fn names(text: &str, beginning: &str) -> Vec<String> {
    let ends = |c: char| !c.is_alphanumeric() && c != '_';
    let mut found: Vec<String> = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(beginning))
        .map(|rest| rest.split(ends).next().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

#[test]
fn every_function_of_the_store_runs_on_both_databases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let store = std::fs::read_to_string(root.join("src/store.rs")).unwrap()
        + &texts(&root.join("src/store"));
    let tests = root.join("tests/it/store");
    let suite = texts(&tests.join("conformance"))
        + &std::fs::read_to_string(tests.join("database.rs")).unwrap();

    let public = names(&store, "pub async fn ");
    assert!(
        public.len() > 40,
        "the scan finds the functions: {public:?}"
    );
    let missing: Vec<_> = public
        .iter()
        .filter(|name| {
            !suite.contains(&format!(".{name}(")) && !suite.contains(&format!("::{name}("))
        })
        .collect();
    assert!(missing.is_empty(), "the suite never calls {missing:?}");

    assert_eq!(
        names(&store, "pub(crate) async fn "),
        SEND_PATH,
        "functions that only the crate sees, and that the suite reaches by sending"
    );
    assert!(suite.contains(".submit_send("));
}
