//! That no function of the store escapes the conformance suite.

use std::path::Path;

/// Reached through operations: by sending (`conformance/sends.rs`), and by `ops::repair`
/// (`repair.rs`).
const BY_OPERATIONS: [&str; 10] = [
    "faults",
    "named",
    "placed_senders",
    "repair",
    "rooms_for_update",
    "roots",
    "sent_before",
    "set_last_sent",
    "users_of_threads",
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
    // Not in the suite, because they are about whole databases.
    let whole = [
        "database.rs",
        "moving.rs",
        "operator.rs",
        "outside.rs",
        "repair.rs",
        "saving.rs",
    ];
    let suite = whole
        .iter()
        .map(|name| std::fs::read_to_string(tests.join(name)).unwrap())
        .fold(texts(&tests.join("conformance")), |all, text| all + &text);

    let public = names(&store, "pub async fn ");
    assert!(
        public.len() > 40,
        "the scan finds the functions: {public:?}"
    );
    let missing: Vec<_> = public
        .iter()
        .filter(|name| {
            let calls = [
                format!(".{name}("),
                format!("::{name}("),
                format!(" {name}("),
            ];
            calls.iter().all(|call| !suite.contains(call))
        })
        .collect();
    assert!(missing.is_empty(), "the suite never calls {missing:?}");

    assert_eq!(
        names(&store, "pub(crate) async fn "),
        BY_OPERATIONS,
        "functions that only the crate sees, and that the suite reaches by operations"
    );
    assert!(suite.contains(".submit_send("));
}

/// SQLite looks at the number that a bare parameter holds, and plans the statement anew for each run:
/// that takes longer than a small page does. A sum hides it.
#[test]
fn no_statement_is_planned_anew_for_its_limit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let store = texts(&root.join("src/store"));
    let limits: Vec<_> = store.split("LIMIT $").skip(1).collect();
    assert!(limits.len() > 8, "the scan finds the limits");
    for limit in limits {
        let rest = limit.trim_start_matches(|c: char| c.is_ascii_digit());
        assert!(rest.starts_with(" + 0"), "LIMIT ${}", &limit[..40]);
    }
}
