// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Order of multicasts that a sender sends now by broadcast, now as copies.
//!
//! In: multicasts of other nodes as they come; out: the same, in the order they were sent. A sender
//! that changes its way marks the first message that goes the new way, and sends an empty twin of
//! it the old way: between the two, what comes the new way waits. Replaces C
//! `bcast.c:tipc_mcast_filter_msg`; unlike C's, what waits is bounded, in bytes and in time, so that
//! a twin that never comes (it was sent before the socket bound the name) holds up nothing for ever.

use crate::proto::frame::{Frame, FrameList};
use crate::proto::vocab::{Instant, SocketAddr};
use crate::proto::wire::DataHeader;

/// Milliseconds after which a message waits no more for its twin, when another multicast comes: much
/// longer than either way repeats what was lost.
const PATIENCE: u32 = 60_000;

/// Multicasts that may wait, however short: each is looked at when another comes, and takes more
/// memory than its bytes. Many times what the window of a broadcast link lets through.
const MAX_WAITING: usize = 1024;

/// Multicasts that wait.
pub struct Twins<F: Frame> {
    list: F::List,
    bytes: usize,
}

/// What matters of a multicast here.
#[derive(Clone, Copy)]
struct Mark {
    origin: SocketAddr,
    syn: bool,
    replicast: bool,
    empty: bool,
}

fn mark<F: Frame>(frame: &F) -> Option<Mark> {
    let header = DataHeader::read(frame.header().bytes())?;
    Some(Mark {
        origin: header.origin,
        syn: header.syn,
        replicast: header.src_droppable,
        empty: header.error.is_some(),
    })
}

impl<F: Frame> Twins<F> {
    /// Nothing waits.
    pub fn new() -> Self {
        Twins {
            list: F::List::default(),
            bytes: 0,
        }
    }

    /// Whether nothing waits, so that only a marked message matters.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes everything, to be freed.
    pub fn take_all(&mut self) -> F::List {
        self.bytes = 0;
        core::mem::take(&mut self.list)
    }

    /// A multicast of another node has come. What may be read goes to `out`, what is of no use any
    /// more to `spent`. Given back if more than `limit` bytes, or `MAX_WAITING`
    /// messages, would wait.
    pub fn rx(
        &mut self,
        frame: F,
        limit: u64,
        now: Instant,
        out: &mut F::List,
        spent: &mut F::List,
    ) -> Result<(), F> {
        let Some(new) = mark(&frame) else {
            return Err(frame);
        };
        self.give_up(now, out, spent);
        let Some(first) = self.first_of(new.origin) else {
            return match new.syn {
                true => self.keep(frame, limit, now),
                false => {
                    out.push_back(frame);
                    Ok(())
                }
            };
        };
        let same_way = new.replicast == first.replicast;
        match (new.syn, same_way) {
            // It was sent the old way, before the change.
            (false, false) => out.push_back(frame),
            (_, true) => return self.keep(frame, limit, now),
            (true, false) => {
                self.release(new.origin, out, spent);
                let place = if new.empty { spent } else { &mut *out };
                place.push_back(frame);
                self.release_rest(new.origin, out);
            }
        }
        Ok(())
    }

    fn first_of(&self, origin: SocketAddr) -> Option<Mark> {
        let mut marks = self.list.iter().filter_map(mark);
        marks.find(|mark| mark.origin == origin)
    }

    fn keep(&mut self, mut frame: F, limit: u64, now: Instant) -> Result<(), F> {
        let bytes = self.bytes.saturating_add(frame.len());
        if bytes as u64 > limit || self.list.len() >= MAX_WAITING {
            return Err(frame);
        }
        self.bytes = bytes;
        frame.note().first_repeat = now;
        self.list.push_back(frame);
        Ok(())
    }

    /// Takes the messages for which `take` is true.
    fn take_if(&mut self, mut take: impl FnMut(&Mark) -> bool) -> F::List {
        let (mut kept, mut taken) = (F::List::default(), F::List::default());
        while let Some(frame) = self.list.pop_front() {
            if mark(&frame).is_none_or(|mark| take(&mark)) {
                self.bytes = self.bytes.saturating_sub(frame.len());
                taken.push_back(frame);
            } else {
                kept.push_back(frame);
            }
        }
        self.list = kept;
        taken
    }

    /// The first of the two has come, and now the second: the one with the message goes.
    fn release(&mut self, origin: SocketAddr, out: &mut F::List, spent: &mut F::List) {
        let mut first = true;
        let taken = self.take_if(|mark| mark.origin == origin && core::mem::take(&mut first));
        sort_out::<F>(taken, out, spent);
    }

    /// What has waited behind them goes, too, up to the next change.
    fn release_rest(&mut self, origin: SocketAddr, out: &mut F::List) {
        let mut going = true;
        let mut taken = self.take_if(|mark| {
            going &= mark.origin != origin || !mark.syn;
            going && mark.origin == origin
        });
        out.append(&mut taken);
    }

    /// What has waited for too long goes as it is.
    fn give_up(&mut self, now: Instant, out: &mut F::List, spent: &mut F::List) {
        while let Some(note) = self.list.front_note() {
            if now <= note.first_repeat.after(PATIENCE) {
                break;
            }
            let origin = self.list.front().and_then(mark).map(|mark| mark.origin);
            let taken = self.take_if(|mark| Some(mark.origin) == origin);
            sort_out::<F>(taken, out, spent);
        }
    }
}

/// Empty twins are for nobody.
fn sort_out<F: Frame>(mut taken: F::List, out: &mut F::List, spent: &mut F::List) {
    while let Some(frame) = taken.pop_front() {
        match mark(&frame) {
            Some(mark) if !mark.empty => out.push_back(frame),
            Some(_) | None => spent.push_back(frame),
        }
    }
}
