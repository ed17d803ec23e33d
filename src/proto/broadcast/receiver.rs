// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What comes from one neighbour by broadcast: once, in order.
//!
//! In: broadcast packets, and what the neighbour's state messages say of its broadcasts; out: whole
//! messages, and when to tell the neighbour what has come. Replaces C `link.c:tipc_link_rcv` of a
//! broadcast receive link, `tipc_link_bc_init_rcv` and `tipc_link_bc_sync_rcv`.

use crate::proto::frame::{Frame, FrameList, Out};
use crate::proto::link::{count_one, Gaps, RecvHalf, Stats, Taken, MAX_WINDOW};
use crate::proto::vocab::{NodeAddr, SeqNo};
use crate::proto::wire::{Header, User};

/// Packets are acknowledged by a message of their own when so many have come, and their number says
/// that it is this node's turn (C `TIPC_MIN_LINK_WIN`).
const ACK_EVERY: u16 = 16;

/// The bits of a number that say whose turn it is: nodes do not all speak at once.
const TURN: u16 = 0xf;

/// The largest gap that fits into a state message.
const MAX_GAP: u16 = 0x3ff;

/// The receiving end of one neighbour's broadcasts.
pub struct Receiver<F: Frame> {
    up: bool,
    recv: RecvHalf<F>,
    /// The number of the neighbour's next broadcast, as far as it has told.
    theirs: SeqNo,
    stats: Stats,
}

/// Whether the neighbour is to be told now what has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub struct Tell(pub bool);

impl<F: Frame> Receiver<F> {
    /// One that does not know yet where the neighbour is.
    pub fn new() -> Self {
        Receiver {
            up: false,
            recv: RecvHalf::new(),
            theirs: SeqNo(1),
            stats: Stats::default(),
        }
    }

    /// Whether reception has begun.
    pub fn is_up(&self) -> bool {
        self.up
    }

    /// What it has counted.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The neighbour has told in a state message what it misses of ours, and so many packets were sent
    /// again for it: that is counted here, too.
    pub(super) fn count_repeats(&mut self, state: Header<'_>, repeated: u32) {
        if state.broadcast_gap() > 0 {
            count_one(&mut self.stats.received.nacks);
        }
        self.stats.repeated = self.stats.repeated.saturating_add(repeated);
    }

    /// Counts from 0 again.
    pub fn reset_stats(&mut self) {
        self.stats = Stats::default();
    }

    /// The last packet received.
    pub fn last(&self) -> SeqNo {
        self.recv.next().previous()
    }

    /// Packets received since the neighbour was last told.
    pub fn unacked(&self) -> u16 {
        self.recv.unacked
    }

    /// Packets that came too early.
    pub fn deferred(&self) -> usize {
        self.recv.deferred.len()
    }

    /// Where the gaps behind them are.
    pub fn gaps(&self) -> &dyn Gaps {
        &self.recv.deferred
    }

    /// How many packets are missing before the first that came too early, or before what the
    /// neighbour has sent.
    pub fn gap(&self) -> u16 {
        let gap = match self.recv.gap() {
            0 if self.theirs.more(self.recv.next()) => self.theirs.since(self.recv.next()),
            gap => gap,
        };
        gap.min(MAX_GAP)
    }

    /// The neighbour says that its last broadcast was `last`: those after it are received.
    pub fn begin(&mut self, last: SeqNo) {
        if !self.up {
            self.expect(last);
            self.up = true;
        }
    }

    /// The same by an old neighbour that does not say when to begin.
    pub fn expect(&mut self, last: SeqNo) {
        if !self.up {
            self.recv.begin_at(last.next());
            self.theirs = last.next();
        }
    }

    /// Reception begins where the neighbour was expected to be: an old one tells its names.
    pub fn begin_as_expected(&mut self) {
        self.up = true;
    }

    /// Contact is lost: empties it.
    pub fn reset(&mut self, spent: &mut F::List) {
        self.recv.reset(spent);
        self.up = false;
        self.theirs = SeqNo(1);
        self.stats = Stats::default();
    }

    /// The neighbour's next broadcast will have this number.
    pub fn on_progress(&mut self, next: SeqNo) -> Tell {
        if !self.up || next.more(self.recv.next().plus(MAX_WINDOW)) {
            return Tell(false);
        }
        self.theirs = next;
        let missing = self.gap() > 0;
        if missing {
            count_one(&mut self.stats.sent.nacks);
        }
        Tell(missing)
    }

    /// A broadcast packet of the neighbour's has come to node `own`.
    pub fn rx(&mut self, frame: F, own: NodeAddr, out: &mut Out<'_, F>) -> Tell {
        let header = frame.header();
        let (seqno, user) = (header.seqno(), header.user());
        if !self.up {
            out.spent.push_back(frame);
            return Tell(false);
        }
        if !self.recv.is_in_window(seqno) {
            count_one(&mut self.stats.duplicates);
            out.spent.push_back(frame);
            return Tell(false);
        }
        if !is_carried(user) {
            count_one(&mut self.stats.unwanted);
            out.spent.push_back(frame);
            return Tell(false);
        }
        if seqno != self.recv.next() {
            self.recv.defer(frame, &mut self.stats, out);
            count_one(&mut self.stats.deferred);
            return Tell(turn_of(self.stats.deferred, own) == 0);
        }
        match self.take(frame, out) {
            Some(frame) => {
                // Nobody was told that it has come: it will come again.
                out.spent.push_back(frame);
                Tell(false)
            }
            None => {
                let now = self.is_ack_due(own);
                let later = self.take_deferred(own, out);
                Tell(now || later.0)
            }
        }
    }

    /// Takes those that waited for their turn, or for memory.
    pub fn take_deferred(&mut self, own: NodeAddr, out: &mut Out<'_, F>) -> Tell {
        let mut tell = false;
        while let Some(frame) = self.recv.deferred.take(self.recv.next(), out.spent) {
            if let Some(frame) = self.take(frame, out) {
                self.recv.deferred.put_back(frame);
                break;
            }
            tell |= self.is_ack_due(own);
        }
        Tell(tell)
    }

    /// Takes the expected packet; given back if there is no memory.
    fn take(&mut self, frame: F, out: &mut Out<'_, F>) -> Option<F> {
        match self.recv.take(frame, &mut self.stats, out) {
            Taken::Whole => None,
            Taken::NoMemory(frame) => {
                count_one(&mut self.stats.refused);
                Some(frame)
            }
            // The end of a message whose beginning was sent before reception began.
            Taken::Broken => {
                self.recv.pass_over(&mut self.stats);
                None
            }
        }
    }

    fn is_ack_due(&mut self, own: NodeAddr) -> bool {
        let due =
            self.recv.unacked >= ACK_EVERY && turn_of(u32::from(self.recv.next().0), own) == TURN;
        if due {
            self.recv.unacked = 0;
            self.theirs = self.recv.next();
        }
        due
    }
}

/// The last bits of a number, as node `own` sees them.
fn turn_of(number: u32, own: NodeAddr) -> u16 {
    (number ^ own.0) as u16 & TURN
}

/// Whether a message of this user may be broadcast.
fn is_carried(user: User) -> bool {
    match user {
        User::Data(_) | User::Group | User::Names | User::Fragment | User::Bundle => true,
        User::Connection
        | User::Broadcast
        | User::Link
        | User::Tunnel
        | User::Discovery
        | User::Crypto
        | User::Unknown => false,
    }
}
