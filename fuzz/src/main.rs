//! libFuzzer over one check, which `ERC_FUZZ_TARGET` names: `scripts/fuzz` runs them all.

#![no_main]

use std::sync::LazyLock;

use erc_fuzz::{TARGETS, Target, named};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("ERC_FUZZ_TARGET").unwrap_or_default();
    named(&name).unwrap_or_else(|| {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        panic!("ERC_FUZZ_TARGET is none of {}", names.join(", "))
    })
});

fuzz_target!(|bytes: &[u8]| (TARGET.check)(bytes));
