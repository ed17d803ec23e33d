// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What an administrator sets for the whole machine: /proc/sys/net/tipc.
//!
//! In: `sysctl -w`; out: numbers, read at use. Names, ranges and defaults are those of C `sysctl.c`;
//! which have an effect is in Documentation/sysctl.md.

use crate::sys::sysctl::{Ints, Longs, Registration};
use kernel::prelude::*;

/// Receive buffer of a new socket, in bytes: the middle one.
const RECEIVE_LIMIT: i32 = 2_097_152;

/// The files, while they are shown.
pub type Settings = Registration<6>;

static RMEM: Ints<3> = Ints::new([524_288, RECEIVE_LIMIT, 16_777_216], 1, i32::MAX);
static NAMED_TIMEOUT: Ints<1> = Ints::new([2000], 0, i32::MAX);
static SK_FILTER: Longs<5> = Longs::new([0; 5]);
static MAX_TFMS: Ints<1> = Ints::new([10], 1, i32::MAX);
static KEY_EXCHANGE: Ints<1> = Ints::new([1], 0, 1);
static BC_RETRUNI: Longs<1> = Longs::new([0]);

/// Makes the settings visible, while the result lives. ENOMEM. May sleep.
pub fn register() -> Result<Settings> {
    Registration::new(
        c"net/tipc",
        [
            RMEM.file(c"tipc_rmem"),
            NAMED_TIMEOUT.file(c"named_timeout"),
            SK_FILTER.file(c"sk_filter"),
            MAX_TFMS.file(c"max_tfms"),
            KEY_EXCHANGE.file(c"key_exchange_enabled"),
            BC_RETRUNI.file(c"bc_retruni"),
        ],
    )
}

/// Whether broadcasts are sent again to those only who miss them.
pub fn repeats_to_one() -> bool {
    BC_RETRUNI.get(0).is_some_and(|value| value != 0)
}

/// Receive buffer of a new socket, in bytes.
pub fn receive_limit() -> i32 {
    RMEM.get(1).unwrap_or(RECEIVE_LIMIT)
}
