//! The simulator in CI: fixed plans on both databases, the plans that failed once, and a fresh one
//! (`ERC_SIM_SEED`, or else any). Longer runs are `erc-sim`'s.

use std::{sync::Arc, time::Duration};

use erc_tests::{
    ids,
    plan::seeds,
    programs::repository,
    sim::{
        database::POSTGRES,
        draw::{self, Taste},
        plan::Plan,
        run::{Failure, run},
        shrink::{Patience, shrink},
        tally::Tally,
    },
};

/// What plans in CI may have.
const TASTE: Taste = Taste {
    nodes: 3,
    steps: 60,
    on_postgres: 0,
};
const ON_POSTGRES: Taste = Taste {
    on_postgres: 100,
    ..TASTE
};

fn fails(plan: &Plan, failure: &Failure) -> ! {
    let path = |kind: &str| {
        let folder = repository().join("tests/output");
        folder.join(format!("sim-{}{kind}.json", plan.seed))
    };
    plan.save(&path("")).expect("the plan is written");
    let patience = Patience {
        tries: 2,
        time: Duration::from_mins(1),
    };
    let (small, how) = shrink(plan, failure.clone(), patience);
    small.save(&path("-small")).expect("the plan is written");
    panic!(
        "plan {} failed at step {}: {:#?}\nsmaller, it fails with {:#?}\n\
         replay it with: cargo run -p erc-tests --bin erc-sim -- --replay {} --times 20",
        plan.seed,
        failure.step + 1,
        failure.wrong,
        how.wrong,
        path("-small").display()
    );
}

fn run_seeds(which: &[u64], taste: Taste) {
    let tally = Arc::new(Tally::default());
    for seed in which {
        println!("plan {seed}: ERC_PLAN_SEED={seed}");
        let plan = draw::plan(*seed, taste);
        if let Err(failure) = run(&plan, &tally) {
            fails(&plan, &failure);
        }
    }
    println!("{tally}");
}

/// Fixed plans, some of several nodes whatever becomes of how plans are drawn.
fn run_fixed(which: &[u64], taste: Taste) {
    let which = seeds(which);
    let of_several = |seed: &u64| draw::plan(*seed, taste).world.nodes > 1;
    assert!(
        which.len() == 1 || which.iter().any(of_several),
        "no plan has several nodes: choose other seeds"
    );
    run_seeds(&which, taste);
}

#[test]
fn after_any_plan_every_cache_equals_a_fresh_sign_in_and_every_promise_is_kept() {
    run_fixed(&[1, 2, 3, 4, 5, 6, 7, 8], TASTE);
}

#[test]
fn on_postgres_too_after_any_plan_every_cache_equals_a_fresh_sign_in() {
    if std::env::var_os(POSTGRES).is_none() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "{POSTGRES} is not set, and in CI nothing may be skipped"
        );
        eprintln!("SKIPPED: {POSTGRES} is not set");
        return;
    }
    run_fixed(&[1, 2, 3], ON_POSTGRES);
}

#[test]
fn a_fresh_plan_ends_well() {
    let given = std::env::var("ERC_SIM_SEED").ok();
    let seed = given.map_or_else(
        || ids::seed() >> 16,
        |text| text.parse().expect("ERC_SIM_SEED is a number"),
    );
    run_seeds(&[seed], TASTE);
}

#[test]
fn plans_that_failed_once_pass() {
    let tally = Arc::new(Tally::default());
    let folder = repository().join("tests/sim/plans");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .collect();
    paths.sort();
    for path in paths {
        println!("{}", path.display());
        let plan = Plan::load(&path).unwrap();
        if let Err(failure) = run(&plan, &tally) {
            panic!("{}: {:#?}", path.display(), failure.wrong);
        }
    }
}
