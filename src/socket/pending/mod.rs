// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a stream to another node holds back: small messages, in packets that are not full yet.
//!
//! In: small messages of `stream`, and what lets them go, from `rx`, `signal`, `close`, `connect` and
//! `options`; out: packets, to `doors`, by one caller at a time, so that their order is kept. When to
//! hold is `proto::port`'s to say. `hold` is how a message gets in, `flush` how packets get out.
//! Replaces C `socket.c:tipc_sk_push_backlog` and `msg.c:tipc_msg_append`.

mod flush;
mod hold;
mod small;

pub use flush::{flush, flush_port, settled};
pub use hold::send_held;

use super::state::Core;
use crate::proto::port::{blocks, Hold, Nagle, Step};
use crate::proto::wire::CONNECTED_SIZE;
use crate::sys::message::Msg;
use crate::sys::skb::{Queue, SkBuff};
use small::{Lack, Small};

/// Most bytes of a packet, so that its memory is one page also where links take more.
const LARGEST: u32 = 3584;

/// What a stream to another node holds back. Bounded by `Hold` and by the peer's window.
pub struct Pending {
    hold: Hold,
    /// Packets that get no more.
    full: Queue,
    /// The packet that gets the next small message.
    last: Option<SkBuff>,
    /// Bytes of a packet, header included; 0 if the peer's node does not take part.
    most: u32,
    /// Blocks in packets, as far as the window does not count them yet.
    blocks: u32,
    /// Whether the last packet asks for an acknowledgement.
    asks: bool,
    /// Whether all of it is to go.
    due: bool,
    /// Whether somebody sends what was due: what becomes due meanwhile is sent by the same.
    busy: bool,
}

impl Pending {
    fn new(most: u32) -> Self {
        Pending {
            hold: Hold::new(),
            full: Queue::new(),
            last: None,
            most: most.min(LARGEST),
            blocks: 0,
            asks: false,
            due: false,
            busy: false,
        }
    }

    fn packets(&self) -> u32 {
        self.full.len().saturating_add(self.last.is_some().into())
    }

    /// Whether nothing is held, nor on its way down: a message that is sent now overtakes nothing.
    pub fn is_idle(&self) -> bool {
        !self.busy && self.packets() == 0
    }

    /// Whether `size` bytes of data are few enough to be held: not more than a packet has.
    pub fn takes(&self, size: usize) -> bool {
        (self.most as usize)
            .checked_sub(CONNECTED_SIZE)
            .is_some_and(|room| size <= room)
    }

    /// Adds a small message. Nothing has changed if something is lacking.
    fn add(&mut self, small: &mut Small<'_, '_>) -> Result<Step, Lack> {
        let most = self.most as usize;
        let before = self.last.as_ref().map_or(most, |last| last.len());
        let first = small.size.min(most.saturating_sub(before));
        let rest = small.size.saturating_sub(first);
        if rest != 0 && small.packet.is_none() {
            return Err(Lack::Packet(most));
        }
        let mut added = 0;
        if let Some(last) = self.last.as_mut().filter(|_| first != 0) {
            if !small.put(last, 0, first) {
                return Err(Lack::Bytes);
            }
            added = blocks(last.len()).saturating_sub(blocks(before));
        }
        if let Some(mut next) = small.packet.take_if(|_| rest != 0) {
            if !small.put(&mut next, first, rest) {
                small.packet = Some(next);
                if let Some(last) = self.last.as_mut() {
                    last.take_off(first);
                    small.put_back(first);
                }
                return Err(Lack::Bytes);
            }
            added = added.saturating_add(blocks(next.len()));
            if let Some(full) = self.last.replace(next) {
                self.full.push_back(full);
            }
        }
        Ok(self.added(added))
    }

    /// The same of the next `size` bytes of `msg`, if nothing is lacking; else nothing has changed.
    pub fn add_now(&mut self, msg: &mut Msg<'_>, size: usize) -> Option<Step> {
        let last = self.last.as_mut()?;
        let before = last.len();
        let fits = before.saturating_add(size) <= self.most as usize;
        if !fits || !last.add_from_user(msg, size) {
            return None;
        }
        let added = blocks(last.len()).saturating_sub(blocks(before));
        Some(self.added(added))
    }

    /// A small message was added, and so many blocks by it.
    fn added(&mut self, added: u32) -> Step {
        self.blocks = self.blocks.saturating_add(added);
        let step = self.hold.on_add(self.blocks, self.packets());
        self.asks |= step == Step::Ask;
        self.due |= step != Step::Keep;
        step
    }

    /// Adds a message of any size, with its header, that goes at once, behind what is held.
    fn add_behind(&mut self, skb: SkBuff) {
        self.blocks = self.blocks.saturating_add(blocks(skb.len()));
        if let Some(full) = self.last.take() {
            self.full.push_back(full);
        }
        self.full.push_back(skb);
        self.due = true;
    }

    /// Lets all go; whether there is anything to be sent by `flush`.
    pub fn release(&mut self) -> bool {
        let packets = self.packets();
        if packets == 0 {
            return false;
        }
        if !self.due {
            self.hold.on_release(packets);
            self.due = true;
        }
        !self.busy
    }

    /// The peer has acknowledged something; `asked` if because a packet has asked for it. Whether there
    /// is anything to be sent by `flush`.
    pub fn on_ack(&mut self, asked: bool, nagle: &mut Nagle) -> bool {
        if asked {
            self.asks |= self.hold.on_answer(self.packets(), nagle);
        }
        self.release()
    }

    /// What is due. What is in it and was not counted by the window is `self.blocks`.
    fn take(&mut self) -> Queue {
        self.due = false;
        let mut all = core::mem::replace(&mut self.full, Queue::new());
        if let Some(last) = self.last.take() {
            all.push_back(last);
        }
        all
    }
}

/// Lets go what a socket holds back; whether there is anything to be sent by `flush`.
pub fn release(core: &mut Core) -> bool {
    core.pending.as_mut().is_some_and(|held| held.release())
}
