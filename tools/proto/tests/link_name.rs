// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Names of links. Expected values: the formats in net/tipc/link.c:tipc_link_create and
//! tipc_link_bc_create, and row 5.22; TIPC_MAX_LINK_NAME and TIPC_MAX_IF_NAME of the uAPI.

use proptest::prelude::*;
use tipc_proto::proto::link::{LinkName, Named, LINK_NAME};
use tipc_proto::proto::vocab::{NodeAddr, NodeId};

fn padded<const LEN: usize>(text: &str) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    bytes
}

fn node(id: [u8; 16], address: u32) -> Named {
    Named {
        id: NodeId(id),
        address: NodeAddr(address),
    }
}

fn text(name: &LinkName) -> &str {
    let bytes = name.bytes();
    // What goes to users is this, with zeros behind it.
    assert_eq!(&name.padded()[..bytes.len()], bytes);
    assert!(bytes.len() < LINK_NAME);
    assert!(name.padded()[bytes.len()..].iter().all(|c| *c == 0));
    std::str::from_utf8(bytes).unwrap()
}

fn between(own: Named, peer: Named, interfaces: [&str; 2]) -> LinkName {
    LinkName::new(own, &padded(interfaces[0]), peer, &padded(interfaces[1]))
}

/* row 6.36 */
#[test]
fn two_nodes_and_their_interfaces() {
    let (alfa, bravo) = (node(padded("alfa"), 1), node(padded("bravo"), 2));
    assert_eq!(
        text(&between(alfa, bravo, ["eth0", "eth1"])),
        "alfa:eth0-bravo:eth1"
    );
    // Before the peer has told.
    assert_eq!(
        text(&between(alfa, bravo, ["eth0", ""])),
        "alfa:eth0-bravo:unknown"
    );
    // Nodes of the old kind: their addresses in hexadecimal digits are their identities.
    let old = |address| node(NodeId::of_address(NodeAddr(address)).0, address);
    assert_eq!(
        text(&between(old(0x0100_1001), old(0x0100_1002), ["va", "vb"])),
        "1001001:va-1001002:vb"
    );
}

/* rows 5.16, 6.36 */
#[test]
fn an_identity_longer_than_16_characters_is_shown_by_its_address() {
    // addr.c:tipc_nodeid2string: 16 characters fit; what is not text has two digits a byte, without
    // the zeros at the end, so eight bytes fit and nine do not.
    let peer = node(padded("b"), 7);
    let shown = |id| text(&between(node(id, 0xab_cdef), peer, ["e", "f"])).to_owned();
    assert_eq!(shown(padded("0123456789abcdef")), "0123456789abcdef:e-b:f");
    let mut bytes = [0; 16];
    bytes[..8].fill(0xff);
    assert_eq!(shown(bytes), "ffffffffffffffff:e-b:f");
    bytes[8] = 0x10;
    assert_eq!(shown(bytes), "abcdef:e-b:f");
    assert_eq!(shown([0xff; 16]), "abcdef:e-b:f");
}

/* row 6.36 */
#[test]
fn the_longest_name_fits() {
    let (own, peer) = (padded("0123456789abcdef"), padded("fedcba9876543210"));
    let interfaces = ["abcdefghijklmno", "onmlkjihgfedcba"];
    let name = between(node(own, 1), node(peer, 2), interfaces);
    assert_eq!(
        text(&name),
        "0123456789abcdef:abcdefghijklmno-fedcba9876543210:onmlkjihgfedcba"
    );
    // A peer may tell 16 characters without a zero: all there is room for.
    let name = LinkName::new(
        node(own, 1),
        &padded(interfaces[0]),
        node(peer, 2),
        &[b'x'; 16],
    );
    assert!(text(&name).ends_with(&format!(":{}", "x".repeat(16))));
}

/* row 7.1 */
#[test]
fn the_links_of_broadcasts() {
    assert_eq!(text(&LinkName::broadcast(None)), "broadcast-link");
    let peer = |id| LinkName::broadcast(Some(node(id, 0x1234)));
    assert_eq!(text(&peer(padded("bravo"))), "broadcast-link:bravo");
    assert_eq!(text(&peer([0xff; 16])), "broadcast-link:1234");
}

proptest! {
    /// Whatever a peer says it is called: it ends with a zero, and is never more than there is room for.
    #[test]
    fn any_bytes(
        ids in any::<[[u8; 16]; 2]>(),
        addresses in any::<[u32; 2]>(),
        interfaces in any::<[[u8; 16]; 2]>(),
    ) {
        let [own, peer] = [0, 1].map(|n| node(ids[n], addresses[n]));
        let name = LinkName::new(own, &interfaces[0], peer, &interfaces[1]);
        prop_assert!(name.bytes().len() < LINK_NAME);
        prop_assert!(!name.bytes().contains(&0));
        prop_assert_eq!(name.padded()[LINK_NAME - 1], 0);
        let unknown = name.bytes().ends_with(b":unknown");
        prop_assert_eq!(unknown, interfaces[1][0] == 0 || interfaces[1].starts_with(b"unknown"));
    }
}
