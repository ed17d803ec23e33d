// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! ioctl(): who a node is, and what a link is called.
//!
//! In: the user's request, a node address first; out: the same, filled in. Replaces C
//! `socket.c:tipc_ioctl` and `node.c:tipc_node_get_id`, `tipc_node_get_linkname`. Process context, no
//! lock held.

use super::TipcSock;
use crate::proto::vocab::{NodeAddr, NodeId};
use crate::sys::user::UserPointer;
use kernel::prelude::*;

/// uAPI linux/tipc.h: SIOCPROTOPRIVATE and the next.
const SIOCGETLINKNAME: u32 = 0x89e0;
const SIOCGETNODEID: u32 = 0x89e1;

/// Size of `struct tipc_sioc_ln_req`: two words and a name.
const LINK_NAME_REQUEST: usize = 76;

/// `struct tipc_sioc_nodeid_req`: a word and an identity.
const NODE_ID_REQUEST: usize = 20;

/// Does it. EADDRNOTAVAIL if there is no such node or link, EFAULT, ENOIOCTLCMD (which users see as
/// ENOTTY) for everything else.
pub fn ioctl(sock: &TipcSock, command: u32, argument: UserPointer) -> Result {
    match command {
        SIOCGETLINKNAME => {
            let mut request = [0; LINK_NAME_REQUEST];
            argument.read(&mut request)?;
            fill_link_name(sock, &mut request).ok_or(EADDRNOTAVAIL)?;
            argument.write(&request)
        }
        SIOCGETNODEID => {
            let mut request = [0; NODE_ID_REQUEST];
            argument.read(&mut request)?;
            let Some((peer, id)) = request.split_first_chunk_mut::<4>() else {
                return Err(EINVAL);
            };
            let peer = NodeAddr(u32::from_ne_bytes(*peer));
            if let Some(found) = node_id(sock, peer)? {
                for (to, from) in id.iter_mut().zip(&found.0) {
                    *to = *from;
                }
            }
            argument.write(&request)
        }
        _ => Err(ENOIOCTLCMD),
    }
}

/// Puts in the name of the link to the node and on the bearer that the request begins with; none if
/// there is no such link. The upper half of the bearer's number is the peer's, as in link events.
fn fill_link_name(sock: &TipcSock, request: &mut [u8; LINK_NAME_REQUEST]) -> Option<()> {
    let (peer, rest) = request.split_first_chunk_mut::<4>()?;
    let (bearer, name) = rest.split_first_chunk_mut::<4>()?;
    let bearer = u32::from_ne_bytes(*bearer) & 0xffff;
    let found = sock
        .net()
        .link_name(NodeAddr(u32::from_ne_bytes(*peer)), bearer)?;
    for (to, from) in name.iter_mut().zip(found.padded()) {
        *to = *from;
    }
    Some(())
}

/// The identity of a node; none, whatever the node, while the own node has none.
fn node_id(sock: &TipcSock, node: NodeAddr) -> Result<Option<NodeId>> {
    let own = sock.net().identity().id();
    if !own.is_some() {
        Ok(None)
    } else if node == sock.net().own_node() {
        Ok(Some(own))
    } else {
        sock.net().id_of(node).map(Some).ok_or(EADDRNOTAVAIL)
    }
}
