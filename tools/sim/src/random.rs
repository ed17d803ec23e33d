// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Chance that can be repeated: the same seed gives the same numbers, for ever.

/// A generator (splitmix64). Not a library's: a seed must replay whatever library is installed.
pub struct Random(u64);

impl Random {
    /// The generator of `seed`.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// Whether something of `share` in a thousand happens.
    pub fn happens(&mut self, share: u32) -> bool {
        self.below(1000) < u64::from(share)
    }
}
