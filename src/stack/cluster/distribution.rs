// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Names, from node to node.
//!
//! In: changes of the own names, contact, messages of neighbours; out: messages, a changed name
//! table. Replaces C `name_distr.c`.

use super::neighbour::{Names, Neighbour};
use crate::proto::frame::Frame;
use crate::proto::names::{
    bulk_header, change_header, items_per_message, Applied, Memory, NameTable, Publication, Want,
};
use crate::proto::peer::News;
use crate::proto::vocab::{Level, NodeAddr, PortId, SeqNo};
use crate::proto::wire::{Distribution, NameItem, Saying, NAME_ITEM};
use crate::stack::frame::{Packet, Packets};
use crate::stack::Net;
use crate::sys::bottom::{self, Held};
use crate::sys::lock::LockHeld;

/// Items in one message of a bulk, at most: as many as fit a packet of Ethernet's 1500 bytes.
const MOST_ITEMS: usize = 69;

/// Bindings of a lost neighbour withdrawn with the lock held once.
const PURGE_AT_ONCE: usize = 64;

/// Items applied with the lock held once, and in the softirq that has brought a message.
const APPLIED_AT_ONCE: usize = 64;

/// What is left of what a neighbour has told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing that counts yet.
    Nothing,
    /// Something: go on.
    More,
}

/// A change of the own names, as neighbours are told of it.
pub(in crate::stack) struct Change {
    /// Its number.
    seqno: SeqNo,
    withdrawal: bool,
    item: NameItem,
    /// Whether all neighbours take it by broadcast.
    by_broadcast: bool,
}

impl Net {
    /// A change of the own names, to be called with the name table locked, so that changes are
    /// numbered in their order. None if nobody has to be told.
    pub(in crate::stack) fn number(
        &self,
        names: &mut NameTable,
        what: &Publication,
        withdrawal: bool,
    ) -> Option<Change> {
        let (header, item) = names.teller.change(self.own_node(), what, withdrawal)?;
        Some(Change {
            seqno: SeqNo(header.seqno),
            withdrawal,
            item,
            by_broadcast: names.teller.by_broadcast(),
        })
    }

    /// Tells all neighbours of a change. Any context, no lock held; bottom halves are let on again as
    /// soon as it may take longer.
    pub(in crate::stack) fn tell(&self, change: Option<Change>, held: Held) {
        let Some(Change {
            seqno,
            withdrawal,
            item,
            by_broadcast,
        }) = change
        else {
            return;
        };
        let header = change_header(self.own_node(), withdrawal, seqno);
        if by_broadcast {
            let packet = <Packet as Frame>::new(&header.write(1), &[&item.write()], 0);
            let told = match packet {
                Some(packet) => self.broadcast_names(packet, &held),
                None => Some(false),
            };
            match told {
                Some(true) => return,
                Some(false) => {
                    drop(held);
                    return self.renew_all();
                }
                None => {}
            }
        }
        drop(held);
        self.tell_each(&header, &item);
    }

    /// Tells each neighbour of a change by its links. Any context, no lock held.
    #[cold]
    #[inline(never)]
    fn tell_each(&self, header: &Distribution, item: &NameItem) {
        let mut last = 0;
        while let Some(neighbour) = self.cluster().neighbour_after(last) {
            last = neighbour.address.0;
            if !neighbour.state.lock().peer.is_up() {
                continue;
            }
            let to = Distribution {
                to: neighbour.address,
                ..*header
            };
            let packet = <Packet as Frame>::new(&to.write(1), &[&item.write()], 0);
            match packet {
                Some(packet) => self.send_names(&neighbour, packet, None),
                // A change that is not told must not be followed by others: contact begins anew.
                None => self.with(&neighbour, |peer, now, out| ((), peer.fail_all(now, out))),
            }
        }
    }

    /// A change could not be told, and must not be followed by others: contact with all begins anew,
    /// and they are told everything.
    #[cold]
    #[inline(never)]
    fn renew_all(&self) {
        let mut last = 0;
        while let Some(neighbour) = self.cluster().neighbour_after(last) {
            last = neighbour.address.0;
            self.with(&neighbour, |peer, now, out| ((), peer.fail_all(now, out)));
        }
    }

