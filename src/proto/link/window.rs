// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The send window of a link, in packets: how many may be on their way.
//!
//! In: acknowledgements, repetitions and idle ticks; out: a size. Replaces C
//! `link.c:tipc_link_update_cwin`.

/// After a loss the window is not taken below this (C `link.c`: 300).
const FLOOR: u16 = 300;

/// A window that grows with acknowledgements and shrinks with losses and rest.
#[derive(Clone, Copy)]
pub struct Window {
    size: u16,
    min: u16,
    max: u16,
    /// Up to here it grows by what is acknowledged, beyond by one each time it was filled.
    threshold: u16,
    /// Acknowledged since it last grew.
    acked: u16,
}

impl Window {
    /// A window of `min` packets that may grow to `max`.
    pub fn new(min: u16, max: u16) -> Self {
        Window {
            size: min,
            min,
            max,
            threshold: max,
            acked: 0,
        }
    }

    /// Packets that may be on their way.
    pub fn size(&self) -> usize {
        usize::from(self.size)
    }

    /// The smallest size.
    pub fn min(&self) -> u16 {
        self.min
    }

    /// The largest size.
    pub fn max(&self) -> u16 {
        self.max
    }

    /// Packets had to be sent again.
    pub fn on_repeat(&mut self) {
        self.threshold = (self.size / 2).max(FLOOR);
        self.size = self.size.min(self.threshold);
    }

    /// Nothing was sent since the last tick.
    pub fn on_rest(&mut self) {
        self.threshold = (self.size / 2).max(FLOOR);
        self.size = self.min;
    }

    /// `count` packets were acknowledged; `queued` are on their way or wait, and `holes` says
    /// whether later ones than the oldest were acknowledged already. It grows only under pressure.
    pub fn on_ack(&mut self, count: u16, queued: usize, holes: bool) {
        if queued < self.size() || holes {
            return;
        }
        self.acked = self.acked.wrapping_add(count);
        if self.size <= self.threshold {
            self.size = self.size.saturating_add(count).min(self.max);
        } else if self.acked >= self.size {
            self.size = self.size.saturating_add(1).min(self.max);
            self.acked = 0;
        }
    }
}
