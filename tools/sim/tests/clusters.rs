// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A budget of seeds for whole clusters. A failing one is printed; `sim --cluster T --seed N`
//! replays it.

use std::panic::catch_unwind;
use tipc_sim::cluster::{run, Outcome, Trouble};

fn seeds(trouble: Trouble, count: u64) -> Outcome {
    let mut all = Outcome::default();
    for seed in 1..=count {
        let outcome = catch_unwind(|| run(trouble, seed, false))
            .unwrap_or_else(|_| panic!("failed: sim --cluster {trouble:?} --seed {seed}"));
        all.sent += outcome.sent;
        all.read += outcome.read;
        all.heard += outcome.heard;
        all.repeated += outcome.repeated;
        all.frames_lost += outcome.frames_lost;
        all.failovers += outcome.failovers;
        all.synchs += outcome.synchs;
        all.losses += outcome.losses;
        all.restarts += outcome.restarts;
    }
    all
}

#[test]
fn calm() {
    let all = seeds(Trouble::Calm, 10);
    assert!(all.read > 1000 && all.heard > 1000 && all.losses == 0);
    assert_eq!(all.repeated, 0, "broadcasts without a reason");
}

#[test]
fn lossy() {
    let all = seeds(Trouble::Lossy, 12);
    assert!(all.frames_lost > 1000 && all.synchs > 0);
    assert!(all.heard > 10_000 && all.repeated > 1000, "{all:?}");
}

#[test]
fn memory_is_refused() {
    let all = seeds(Trouble::Memory, 12);
    assert!(all.read > 1000 && all.heard > 1000);
}

#[test]
fn wires_are_cut() {
    let all = seeds(Trouble::Cuts, 20);
    assert!(all.failovers > 20 && all.synchs > 20 && all.losses > 20);
    assert!(all.heard > 10_000 && all.repeated > 1000, "{all:?}");
}

#[test]
fn nodes_start_again() {
    let all = seeds(Trouble::Restarts, 20);
    assert!(all.restarts > 20 && all.losses > 40);
}

#[test]
fn replays() {
    assert_eq!(
        run(Trouble::Restarts, 7, false),
        run(Trouble::Restarts, 7, false)
    );
}
