// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Bundles: small messages that wait for the window share a packet.
//!
//! In: messages to be sent, and bundles received; out: bundles, and the messages in them. Replaces
//! C `msg.c:tipc_msg_try_bundle` and `tipc_msg_extract`.

use crate::proto::frame::{Frame, FrameList, Refused};
use crate::proto::vocab::NodeAddr;
use crate::proto::wire::{set_data_len, Bundle, User, BUNDLE_ALIGN, INTERNAL_HEADER, MIN_HEADER};

/// What became of a message that might share a packet.
pub(super) enum Joined<F> {
    /// It is in a bundle that was there already; here is what is left of it.
    Old(F),
    /// A bundle was made of the waiting one and this one.
    New(F),
    /// It has to be a packet of its own.
    Not(F),
}

/// Whether a message of its own packet may share one: not a part of something, and small enough for
/// a packet of at most `most` bytes.
pub(super) fn may_share<F: Frame>(frame: &F, most: usize) -> bool {
    let user = frame.header().user();
    !matches!(user, User::Fragment | User::Tunnel | User::Broadcast)
        && most > INTERNAL_HEADER.saturating_add(frame.len())
}

fn padding(len: usize) -> usize {
    len.wrapping_neg() & BUNDLE_ALIGN.wrapping_sub(1)
}

/// Appends `frame` to the bundle at the end of `list`, if it fits into `most` bytes and there is room.
fn append<F: Frame>(list: &mut F::List, frame: &F, most: usize) -> bool {
    let len = list.back().map_or(0, Frame::len);
    let new_len = len.saturating_add(padding(len)).saturating_add(frame.len());
    if new_len > most || list.back_private().is_none() || !list.append_to_back(padding(len), frame)
    {
        return false;
    }
    if let Some(header) = list.back_private() {
        set_data_len(header, new_len.saturating_sub(INTERNAL_HEADER));
        Bundle::count_one(header);
    }
    true
}

/// Lets `frame` share the packet of the last in `list`, which is to be sent before it and at the same
/// level.
pub(super) fn join<F: Frame>(list: &mut F::List, frame: F, most: usize, to: NodeAddr) -> Joined<F> {
    let Some(waiting) = list.back() else {
        return Joined::Not(frame);
    };
    if waiting.header().user() == User::Bundle {
        return match append(list, &frame, most) {
            true => Joined::Old(frame),
            false => Joined::Not(frame),
        };
    }
    let first = waiting.len();
    let both = INTERNAL_HEADER
        .saturating_add(first)
        .saturating_add(padding(first))
        .saturating_add(frame.len());
    if both > most || !may_share(waiting, most) {
        return Joined::Not(frame);
    }
    let header = Bundle {
        from: waiting.header().previous_node(),
        to,
        level: waiting.header().level(),
        count: 1,
    };
    let room = most.saturating_sub(INTERNAL_HEADER).saturating_sub(first);
    // A bundle of one message is one, too.
    match list.wrap_back(&header.write(first), room) && append(list, &frame, most) {
        true => Joined::New(frame),
        false => Joined::Not(frame),
    }
}

/// Takes the messages out of a bundle and puts them into `list`. What is not a message, and all
/// behind it, is left out. If there is no memory, `list` is not touched.
pub(super) fn open<F: Frame>(bundle: &F, list: &mut F::List) -> Result<usize, Refused> {
    let mut found = F::List::default();
    let data = bundle.header().data_len();
    let mut at = 0usize;
    while at.saturating_add(MIN_HEADER) <= data {
        match bundle.inner(at) {
            Ok(inner) => {
                let len = inner.len();
                at = at.saturating_add(len).saturating_add(padding(len));
                found.push_back(inner);
            }
            Err(Refused::NoMemory) => return Err(Refused::NoMemory),
            Err(Refused::Malformed) => break,
        }
    }
    let count = found.len();
    list.append(&mut found);
    Ok(count)
}
