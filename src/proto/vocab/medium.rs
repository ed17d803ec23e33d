// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Media: where on a wire a node is.
//!
//! In: addresses of devices from `bearer`, of neighbours from `wire`; out: values to compare.
//! Replaces C `bearer.h:struct tipc_media_addr`.

/// Bearers of one node at most (C `bearer.h:MAX_BEARERS`).
pub const MAX_BEARERS: usize = 3;

/// The number of a bearer on its node, 0 to `MAX_BEARERS` - 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BearerId(u8);

impl BearerId {
    /// All there can be.
    pub const ALL: [BearerId; MAX_BEARERS] = [BearerId(0), BearerId(1), BearerId(2)];

    /// Bearer `number`; none if there can be none.
    pub fn new(number: u8) -> Option<Self> {
        (usize::from(number) < MAX_BEARERS).then_some(BearerId(number))
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Its place in an array of `MAX_BEARERS`.
    pub fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// Kind of medium (C `bearer.h:TIPC_MEDIA_TYPE_ETH` ...).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Medium {
    /// 1.
    Ethernet,
    /// 2.
    InfiniBand,
    /// 3.
    Udp,
}

/// An address on a medium: six bytes of Ethernet, twenty of InfiniBand, or a UDP socket; the rest
/// is zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MediaAddr {
    /// Which medium.
    pub medium: Medium,
    /// The address.
    pub value: [u8; 20],
    /// Whether it means everybody.
    pub broadcast: bool,
}

impl MediaAddr {
    /// An Ethernet address.
    pub fn ethernet(mac: [u8; 6]) -> Self {
        let mut value = [0; 20];
        for (to, from) in value.iter_mut().zip(mac) {
            *to = from;
        }
        MediaAddr {
            medium: Medium::Ethernet,
            value,
            broadcast: mac == [0xff; 6],
        }
    }
}
