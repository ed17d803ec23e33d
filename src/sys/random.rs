// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Chance from the kernel.

use super::ffi as b;

/// A random number. Any context.
pub fn word() -> u32 {
    // SAFETY: callable from any context, touches no memory of ours.
    unsafe { b::get_random_u32() }
}
