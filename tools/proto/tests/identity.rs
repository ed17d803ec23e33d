// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Identities and the addresses made of them. Expected values: net/tipc/core.h:hash128to32 and
//! addr.c:tipc_set_node_addr, and rows 5.3 and 5.6 as observed on the C module.

use tipc_proto::proto::vocab::{NodeAddr, NodeId};

fn id(text: &str) -> NodeId {
    let mut bytes = [0; 16];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    NodeId(bytes)
}

#[test]
fn the_hash_of_an_identity_is_its_address() {
    assert!(id("nodeA").address() == NodeAddr(0x2f6f_6465)); // 5.3, observed
    assert!(NodeId::NONE.address() == NodeAddr::NONE);
    // The four words cancel out: their union (hash128to32's second return).
    assert!(id("abcdabcd").address() == NodeAddr(0x6162_6364));
}

#[test]
fn an_address_alone_makes_an_identity() {
    assert!(NodeId::of_address(NodeAddr(0x0100_1001)) == id("1001001")); // 5.6, observed
    assert!(NodeId::of_address(NodeAddr(0xffff_fffe)) == id("fffffffe"));
    assert!(NodeId::of_address(NodeAddr(0)) == id("0")); // sprintf("%x", 0)
}
