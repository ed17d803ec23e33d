// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What one peer has told and is not applied yet.
//!
//! In: messages of user `Names` of that peer's, as they come by its links and by broadcast; out:
//! the same, in the order they count. Replaces the `namedq` of C `node.c` and
//! `name_distr.c:tipc_named_dequeue`, which has no bound and looks through all that waits for each
//! message.

use super::distribution::{Order, Turn, MAX_WAITING};
use crate::proto::frame::{Frame, FrameList};
use crate::proto::vocab::SeqNo;
use crate::proto::wire::Distribution;

/// More waits than any honest peer has on the way: reset its links, so that it begins anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfStep;

/// The messages of one peer.
pub struct Intake<F: Frame> {
    order: Order,
    /// In the order they count.
    ready: F::List,
    /// Changes whose turn has not come, by number.
    waiting: F::List,
}

impl<F: Frame> Intake<F> {
    /// Nothing heard yet.
    pub fn new() -> Self {
        Intake {
            order: Order::new(),
            ready: F::List::default(),
            waiting: F::List::default(),
        }
    }

    /// Whether all is applied.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.waiting.is_empty()
    }

    /// Whether the peer has told everything it had at first.
    pub fn is_open(&self) -> bool {
        self.order.is_open()
    }

    /// A message of user `Names` has come. What counts no more goes to `spent`.
    pub fn rx(&mut self, frame: F, spent: &mut F::List) -> Result<(), OutOfStep> {
        let Some(message) = Distribution::read(frame.header()) else {
            spent.push_back(frame);
            return Ok(());
        };
        if self.ready.len().saturating_add(self.waiting.len()) >= MAX_WAITING {
            spent.push_back(frame);
            return Err(OutOfStep);
        }
        match self.order.turn(&message) {
            Turn::Now => self.ready.push_back(frame),
            Turn::Past => spent.push_back(frame),
            Turn::Later => self.wait(frame, SeqNo(message.seqno)),
        }
        self.advance(spent);
        Ok(())
    }

    /// Puts a message among those that wait; most come in order and go to the end.
    fn wait(&mut self, frame: F, seqno: SeqNo) {
        let number = |frame: &F| Distribution::read(frame.header()).map(|m| SeqNo(m.seqno));
        let mut before = F::List::default();
        let last = self.waiting.back().and_then(number);
        if last.is_some_and(|last| seqno.less(last)) {
            while let Some(other) = self.waiting.pop_front() {
                if number(&other).is_some_and(|other| seqno.less(other)) {
                    before.push_back(frame);
                    before.push_back(other);
                    before.append(&mut self.waiting);
                    self.waiting = before;
                    return;
                }
                before.push_back(other);
            }
            self.waiting = before;
        }
        self.waiting.push_back(frame);
    }

    /// Moves those whose turn has come.
    fn advance(&mut self, spent: &mut F::List) {
        while let Some(message) = self
            .waiting
            .front()
            .and_then(|first| Distribution::read(first.header()))
        {
            let turn = self.order.turn(&message);
            if turn == Turn::Later {
                break;
            }
            let Some(frame) = self.waiting.pop_front() else {
                break;
            };
            match turn {
                Turn::Now => self.ready.push_back(frame),
                Turn::Past | Turn::Later => spent.push_back(frame),
            }
        }
    }

    /// Whether there is a message to apply.
    pub fn any_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The next message to apply.
    pub fn take(&mut self) -> Option<F> {
        self.ready.pop_front()
    }

    /// Contact is lost: nothing it has told counts, and it begins anew.
    pub fn reset(&mut self, spent: &mut F::List) {
        spent.append(&mut self.ready);
        spent.append(&mut self.waiting);
        self.order = Order::new();
    }
}
