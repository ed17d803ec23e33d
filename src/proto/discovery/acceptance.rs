// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What to make of a beacon: is it for us, and what does it change?
//!
//! In: what matches; out: what to do. Replaces C `addr.c:tipc_in_scope` and the eight cases of
//! `node.c:tipc_node_check_dest`.

use crate::proto::vocab::NodeAddr;

/// What matches what is known of the neighbour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Match {
    /// The signature: the same life of that node.
    pub signature: bool,
    /// The address on the medium; no match if there is no link on this bearer yet.
    pub media: bool,
    /// The link on this bearer works.
    pub up: bool,
}

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    /// Take the signature.
    pub sign: bool,
    /// Take the media address, make a link if there is none, and reset it if it is not.
    pub accept: bool,
    /// Answer a request.
    pub respond: bool,
    /// Two nodes seem to have one address: tell the administrator.
    pub duplicate: bool,
}

/// The table.
pub fn decide(found: Match) -> Decision {
    let nothing = Decision::default();
    match (found.signature, found.media, found.up) {
        (true, true, true) => nothing,
        (true, true, false) => Decision {
            respond: true,
            ..nothing
        },
        // A new address without a new life, or a clone of that node: wait until the link goes
        // down, if ever.
        (true, false, true) | (false, false, true) => Decision {
            duplicate: true,
            ..nothing
        },
        (true, false, false) => Decision {
            accept: true,
            respond: true,
            ..nothing
        },
        // The node has started again, and the link will find out or already has.
        (false, true, true) => Decision {
            sign: true,
            ..nothing
        },
        (false, true, false) => Decision {
            sign: true,
            respond: true,
            ..nothing
        },
        (false, false, false) => Decision {
            sign: true,
            accept: true,
            respond: true,
            duplicate: false,
        },
    }
}

/// Everything in a zone or a cluster, in old addresses (uAPI `TIPC_ZONE_MASK`,
/// `TIPC_ZONE_CLUSTER_MASK`).
const ZONE: u32 = 0xff00_0000;
const CLUSTER: u32 = 0xffff_f000;

/// Whether `domain` contains `address`: none contains all, a node itself; a zone or a cluster with
/// zeros for the rest only among old addresses (C `addr.c:tipc_in_scope`).
pub fn contains(domain: NodeAddr, address: NodeAddr, old_addresses: bool) -> bool {
    if domain == NodeAddr::NONE || domain == address {
        return true;
    }
    let parts = [address.0 & CLUSTER, address.0 & ZONE];
    old_addresses && parts.contains(&domain.0)
}
