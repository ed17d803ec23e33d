// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Identities and the addresses made of them. Expected values: net/tipc/core.h:hash128to32 and
//! addr.c:tipc_set_node_addr, and rows 5.3 and 5.6 as observed on the C module.

use tipc_proto::proto::vocab::{NodeAddr, NodeId};

fn id(text: &str) -> NodeId {
    let mut bytes = [0; 16];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    NodeId(bytes)
}

/* row 5.3 */
#[test]
fn the_hash_of_an_identity_is_its_address() {
    assert!(id("nodeA").address() == NodeAddr(0x2f6f_6465)); // 5.3, observed
    assert!(NodeId::NONE.address() == NodeAddr::NONE);
    // The four words cancel out: their union (hash128to32's second return).
    assert!(id("abcdabcd").address() == NodeAddr(0x6162_6364));
}

/* row 5.6 */
#[test]
fn an_address_alone_makes_an_identity() {
    assert!(NodeId::of_address(NodeAddr(0x0100_1001)) == id("1001001")); // 5.6, observed
    assert!(NodeId::of_address(NodeAddr(0xffff_fffe)) == id("fffffffe"));
    assert!(NodeId::of_address(NodeAddr(0)) == id("0")); // sprintf("%x", 0)
}

/* row 5.1 */
#[test]
fn an_identity_is_shown_as_text_if_it_can_be() {
    // addr.c:tipc_nodeid2string: digits, letters and .:_-@ up to the first zero byte ...
    assert!(id("nodeA").to_string() == "nodeA");
    assert!(id("a.b:c_d-e@f_0123").to_string() == "a.b:c_d-e@f_0123");
    // ... else hexadecimal digits, without the zeros at the end, however many.
    assert!(id("no de").to_string() == "6e6f206465");
    assert!(id("\u{2}\u{10}").to_string() == "021");
    assert!(NodeId([0xff; 16]).to_string() == "f".repeat(32));
}

/* row 5.1 */
#[test]
fn an_identity_without_text_is_none() {
    assert!(id("a").is_some() && NodeId([1; 16]).is_some() && id("\0\u{1}").is_some());
    assert!(!NodeId::NONE.is_some());
    // C keeps the text "" of this one, which means that there is none.
    assert!(!id("\0abc").is_some());
}
