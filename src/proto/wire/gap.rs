// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The gap/ack record of a state message: what has arrived behind the first gap.
//!
//! In: the data of a state message; out: blocks to walk, checked once; and back. Replaces C
//! `msg.h:struct tipc_gap_ack_blks` and `link.c:tipc_get_gap_ack_blks`.

use super::words::{high, low};
use crate::proto::vocab::SeqNo;

/// Blocks of one kind at most (half of C `msg.h:MAX_GAP_ACK_BLKS`).
pub const MAX_GAPS: usize = 64;

/// Bytes before the first block.
const HEAD: usize = 4;

/// Bytes of a block.
const BLOCK: usize = 4;

/// Bytes of the largest record: both kinds full.
pub const MAX_GAP_RECORD: usize = HEAD.saturating_add(BLOCK.saturating_mul(2 * MAX_GAPS));

/// One block: everything up to `ack` has arrived, then `gap` packets are missing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Gap {
    /// The last packet of a row that has arrived.
    pub ack: SeqNo,
    /// Packets missing after it; 0 in the last block.
    pub gap: u16,
}

/// The blocks of a record that was checked.
#[derive(Clone, Copy, Default)]
pub struct GapRecord<'a> {
    broadcast: &'a [u8],
    unicast: &'a [u8],
}

impl<'a> GapRecord<'a> {
    /// Reads the record at the start of a state message's data and returns how long it says it is.
    /// One whose length is not that of its blocks has no blocks; the length counts all the same.
    /// None if it is longer than the data: the message is to be dropped. No data is no record.
    pub fn read(data: &'a [u8]) -> Option<(GapRecord<'a>, usize)> {
        let Some(head) = data.first_chunk::<HEAD>() else {
            return Some((GapRecord::default(), 0));
        };
        let len = usize::from(high(head, 0));
        let [_, _, unicast, broadcast] = head.map(usize::from);
        let bytes = |blocks: usize| blocks.saturating_mul(BLOCK);
        let blocks = data.get(..len)?.get(HEAD..).unwrap_or(&[]);
        let record = if blocks.len() == bytes(unicast.saturating_add(broadcast)) {
            let (broadcast, unicast) = blocks.split_at_checked(bytes(broadcast))?;
            GapRecord { broadcast, unicast }
        } else if blocks.len() == bytes(unicast) {
            // From a peer that knows unicast blocks only.
            GapRecord {
                broadcast: &[],
                unicast: blocks,
            }
        } else {
            GapRecord::default()
        };
        Some((record, len))
    }

    /// The blocks about broadcasts.
    pub fn broadcast(self) -> impl Iterator<Item = Gap> + 'a {
        blocks(self.broadcast)
    }

    /// The blocks about the link's own packets.
    pub fn unicast(self) -> impl Iterator<Item = Gap> + 'a {
        blocks(self.unicast)
    }
}

fn blocks(bytes: &[u8]) -> impl Iterator<Item = Gap> + '_ {
    bytes.chunks_exact(BLOCK).map(|block| Gap {
        ack: SeqNo(high(block, 0)),
        gap: low(block, 0),
    })
}

/// A record on its way out.
pub struct GapWriter {
    bytes: [u8; MAX_GAP_RECORD],
    broadcast: usize,
    unicast: usize,
}

impl GapWriter {
    /// A record without blocks.
    pub fn new() -> Self {
        GapWriter {
            bytes: [0; MAX_GAP_RECORD],
            broadcast: 0,
            unicast: 0,
        }
    }

    /// Adds a block about broadcasts; they must come first. False if it is full.
    pub fn push_broadcast(&mut self, gap: Gap) -> bool {
        if self.broadcast >= MAX_GAPS || self.unicast > 0 {
            return false;
        }
        self.put(gap);
        self.broadcast = self.broadcast.wrapping_add(1);
        true
    }

    /// Adds a block about the link's own packets. False if it is full.
    pub fn push_unicast(&mut self, gap: Gap) -> bool {
        if self.unicast >= MAX_GAPS {
            return false;
        }
        self.put(gap);
        self.unicast = self.unicast.wrapping_add(1);
        true
    }

    fn len(&self) -> usize {
        let blocks = self.broadcast.saturating_add(self.unicast);
        HEAD.saturating_add(blocks.saturating_mul(BLOCK))
    }

    fn put(&mut self, gap: Gap) {
        let at = self.len();
        let rest = self.bytes.get_mut(at..).unwrap_or(&mut []);
        let ([ah, al], [gh, gl]) = (gap.ack.0.to_be_bytes(), gap.gap.to_be_bytes());
        if let Some(to) = rest.first_chunk_mut::<BLOCK>() {
            *to = [ah, al, gh, gl];
        }
    }

    /// The record's bytes, its length and counts filled in.
    pub fn finish(&mut self) -> &[u8] {
        let len = self.len();
        let [high, low] = (len as u16).to_be_bytes();
        if let Some(head) = self.bytes.first_chunk_mut::<HEAD>() {
            *head = [high, low, self.unicast as u8, self.broadcast as u8];
        }
        self.bytes.get(..len).unwrap_or(&[])
    }
}
