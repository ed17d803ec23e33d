// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A budget of seeds. A failing one is printed; `sim --profile P --seed N` replays it.

use std::panic::catch_unwind;
use tipc_sim::run::{run, Outcome, Profile};

/// Runs seeds 1 to `count`, and says what all of them did together.
fn seeds(profile: Profile, count: u64) -> Outcome {
    let mut all = Outcome::default();
    for seed in 1..=count {
        let outcome = catch_unwind(|| run(profile, seed))
            .unwrap_or_else(|_| panic!("failed: sim --profile {profile:?} --seed {seed}"));
        all.sent += outcome.sent;
        all.frames_lost += outcome.frames_lost;
        all.repeated += outcome.repeated;
        all.bundles += outcome.bundles;
        all.fragments += outcome.fragments;
        all.congested += outcome.congested;
        all.refused += outcome.refused;
        all.downs += outcome.downs;
    }
    all
}

#[test]
fn calm() {
    let all = seeds(Profile::Calm, 6);
    assert!(all.sent > 1000 && all.repeated == 0 && all.downs == 0);
}

#[test]
fn lossy() {
    let all = seeds(Profile::Lossy, 30);
    // A test that has met no fault has shown nothing.
    assert!(all.frames_lost > 1000 && all.repeated > 1000, "{all:?}");
    assert!(
        all.bundles > 100 && all.fragments > 1000 && all.congested > 20,
        "{all:?}"
    );
}

#[test]
fn memory_is_refused() {
    let all = seeds(Profile::Memory, 50);
    assert!(all.refused > 20 && all.downs == 0);
}

#[test]
fn wires_are_cut() {
    let all = seeds(Profile::Cuts, 24);
    assert!(all.downs > 20);
}

#[test]
fn replays() {
    assert_eq!(run(Profile::Memory, 7), run(Profile::Memory, 7));
    assert_eq!(run(Profile::Cuts, 8), run(Profile::Cuts, 8));
}
