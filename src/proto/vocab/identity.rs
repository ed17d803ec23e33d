// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Identities: who a node is, whatever its address.
//!
//! In: 16 bytes from `mgmt`, from a bearer's own address or from a beacon; out: a newtype, and text.
//! Replaces C `core.h:hash128to32` and the identity half of C `addr.c`.

use super::NodeAddr;
use core::fmt::{self, Write};

/// Bytes of an identity (C `addr.h:NODE_ID_LEN`).
pub const NODE_ID_LEN: usize = 16;

/// The 128-bit identity of a node, zero padded; all zero while the node has none.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NodeId(pub [u8; NODE_ID_LEN]);

impl NodeId {
    /// No identity.
    pub const NONE: NodeId = NodeId([0; NODE_ID_LEN]);

    /// The address a node of this identity tries first: its four big-endian words, exclusive-ored;
    /// if that is 0, their union. None only for no identity.
    pub fn address(self) -> NodeAddr {
        let [a, b, c, d] = self.words();
        match a ^ b ^ c ^ d {
            0 => NodeAddr(a | b | c | d),
            hash => NodeAddr(hash),
        }
    }

    /// The four words, the first byte highest.
    pub fn words(self) -> [u32; 4] {
        let mut out = [0; 4];
        for (to, from) in out.iter_mut().zip(self.0.chunks_exact(4)) {
            *to = from
                .iter()
                .fold(0u32, |word, byte| (word << 8) | u32::from(*byte));
        }
        out
    }

    /// The identity of a node that has an address only: the address in hexadecimal digits.
    pub fn of_address(address: NodeAddr) -> Self {
        let mut id = [0; NODE_ID_LEN];
        let mut digits = (0..8u32)
            .rev()
            .map(|place| address.0.wrapping_shr(place.wrapping_mul(4)) & 0xf)
            .skip_while(|digit| *digit == 0);
        for (place, byte) in id.iter_mut().enumerate() {
            let digit = match digits.next() {
                Some(digit) => digit as u8,
                None if place == 0 => 0,
                None => break,
            };
            *byte = self::digit(digit);
        }
        NodeId(id)
    }

    /// Whether it is one at all: whether there is text to show (C `addr.h:tipc_own_id`).
    pub fn is_some(self) -> bool {
        self != NodeId::NONE && (self.0.first() != Some(&0) || !self.is_text())
    }

    /// Whether it can be shown as it is.
    fn is_text(self) -> bool {
        let fits = |c: &u8| c.is_ascii_alphanumeric() || b".:_@-\0".contains(c);
        self.0.iter().all(fits)
    }
}

impl fmt::Display for NodeId {
    /// As it is if that is text, else in hexadecimal digits without the zeros at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_text() {
            let mut text = self.0.iter().take_while(|c| **c != 0);
            return text.try_for_each(|c| f.write_char(char::from(*c)));
        }
        let mut zeros = 0u32;
        for nibble in self.0.iter().flat_map(|c| [c >> 4, c & 15]) {
            if nibble == 0 {
                zeros = zeros.wrapping_add(1);
                continue;
            }
            for _ in 0..core::mem::take(&mut zeros) {
                f.write_char('0')?;
            }
            f.write_char(char::from(digit(nibble)))?;
        }
        Ok(())
    }
}

/// The digit for 0 to 15.
fn digit(value: u8) -> u8 {
    if value < 10 { b'0' } else { b'a' - 10 }.wrapping_add(value)
}
