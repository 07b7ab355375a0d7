//! Documents that name tests: what they name is there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("a package lies in the workspace")
        .into()
}

/// Every function in the sources below a folder.
fn functions(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.lines().filter_map(|line| {
                let (_, rest) = line.split_once("fn ")?;
                rest.split(['(', '<']).next().map(str::to_owned)
            });
            into.extend(names);
        }
    }
}

fn all_functions() -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for folder in [
        "protocol/src",
        "protocol/tests/it",
        "server/src",
        "server/tests/it",
        "client-core/src",
        "tui/src",
        "tui/tests/it",
        "desktop/src-tauri/src",
        "desktop/src-tauri/tests/it",
        "fuzz/src",
        "fuzz/tests",
        "tests/src",
        "tests/e2e",
        "tests/sim",
    ] {
        functions(&root().join(folder), &mut known);
    }
    known
}

/// The words between backticks that look like the sentence that names a test.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|word| {
        word.split('_').count() >= 4
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    })
}

#[test]
fn the_page_on_security_and_the_table_of_features_name_tests_that_exist() {
    let known = all_functions();
    for page in ["docs/security.md", "docs/features.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let rows = text.lines().filter(|line| line.starts_with("| "));
        assert!(rows.count() > 10, "{page} has lost its table");
        for name in sentences(&text) {
            assert!(known.contains(name), "{page} names no test: {name}");
        }
    }
}

#[test]
fn every_line_of_the_page_on_security_names_a_test() {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    for row in rows.skip(2) {
        assert!(sentences(row).next().is_some(), "no test: {row}");
    }
}

#[test]
fn the_table_of_edge_cases_names_tests_that_exist() {
    let known = all_functions();
    let text = fs::read_to_string(root().join("server/tests/it/edge_cases.rs")).unwrap();
    let rows: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("//! | "))
        .skip(2)
        .collect();
    assert_eq!(rows.len(), 20);
    for (number, row) in (1..).zip(rows) {
        assert!(row.starts_with(&format!("{number}. ")), "{row}");
        let names: Vec<_> = row.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(known.contains(name), "there is no test {name}");
        }
    }
}

#[test]
fn sql_of_run_time_is_only_where_it_was_looked_at() {
    // Each puts together names of our own tables and columns, or numbered parameters; nothing that
    // people write.
    const LOOKED_AT: [&str; 7] = [
        "server/src/store/batch.rs",
        "server/src/store/copy.rs",
        "server/src/store/copy/value.rs",
        "server/src/store/invariants.rs",
        "server/src/store/personal.rs",
        "server/src/store/receipts.rs",
        "server/src/store/snapshot.rs",
    ];
    fn look(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
            } else if fs::read_to_string(&path).is_ok_and(|text| text.contains("AssertSqlSafe(")) {
                let name = path.strip_prefix(root()).unwrap();
                found.insert(name.to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    look(&root().join("server/src"), &mut found);
    assert_eq!(found, LOOKED_AT.map(str::to_owned).into());
}
