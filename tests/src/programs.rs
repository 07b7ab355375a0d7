//! Where the programs under test are: `ERC_BIN_DIR`, or beside this test's own executable.

use std::path::PathBuf;

/// The folder of the built programs.
pub fn folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("ERC_BIN_DIR") {
        return folder.into();
    }
    let me = std::env::current_exe().expect("a running program has a path");
    me.ancestors()
        .skip(1)
        .find(|folder| !folder.ends_with("deps"))
        .expect("an executable lies in a folder")
        .to_owned()
}

/// The program of this name.
///
/// # Panics
/// If it was not built.
pub fn program(name: &str) -> PathBuf {
    let path = folder()
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        path.is_file(),
        "{} is not built: cargo build --workspace --all-targets",
        path.display()
    );
    path
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package lies in the repository")
        .to_owned()
}
