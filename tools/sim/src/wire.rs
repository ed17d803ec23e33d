// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A wire that loses, doubles, delays and reorders frames, and can be cut.

use crate::random::Random;
use std::collections::BTreeMap;

/// How bad a wire is. Shares are in a thousand, times in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    pub loss: u32,
    pub double: u32,
    /// Every frame takes this long.
    pub delay: u64,
    /// And up to this much longer, so that frames overtake each other.
    pub jitter: u64,
}

/// Frames on their way, by the time they arrive.
#[derive(Default)]
pub struct Wire {
    frames: BTreeMap<(u64, u64), (usize, Vec<u8>)>,
    count: u64,
    /// No frame gets through to these nodes before that time.
    cut: BTreeMap<usize, u64>,
    pub lost: u64,
    pub doubled: u64,
}

impl Wire {
    /// Sends a frame to node `to`.
    pub fn send(&mut self, now: u64, to: usize, bytes: &[u8], faults: Faults, chance: &mut Random) {
        let cut = self.cut.get(&to).is_some_and(|until| now < *until);
        if cut || chance.happens(faults.loss) {
            self.lost += 1;
            return;
        }
        let copies = 1 + u64::from(chance.happens(faults.double));
        self.doubled += copies - 1;
        for _ in 0..copies {
            let at = now + faults.delay + chance.below(faults.jitter + 1);
            self.count += 1;
            self.frames.insert((at, self.count), (to, bytes.to_vec()));
        }
    }

    /// Nothing gets through to node `to` before `until`.
    pub fn cut(&mut self, to: usize, until: u64) {
        self.cut.insert(to, until);
    }

    /// All wires are whole again.
    pub fn heal(&mut self) {
        self.cut.clear();
    }

    /// When the next frame arrives.
    pub fn next(&self) -> Option<u64> {
        self.frames.keys().next().map(|key| key.0)
    }

    /// The next frame, if it arrives at `now` or before.
    pub fn arrived(&mut self, now: u64) -> Option<(usize, Vec<u8>)> {
        let key = *self.frames.keys().next().filter(|key| key.0 <= now)?;
        self.frames.remove(&key)
    }

    pub fn in_flight(&self) -> usize {
        self.frames.len()
    }
}
