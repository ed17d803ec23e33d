// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Ticks of many neighbours that the kernel's timers let run out together: no more of them run in one
//! jiffy than a queue of 1000 packets stands, all run within one of the timer's rounds of 32 ms and a
//! jiffy. (The kernel: `netdev_max_backlog` is 1000, `kernel/time/timer.c` rounds up timers of 64 to
//! 511 jiffies to every eighth; C ours is compared with has no such bound.)

use proptest::prelude::*;
use std::collections::BTreeMap;
use tipc_proto::proto::peer::pace::{count, put_off, AT_ONCE};
use tipc_proto::proto::vocab::Instant;

const JIFFY: u64 = 4;
const ROUND: u64 = 32;

/// When how many ticks run that are all to run at `begin`, late by the timer's rounding.
fn run(begin: u64, late: &[u64]) -> BTreeMap<u64, u32> {
    let mut waiting = BTreeMap::from([(begin, late.to_vec())]);
    let (mut seen, mut ran) = (0, BTreeMap::new());
    while let Some((now, ticks)) = waiting.pop_first() {
        for late in ticks {
            let (counted, before) = count(seen, Instant(now));
            seen = counted;
            match put_off(before, late) {
                Some(ms) => {
                    let ms = u64::from(ms);
                    assert!(ms > 0 && ms % JIFFY == 0);
                    waiting.entry(now + ms).or_default().push(late + ms);
                }
                None => *ran.entry(now).or_default() += 1,
            }
        }
    }
    ran
}

proptest! {
    #[test]
    fn a_round(begin in 0u64..1 << 40, late in prop::collection::vec(0..ROUND / JIFFY, 0..1800)) {
        let begin = begin / JIFFY * JIFFY;
        let late: Vec<u64> = late.into_iter().map(|jiffies| jiffies * JIFFY).collect();
        let ran = run(begin, &late);
        prop_assert_eq!(ran.values().sum::<u32>() as usize, late.len());
        prop_assert!(ran.values().all(|n| *n < 3 * AT_ONCE));
        prop_assert!(ran.keys().all(|at| at - begin <= ROUND + JIFFY));
    }
}

#[test]
fn few_are_not_put_off() {
    let ran = run(1000, &[0; AT_ONCE as usize]);
    assert_eq!(ran, BTreeMap::from([(1000, AT_ONCE)]));
}

#[test]
fn the_count_begins_anew_in_each_millisecond() {
    let (seen, before) = count(0, Instant(70_000));
    assert_eq!(before, 0);
    let (seen, before) = count(seen, Instant(70_000));
    assert_eq!(before, 1);
    assert_eq!(count(seen, Instant(70_004)).1, 0);
}

#[test]
fn no_tick_waits_for_ever() {
    assert_eq!(put_off(u32::from(u16::MAX), 36), None);
    assert!(put_off(u32::from(u16::MAX), 0).is_some_and(|ms| ms <= 96));
}
