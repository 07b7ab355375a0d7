//! Rules that hold for the source itself.

use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// Views draw through `Piece`, which is made of literals, numbers and `SafeText` only; whatever
/// else takes a string stays out of them.
#[test]
fn views_draw_only_safe_text_and_our_own_literals() {
    let doors = [
        "Span::",
        "Line::from",
        "Text::from",
        "Paragraph",
        "set_string",
        "set_symbol",
        "set_line",
        "set_span",
        "Cow::",
        "format!(",
        ".raw(",
        "Block::",
        "leak()",
    ];
    for (path, text) in sources("src/view") {
        if path.ends_with("view/paint.rs") {
            continue;
        }
        for door in doors {
            assert!(!text.contains(door), "{} uses {door}", path.display());
        }
    }
    let paint =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/view/paint.rs"))
            .unwrap();
    let makers: Vec<&str> = paint
        .split("pub(super) fn ")
        .skip(1)
        .take_while(|f| !f.starts_with("new("))
        .map(|f| f.split('{').next().unwrap())
        .filter(|f| f.contains("-> Self"))
        .collect();
    for maker in &makers {
        let safe = maker.contains("&'static str")
            || maker.contains("&SafeText")
            || maker.contains("i128")
            || maker.contains("&Key")
            || maker.contains("(self,");
        assert!(safe, "a piece can be made of something else: {maker}");
    }
    assert!(makers.len() >= 4, "{makers:?}");
}

/// Only the worker and the commands for scripts talk to client-core's account.
#[test]
fn only_the_worker_calls_client_core() {
    for (path, text) in sources("src") {
        let shown = path.display().to_string();
        let may = ["/worker", "/cli", "/app.rs"]
            .iter()
            .any(|p| shown.contains(p));
        assert!(
            may || !text.contains("Account,") && !text.contains("Home::"),
            "{shown}"
        );
    }
}

#[test]
fn state_actions_and_views_do_no_io() {
    for folder in ["src/state", "src/action", "src/view", "src/keymap"] {
        for (path, text) in sources(folder) {
            for word in [
                "std::fs", "std::io", "tokio", "Instant", "println!", "std::env",
            ] {
                assert!(!text.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}
