// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! One at a time: whoever comes while another works leaves word, and the other works once more.
//!
//! In and out: booleans. Kept under a lock of its user's; keeps the order of messages that several
//! CPUs could send.

/// The turn to work.
pub struct Turn {
    held: bool,
    again: bool,
}

impl Turn {
    /// Nobody's.
    pub const fn new() -> Self {
        Turn {
            held: false,
            again: false,
        }
    }

    /// Takes the turn; false if somebody has it, who will work once more then.
    pub fn take(&mut self) -> bool {
        if self.held {
            self.again = true;
            return false;
        }
        self.held = true;
        true
    }

    /// Gives the turn back; false if it must be kept, since somebody came meanwhile.
    pub fn give_back(&mut self) -> bool {
        let again = core::mem::replace(&mut self.again, false);
        self.held = again;
        !again
    }

    /// Gives the turn back whoever came; the caller sees to it that the work goes on.
    pub fn leave(&mut self) {
        *self = Turn::new();
    }
}
