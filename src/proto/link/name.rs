// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The name of a link: "own node:own interface-peer:its interface".
//!
//! In: identities and the names of interfaces; out: text, for users to see and to ask by. Replaces
//! the names in C `link.c:tipc_link_create` and `tipc_link_bc_create`.

use crate::proto::vocab::{NodeAddr, NodeId, NODE_ID_LEN};
use crate::proto::wire::INTERFACE_NAME;
use core::fmt::{self, Write};

/// Bytes of a name, with the zero behind it (uAPI `TIPC_MAX_LINK_NAME`).
pub const LINK_NAME: usize = 68;

/// The name of the link that broadcasts go by, and the beginning of those they come by (C
/// `link.c:tipc_bclink_name`).
pub const BROADCAST_LINK: &str = "broadcast-link";

/// A name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LinkName {
    text: [u8; LINK_NAME],
    len: usize,
}

/// A node, as names show it.
#[derive(Clone, Copy)]
pub struct Named {
    /// Its identity, shown if it is no longer than 16 characters.
    pub id: NodeId,
    /// Its address, shown instead of a longer one.
    pub address: NodeAddr,
}

impl LinkName {
    const EMPTY: LinkName = LinkName {
        text: [0; LINK_NAME],
        len: 0,
    };

    /// That of a link between `own` and `peer`, from one interface to the other. What the peer's is
    /// called is not known before it has told: then it is "unknown".
    pub fn new(
        own: Named,
        interface: &[u8; INTERFACE_NAME],
        peer: Named,
        peer_interface: &[u8; INTERFACE_NAME],
    ) -> Self {
        let mut name = LinkName::EMPTY;
        name.push_node(own);
        name.push(b":");
        name.push(interface);
        name.push(b"-");
        name.push_node(peer);
        name.push(b":");
        match peer_interface.first() {
            Some(0) | None => name.push(b"unknown"),
            Some(_) => name.push(peer_interface),
        }
        name
    }

    /// That of the link broadcasts of `peer` come by; of the one they go by without a peer.
    pub fn broadcast(peer: Option<Named>) -> Self {
        let mut name = LinkName::EMPTY;
        name.push(BROADCAST_LINK.as_bytes());
        if let Some(peer) = peer {
            name.push(b":");
            name.push_node(peer);
        }
        name
    }

    /// The text, without a zero.
    pub fn bytes(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }

    /// All of it, padded with zeros, at least one.
    pub fn padded(&self) -> &[u8; LINK_NAME] {
        &self.text
    }

    /// Appends text up to its first zero.
    fn push(&mut self, text: &[u8]) {
        let place = self.text.iter_mut().take(LINK_NAME - 1).skip(self.len);
        for (to, from) in place.zip(text.iter().take_while(|c| **c != 0)) {
            *to = *from;
            self.len = self.len.saturating_add(1);
        }
    }

    fn push_node(&mut self, node: Named) {
        let mut shown = LinkName::EMPTY;
        // A writer that never fails.
        let _ = write!(shown, "{}", node.id);
        if shown.len > NODE_ID_LEN {
            shown = LinkName::EMPTY;
            let _ = write!(shown, "{:x}", node.address.0);
        }
        self.push(&shown.text);
    }
}

impl Write for LinkName {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}
