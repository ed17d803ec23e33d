// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The time.
//!
//! Out: milliseconds of the monotonic clock, exact or as of the last tick of the kernel.

use super::ffi as b;

const NANOSECONDS: u64 = 1_000_000;

const CONFIG_HZ: u64 = b::CONFIG_HZ as u64;

/// Whole milliseconds since boot. Any context.
pub fn now_ms() -> u64 {
    // SAFETY: callable from any context, touches no memory of ours.
    let now = unsafe { b::ktime_get() };
    (now.max(0) as u64) / NANOSECONDS
}

/// Milliseconds on the clock of the kernel's timers, which stands still from one jiffy to the next: for
/// what is asked with every packet. Not to be compared with `now_ms`. Any context.
pub fn coarse_ms() -> u64 {
    // SAFETY: a word that only grows.
    let jiffies = unsafe { (&raw const b::jiffies).read_volatile() } as u64;
    jiffies.wrapping_mul(1000) / CONFIG_HZ
}
