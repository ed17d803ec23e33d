// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The registry of connections against a naive one: row 5.22, and the bug of row 18.6.

use proptest::prelude::*;
use tipc_proto::mem;
use tipc_proto::mem::slab::Slab;
use tipc_proto::proto::peer::conns::{Connection, Connections, NeedRoom, Ticket};
use tipc_proto::proto::vocab::PortId;

fn add(all: &mut Connections, own: u32, peer: u32) -> Ticket {
    let connection = Connection {
        own: PortId(own),
        peer: PortId(peer),
    };
    loop {
        match all.add(connection) {
            Ok(ticket) => return ticket,
            Err(NeedRoom) => {
                let block = Slab::allocate(all.wanted().unwrap()).unwrap();
                drop(all.grow(block));
            }
        }
    }
}

/* rows 5.22, 18.6 */
#[test]
fn only_its_own_entry_is_removed() {
    let mut all = Connections::new();
    let a = add(&mut all, 10, 20);
    assert!(!all.remove(a, PortId(20))); // the peer's port is not the socket's
    assert!(all.remove(a, PortId(10)));
    assert!(!all.remove(a, PortId(10)));
    let b = add(&mut all, 11, 21);
    assert_eq!(a, b); // the same place
    assert!(!all.remove(a, PortId(10)));
    assert_eq!(all.len(), 1);
}

#[test]
fn no_memory_is_no_entry() {
    let mut all = Connections::new();
    mem::fail_after(0);
    assert!(Slab::<u32>::allocate(Slab::<u32>::new().wanted().unwrap()).is_none());
    mem::fail_never();
    assert!(
        all.add(Connection {
            own: PortId(1),
            peer: PortId(1)
        }) == Err(NeedRoom)
    );
    assert!(all.take_lost().is_none());
}

proptest! {
    #[test]
    fn as_a_list(steps in prop::collection::vec((0u8..8, 1u32..40), 1..400)) {
        let mut all = Connections::new();
        let mut naive: Vec<(u32, Ticket)> = Vec::new();
        for (what, own) in steps {
            match what {
                0..=3 => if !naive.iter().any(|n| n.0 == own) {
                    naive.push((own, add(&mut all, own, own + 100)));
                },
                4..=6 => {
                    let at = naive.iter().position(|n| n.0 == own);
                    if let Some(at) = at {
                        prop_assert!(all.remove(naive.remove(at).1, PortId(own)));
                    }
                }
                _ => if own == 7 {
                    let mut lost = Vec::new();
                    while let Some(c) = all.take_lost() {
                        prop_assert_eq!(c.peer.0, c.own.0 + 100);
                        lost.push(c.own.0);
                    }
                    lost.sort_unstable();
                    let mut there: Vec<u32> = naive.drain(..).map(|n| n.0).collect();
                    there.sort_unstable();
                    prop_assert_eq!(lost, there);
                },
            }
            prop_assert_eq!(all.len() as usize, naive.len());
        }
    }
}
