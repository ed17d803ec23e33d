// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Beacons: by what they look for neighbours, answer, and try an address.
//!
//! In: header and data of a message of user `Discovery`; out: its meaning; and back. Replaces the
//! accessors of LINK_CONFIG in C `msg.h` and the `addr2msg`, `msg2addr` of C's media.

use super::header::{first_words, non_sequenced, Header, User, MAX_HEADER};
use super::words::{bytes_of, field, set_word, word};
use crate::proto::vocab::{
    Capabilities, Capability, MediaAddr, Medium, NodeAddr, NodeId, NODE_ID_LEN,
};

/// Bytes of a whole beacon: the largest header and an identity.
pub const BEACON: usize = MAX_HEADER.saturating_add(NODE_ID_LEN);

/// Bytes of the field with the address on the medium.
const MEDIA_INFO: usize = 32;
/// Where that field begins.
const MEDIA_INFO_AT: usize = 20;
/// The number of the medium in it (not for InfiniBand).
const MEDIUM_AT: usize = 3;
/// The address in it (InfiniBand's begins at 0).
const ADDRESS_AT: usize = 4;

/// Which beacon (C `msg.h:DSC_REQ_MSG` ...).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BeaconKind {
    /// 0: who is there?
    Request,
    /// 1: I am.
    Response,
    /// 2: may I have this address?
    Trial,
    /// 3: no; take that one.
    TrialFail,
}

/// The field with an address on a medium, not yet read: what it means depends on the bearer it has
/// come in by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MediaInfo(pub [u8; MEDIA_INFO]);

/// One beacon.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Beacon {
    /// Which.
    pub kind: BeaconKind,
    /// The sender's address, or the one it tries.
    pub from: NodeAddr,
    /// Which nodes are meant: 0 for all, or a domain, or the trial address that failed.
    pub domain: NodeAddr,
    /// The network; beacons of others are ignored.
    pub network: u32,
    /// What the sender can do.
    pub capabilities: Capabilities,
    /// A random number of the sender's. Its highest bit is lost on the wire: it always reads as
    /// `Capability::Syn`.
    pub signature: u16,
    /// The sender's address on the medium.
    pub media: MediaInfo,
    /// Where in this kernel the sender is.
    pub net_hash: u32,
    /// The address to try next (of `TrialFail` only).
    pub suggested: NodeAddr,
    /// The sender's identity; of an old one, its address in hexadecimal digits.
    pub id: NodeId,
}

impl Beacon {
    /// Reads a checked message of user `Discovery` whose data is `data`, contiguous. None if it is
    /// to be dropped.
    pub fn read(header: Header<'_>, data: &[u8]) -> Option<Beacon> {
        let bytes = header.bytes();
        let kind = match header.kind() {
            0 => BeaconKind::Request,
            1 => BeaconKind::Response,
            2 => BeaconKind::Trial,
            3 => BeaconKind::TrialFail,
            _ => return None,
        };
        let capabilities = Capabilities(field(bytes, 1, 15, 0x1fff) as u16);
        let from = header.previous_node();
        let id = if capabilities.has(Capability::Identity) {
            NodeId(*data.get(..header.data_len())?.first_chunk()?)
        } else {
            NodeId::of_address(from)
        };
        Some(Beacon {
            kind,
            from,
            domain: NodeAddr(word(bytes, 2)),
            network: word(bytes, 4),
            capabilities,
            signature: field(bytes, 1, 0, 0xffff) as u16,
            media: MediaInfo(*bytes.get(MEDIA_INFO_AT..)?.first_chunk()?),
            net_hash: word(bytes, 13),
            suggested: NodeAddr(word(bytes, 14)),
            id,
        })
    }

    /// The whole message.
    pub fn write(&self) -> [u8; BEACON] {
        let kind = match self.kind {
            BeaconKind::Request => 0,
            BeaconKind::Response => 1,
            BeaconKind::Trial => 2,
            BeaconKind::TrialFail => 3,
        };
        let (w0, w1) = first_words(User::Discovery, kind, MAX_HEADER, NODE_ID_LEN);
        // Bit 15 is the lowest of the capabilities and wins over the signature's highest.
        let low = (u32::from(self.signature) & 0x7fff) | (u32::from(self.capabilities.0) << 15);
        let mut out: [u8; BEACON] = bytes_of([
            w0 | non_sequenced(true),
            w1 | (low & 0x0fff_ffff),
            self.domain.0,
            self.from.0,
            self.network,
        ]);
        let info = out.get_mut(MEDIA_INFO_AT..).unwrap_or(&mut []);
        if let Some(to) = info.first_chunk_mut() {
            *to = self.media.0;
        }
        set_word(&mut out, 13, self.net_hash);
        set_word(&mut out, 14, self.suggested.0);
        if let Some(to) = out.last_chunk_mut() {
            *to = self.id.0;
        }
        out
    }
}

impl MediaInfo {
    /// The field for `addr`.
    pub fn of(addr: &MediaAddr) -> MediaInfo {
        let mut out = [0; MEDIA_INFO];
        let (at, number) = match addr.medium {
            Medium::Ethernet => (ADDRESS_AT, 1),
            Medium::InfiniBand => (0, 0),
            Medium::Udp => (ADDRESS_AT, 3),
        };
        if let Some(to) = out.get_mut(MEDIUM_AT) {
            *to = number;
        }
        let used = address_len(addr.medium);
        for (to, from) in out.iter_mut().skip(at).zip(addr.value.iter().take(used)) {
            *to = *from;
        }
        MediaInfo(out)
    }

    /// The address in the field, as a bearer of `medium` reads it. Whether an InfiniBand address is
    /// the broadcast one depends on the device and is not known here.
    pub fn addr(&self, medium: Medium) -> MediaAddr {
        let at = match medium {
            Medium::InfiniBand => 0,
            Medium::Ethernet | Medium::Udp => ADDRESS_AT,
        };
        let mut value = [0; 20];
        let used = value.iter_mut().take(address_len(medium));
        for (to, from) in used.zip(self.0.iter().skip(at)) {
            *to = *from;
        }
        MediaAddr {
            medium,
            value,
            broadcast: is_broadcast(medium, &value),
        }
    }
}

fn address_len(medium: Medium) -> usize {
    match medium {
        Medium::Ethernet => 6,
        Medium::InfiniBand | Medium::Udp => 20,
    }
}

fn is_broadcast(medium: Medium, value: &[u8; 20]) -> bool {
    match medium {
        Medium::Ethernet => value.first_chunk() == Some(&[0xff; 6]),
        Medium::InfiniBand => false,
        // Protocol 0x0800 or 0x86dd, a port, and an IPv4 or IPv6 address: is it multicast?
        Medium::Udp => match value {
            [0x08, 0x00, _, _, first, ..] => first & 0xf0 == 0xe0,
            [0x86, 0xdd, _, _, first, ..] => *first == 0xff,
            _ => false,
        },
    }
}
