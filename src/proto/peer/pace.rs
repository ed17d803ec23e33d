// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! How many ticks a machine runs at once.
//!
//! In: a tick whose time has come, and what was counted before; out: whether it comes again a little
//! later instead. On a machine with no more than `AT_ONCE` neighbours, of all its namespaces together,
//! none is. C has nothing like it.
//!
//! The kernel rounds timers of a quarter of a second and more up to every eighth jiffy. Where a machine
//! has more than a hundred namespaces that are nodes, more probes leave in that jiffy than the queue
//! between their devices takes (`netdev_max_backlog`, 1000). The same ones are lost each time, until
//! their links fail: with the C module they do. What is put off stays apart from the others: it counts
//! its interval from then.

use crate::proto::vocab::Instant;

/// Ticks of one jiffy that run at once. Each is a packet or two, and as many answers.
pub const AT_ONCE: u32 = 256;

/// Milliseconds between those that are put off: a jiffy of Debian's kernels.
const STEP: u32 = 4;

/// No tick is put off by more milliseconds than that at once: a quarter of the usual interval.
const LONGEST: u32 = 96;

/// A tick that is so many milliseconds late runs, whatever else does: no link waits for ever. Up to 32
/// are the timer's rounding.
const LATE: u64 = 36;

/// Counts one tick more. `seen` is what the last call has returned, 0 at first: a word for those who
/// share it, with the lower half of the time above and the count below; then how many there were
/// before in the same millisecond of the kernel's timers.
pub fn count(seen: u32, now: Instant) -> (u32, u32) {
    let stamp = u32::from(now.0 as u16);
    let before = match seen >> 16 == stamp {
        true => seen & 0xffff,
        false => 0,
    };
    let counted = before.saturating_add(1).min(0xffff);
    ((stamp << 16) | counted, before)
}

/// In how many milliseconds a tick is to come again that is `late` by so many milliseconds and comes
/// after `before` others of its jiffy; none: it runs.
pub fn put_off(before: u32, late: u64) -> Option<u32> {
    let over = before / AT_ONCE;
    (over > 0 && late < LATE).then(|| over.saturating_mul(STEP).min(LONGEST))
}
