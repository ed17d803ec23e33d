// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a link counts.
//!
//! In: increments from the other files of this room; out: numbers for `mgmt`. Replaces C
//! `link.c:struct tipc_stats`.

/// Classes of message lengths, by their largest length; the last takes what is longer.
const CLASSES: [usize; 6] = [64, 256, 1024, 4096, 16384, 32768];

/// What went one way.
#[derive(Clone, Copy, Default, Debug)]
pub struct Traffic {
    /// Packets in sequence.
    pub packets: u32,
    /// State messages.
    pub states: u32,
    /// Those that ask for an answer.
    pub probes: u32,
    /// Those that tell of a gap.
    pub nacks: u32,
    /// Bundles.
    pub bundles: u32,
    /// Messages in bundles.
    pub bundled: u32,
    /// Messages in fragments.
    pub fragmented: u32,
    /// Fragments.
    pub fragments: u32,
}

/// What was in the send queue, looked at once in each tick.
#[derive(Clone, Copy, Default, Debug)]
pub struct Profile {
    /// Packets on their way, added up.
    pub queued: u32,
    /// How often that was looked at.
    pub samples: u32,
    /// Lengths of the first message on its way, added up.
    pub lengths: u32,
    /// How many lengths that are.
    pub length_samples: u32,
    /// How many were of each class.
    pub classes: [u32; 7],
}

/// All that a link counts. Numbers wrap.
#[derive(Clone, Copy, Default, Debug)]
pub struct Stats {
    /// Sent.
    pub sent: Traffic,
    /// Received.
    pub received: Traffic,
    /// State messages sent because enough was received.
    pub sent_acks: u32,
    /// Packets sent again.
    pub repeated: u32,
    /// Messages that went over the limit, so that their senders must wait.
    pub congested: u32,
    /// Packets that came out of order.
    pub deferred: u32,
    /// Packets that came twice, or from outside the receive window.
    pub duplicates: u32,
    /// Packets dropped for want of memory or of room, before they were acknowledged.
    pub refused: u32,
    /// Messages dropped because nobody can want them.
    pub unwanted: u32,
    /// Events that cannot happen in the state they came in.
    pub illegal_events: u32,
    /// The send queue.
    pub profile: Profile,
}

/// Adds one.
pub fn count(number: &mut u32) {
    add(number, 1);
}

/// Adds `more`.
pub fn add(number: &mut u32, more: usize) {
    *number = number.wrapping_add(more as u32);
}

impl Profile {
    /// There are `packets` on their way.
    pub fn sample(&mut self, packets: usize) {
        add(&mut self.queued, packets);
        count(&mut self.samples);
    }

    /// The first message on its way is of `length` bytes.
    pub(super) fn sample_length(&mut self, length: usize) {
        add(&mut self.lengths, length);
        count(&mut self.length_samples);
        let class = CLASSES.iter().take_while(|most| length > **most).count();
        if let Some(class) = self.classes.get_mut(class) {
            count(class);
        }
    }
}
