//! Dependencies run one way (`docs/architecture.md`): `protocol` leans on nothing of ours and on no
//! I/O, server and clients never see each other, and only the end-to-end tests see all.

use std::{collections::BTreeMap, path::Path, process::Command};

fn cargo(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .arg("--offline")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap())
        .output()
        .expect("cargo built this test, so it runs");
    assert!(
        output.status.success(),
        "cargo {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Which of our packages may depend on which, for every kind of dependency.
const ALLOWED: [(&str, &[&str]); 7] = [
    ("erc-protocol", &[]),
    ("erc-server", &["erc-protocol"]),
    ("erc-client-core", &["erc-protocol"]),
    ("erc", &["erc-client-core"]),
    ("erc-desktop", &["erc-client-core"]),
    (
        "erc-fuzz",
        &["erc-protocol", "erc-server", "erc-client-core"],
    ),
    (
        "erc-tests",
        &[
            "erc-protocol",
            "erc-server",
            "erc-client-core",
            "erc",
            "erc-desktop",
        ],
    ),
];

#[test]
fn our_packages_lean_on_each_other_one_way() {
    let metadata: serde_json::Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap();
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let packages = metadata["packages"].as_array().unwrap();
    assert_eq!(
        packages.len(),
        allowed.len(),
        "a package is missing from the table above"
    );
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let may = allowed
            .get(name)
            .unwrap_or_else(|| panic!("{name} is missing from the table above"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            if allowed.contains_key(on) {
                assert!(may.contains(&on), "{name} may not depend on {on}");
            }
        }
    }
}

#[test]
fn the_wire_types_bring_no_io_with_them() {
    let tree = cargo(&[
        "tree",
        "-p",
        "erc-protocol",
        "-e",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    assert!(
        tree.lines().any(|line| line.starts_with("serde ")),
        "{tree}"
    );
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap();
        for forbidden in [
            "tokio",
            "axum",
            "sqlx",
            "reqwest",
            "hyper",
            "rusqlite",
            "libsqlite3-sys",
            "tokio-tungstenite",
            "async-std",
            "mio",
            "tauri",
            "ratatui",
        ] {
            assert_ne!(name, forbidden, "the protocol pulls in {forbidden}");
        }
    }
}
