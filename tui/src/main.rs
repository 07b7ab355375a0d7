//! `erc`: see `erc --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    erc::cli::main()
}