    /// Sends a message about names, in this `contact` only if it is said: a part of a bulk must not be
    /// told in the next one.
    fn send_names(&self, neighbour: &Neighbour, packet: Packet, contact: Option<u32>) {
        let mut packets = Packets::default();
        packets.push_back(packet);
        self.with(neighbour, |peer, now, out| {
            if contact.is_some_and(|contact| contact != peer.contacts()) {
                return ((), News::NONE);
            }
            let (_, news) = peer.send(&mut packets, PortId(0), now, out);
            ((), news)
        });
    }

    /// There is contact: the neighbour is told all our names, and those who have subscribed to node
    /// states of it when it tells its own.
    pub(super) fn begin_bulk(&self, neighbour: &Neighbour) {
        let (can, contact) = {
            let state = neighbour.state.lock();
            (state.peer.capabilities(), state.peer.contacts())
        };
        {
            let mut told = neighbour.names.lock();
            let mut names = self.names.lock();
            if let Some(before) = told.counts.replace(can) {
                names.teller.peer_down(before);
            }
            names.teller.peer_up(can);
            told.bulk = Some(names.begin_bulk(names.teller.next()));
            told.contact = contact;
        }
        self.cluster().later.within(0);
    }

    /// What had to wait for memory or for room on a link. Process context.
    pub(super) fn go_on_with_names(&self) {
        let mut last = 0;
        while let Some(neighbour) = self.cluster().neighbour_after(last) {
            last = neighbour.address.0;
            while self.tell_more(&neighbour) {}
            self.apply_all(&neighbour);
        }
    }

    /// Sends the next message of the bulk for a neighbour; false if there is none, or it has to wait.
    fn tell_more(&self, neighbour: &Neighbour) -> bool {
        let mss = {
            let mut state = neighbour.state.lock();
            let full = state.peer.is_full(PortId(0), Level::System);
            match state.peer.mss(PortId(0)) {
                Some(mss) if !full => mss as usize,
                _ => return false,
            }
        };
        let begun = {
            let told = neighbour.names.lock();
            told.bulk.map(|bulk| (bulk, told.contact))
        };
        let Some((mut bulk, contact)) = begun else {
            return false;
        };
        let most = items_per_message(mss).min(MOST_ITEMS);
        let mut items = [0; MOST_ITEMS * NAME_ITEM];
        let mut place = items.chunks_exact_mut(NAME_ITEM);
        let count = self.names.lock().next_of_bulk(&mut bulk, most, |item| {
            if let Some(place) = place.next() {
                for (to, from) in place.iter_mut().zip(item.write()) {
                    *to = from;
                }
            }
        });
        let last = bulk.is_complete().then(|| bulk.next());
        let header = bulk_header(self.own_node(), neighbour.address, last).write(count);
        let bytes = items
            .get(..count.saturating_mul(NAME_ITEM))
            .unwrap_or_default();
        let Some(packet) = <Packet as Frame>::new(&header, &[bytes], 0) else {
            self.cluster().later.within(100);
            return false;
        };
        {
            let mut told = neighbour.names.lock();
            if told.bulk.is_none() || told.contact != contact {
                return false;
            }
            told.bulk = last.is_none().then_some(bulk);
        }
        self.send_names(neighbour, packet, Some(contact));
        last.is_none()
    }

