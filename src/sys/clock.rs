// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The time.
//!
//! Out: milliseconds of the monotonic clock.

use super::ffi as b;

const NANOSECONDS: u64 = 1_000_000;

/// Whole milliseconds since boot. Any context.
pub fn now_ms() -> u64 {
    // SAFETY: callable from any context, touches no memory of ours.
    let now = unsafe { b::ktime_get() };
    (now.max(0) as u64) / NANOSECONDS
}