    /// A message about names has come from a neighbour: its turn or not, something is applied at once
    /// if that needs no memory, the rest soon. Bottom halves are held off, no lock held.
    // Kept out of the way of a message for a socket.
    #[inline(never)]
    pub(super) fn on_names(&self, neighbour: &Neighbour, mut packet: Packet, held: &Held) {
        let mut spent = Packets::default();
        // One that came through a tunnel may be in pieces.
        let len = Frame::len(&packet);
        let whole = packet.make_linear(len);
        // That a link has come up is told before what has come by it.
        let waits = neighbour.state.lock_held(held).links.is_due();
        let step = whole.then(|| {
            let mut told = neighbour.names.lock_held(held);
            told.intake.rx(packet, &mut spent).ok()?;
            if waits {
                return Some((Left::More, false));
            }
            let (told, with) = (&mut told, (Memory::Ask, held));
            // What it needs is found out again by whoever can bring it.
            Some(self.apply_some(neighbour.address, told, with, &mut spent, &mut None))
        });
        drop(spent);
        let Some(Some((left, ready))) = step else {
            // A message that is missing must not be followed by others.
            return self.with(neighbour, |peer, now, out| ((), peer.fail_all(now, out)));
        };
        self.tell_readers_if(ready);
        if left != Left::Nothing {
            self.cluster().later.within(0);
        }
    }

    /// Applies what a neighbour has told. Process context.
    fn apply_all(&self, neighbour: &Neighbour) {
        let mut memory = Memory::Ask;
        loop {
            let (mut spent, mut needs) = (Packets::default(), None);
            let (left, ready) = {
                let held = bottom::hold();
                let mut told = neighbour.names.lock_held(&held);
                let (told, with) = (&mut told, (memory, &held));
                self.apply_some(neighbour.address, told, with, &mut spent, &mut needs)
            };
            drop(spent);
            self.tell_readers_if(ready);
            if left == Left::Nothing {
                return;
            }
            memory = match needs {
                Some(want) if self.bring(want).is_err() => Memory::GoOn,
                Some(_) | None => Memory::Ask,
            };
        }
    }

    /// Applies items of the next message of a neighbour's: what is left, and whether there are events.
    /// Its names stay locked from when a message is taken until it is applied, so whoever calls,
    /// order is kept. If the next one needs memory, `needs` says so; if that was refused (`GoOn`), one
    /// item, as far as it needs none.
    fn apply_some(
        &self,
        from: NodeAddr,
        told: &mut Names,
        (memory, held): (Memory, &Held),
        spent: &mut Packets,
        needs: &mut Option<Want>,
    ) -> (Left, bool) {
        let Some((packet, mut done)) = told.take() else {
            return (Left::Nothing, false);
        };
        let saying =
            Distribution::read(packet.header()).map_or(Saying::Unknown(0), |header| header.saying);
        let most = match memory {
            Memory::Ask => APPLIED_AT_ONCE,
            Memory::GoOn => 1,
        };
        let data = packet.data().unwrap_or_default();
        let mut names = self.names.lock_held(held);
        for item in NameItem::read_all(data).skip(done).take(most) {
            let applied = match item {
                Some(item) => names.apply_remote(saying, from, &item, &mut told.theirs, memory),
                None => Ok(Applied::Known),
            };
            match applied {
                Err(want) if memory == Memory::Ask => {
                    *needs = Some(want);
                    break;
                }
                Ok(_) | Err(_) => done = done.saturating_add(1),
            }
        }
        let ready = names.any_ready();
        drop(names);
        if done < NameItem::count(data) {
            told.put_back(packet, done);
        } else {
            spent.push_back(packet);
        }
        let left = match told.has_more() {
            true => Left::More,
            false => Left::Nothing,
        };
        (left, ready)
    }

    /// A neighbour is lost: so is what it has bound. Any context; the cluster's work has to go on
    /// afterwards.
    pub(super) fn withdraw_all_of(&self, neighbour: &Neighbour) {
        let mut spent = Packets::default();
        let counted = {
            let mut told = neighbour.names.lock();
            told.begin_purge(&mut spent);
            told.counts.take()
        };
        drop(spent);
        if let Some(can) = counted {
            self.names.lock().teller.peer_down(can);
        }
        loop {
            let mut told = neighbour.names.lock();
            let mut names = self.names.lock();
            let more = names.purge_remote_some(&mut told.theirs, PURGE_AT_ONCE, Memory::GoOn);
            if more != Ok(true) {
                told.purging = told.purging.saturating_sub(1);
                break;
            }
        }
        self.tell_readers();
    }
}
