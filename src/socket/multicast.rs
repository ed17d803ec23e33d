// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Multicast: to every socket that has bound any part of a range, here and on other nodes; and the
//! order of those that come from other nodes.
//!
//! In: a user's message, multicasts of other nodes; out: buffers, to `deliver` and `stack`; fuller
//! inboxes. Replaces C `socket.c:tipc_sendmcast` and C `bcast.c:tipc_mcast_xmit`, `tipc_rcast_xmit`
//! and `tipc_mcast_send_sync`.

use super::deliver::deliver_to_all;
use super::rx::{News, Refusal, What};
use super::send::{build, header_of};
use super::state::Core;
use super::TipcSock;
use crate::proto::vocab::{ErrorCode, Instant, NodeAddr, PortId, ServiceRange, SocketAddr};
use crate::proto::wire::{DataHeader, Destination};
use crate::stack::cluster::Destinations;
use crate::stack::{Packet, Packets};
use crate::sys::clock;
use crate::sys::made::Reach;
use crate::sys::message::Msg;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;

/// Sends one copy to each socket that has bound any part of the range. EHOSTUNREACH if there is
/// none. What becomes of one copy is nothing to the others. Waits first while any link takes no
/// more of the socket: EAGAIN, EINTR.
pub fn multicast(
    sock: &TipcSock,
    range: ServiceRange,
    msg: &mut Msg<'_>,
    len: usize,
) -> Result<usize> {
    let congestion = &sock.state().congestion;
    if congestion.any() {
        sock.wait(&mut sock.send_timeout(msg.dont_wait()), || {
            (!congestion.any()).then_some(Ok(()))
        })?;
    }
    let to = sock.net().destinations(range)?;
    // From a socket for connections it looks like a request for one, as in C; nobody answers.
    let header = DataHeader {
        syn: sock.state().connects(),
        ..header_of(sock, SocketAddr::NONE, Destination::Multicast { range })
    };
    let reach = match to.count {
        0 => Reach::Here,
        _ => sock.net().reach_of_all(len),
    };
    let skb = build(&header, reach, len, msg)?;
    if to.count == 0 {
        return deliver_here(sock, skb, &header, range).map(|()| len);
    }
    let copy = match to.own {
        true => Some(skb.copied().ok_or(ENOMEM)?),
        false => None,
    };
    let sent = send_out(sock, skb, &header, &to);
    if let Some(copy) = copy {
        // They may have gone meanwhile.
        let _ = deliver_here(sock, copy, &header, range);
    }
    sent.map(|()| len)
}

fn deliver_here(sock: &TipcSock, skb: SkBuff, header: &DataHeader, range: ServiceRange) -> Result {
    let receivers = sock.net().multicast(range)?;
    deliver_to_all(sock.net(), skb, header, &receivers);
    Ok(())
}

/// Sends a multicast to other nodes, the way that is chosen for it; if that is another one than
/// before, an empty twin goes the old way first.
fn send_out(sock: &TipcSock, skb: SkBuff, header: &DataHeader, to: &Destinations) -> Result {
    let choice = {
        let mut method = sock.state().method.lock();
        let mut copy = *method;
        drop(method);
        let choice = sock.net().choose_method(&mut copy, to.count);
        method = sock.state().method.lock();
        copy.wanted = method.wanted;
        *method = copy;
        choice
    };
    let header = DataHeader {
        src_droppable: choice.replicast,
        syn: choice.changed,
        ..*header
    };
    if choice.changed {
        let twin = DataHeader {
            src_droppable: !choice.replicast,
            error: Some(ErrorCode::NoPort),
            ..header
        };
        let empty = SkBuff::from_bytes(Reach::Away, twin.len(), &[])?;
        send_way(sock, empty, &twin, to, false)?;
    }
    send_way(sock, skb, &header, to, true)
}

/// Sends a message as its header says: as copies, or by the broadcast link. `waits` says whether
/// the socket is blocked by links that are full.
fn send_way(
    sock: &TipcSock,
    mut skb: SkBuff,
    header: &DataHeader,
    to: &Destinations,
    waits: bool,
) -> Result {
    let net = sock.net();
    let port = header.origin.port;
    let waiter = waits.then_some(sock as &dyn crate::stack::cluster::Sender);
    let data = skb.len().saturating_sub(header.len());
    if !header.src_droppable {
        if !header.write(data, skb.linear_mut()) {
            return Err(EMSGSIZE);
        }
        return net.send_to_all(port, skb, waiter);
    }
    for node in to.nodes.iter() {
        let target = SocketAddr {
            port: PortId(0),
            node,
        };
        let mut copy = skb.copied().ok_or(ENOMEM)?;
        let header = DataHeader { target, ..*header };
        if header.write(data, copy.linear_mut()) {
            // What becomes of one copy is nothing to the others.
            let _ = net.send(node, port, copy, waiter);
        }
    }
    Ok(())
}

/// Whether a multicast of `len` bytes is on its way back to its sender: an empty one that marks a
/// change of way looks like that, too.
pub fn has_come_back(header: &DataHeader, len: usize) -> bool {
    header.error.is_some() && (!header.syn || len > header.len())
}

/// Whether the order of a message of `len` bytes among the multicasts of its sender has to be looked
/// at. What has come back has none.
pub fn has_order(core: &Core, header: &DataHeader, len: usize, own: NodeAddr) -> bool {
    !has_come_back(header, len)
        && matches!(header.destination, Destination::Multicast { .. })
        && (header.syn || !core.twins.is_empty())
        && !header.origin.node.is_own(own)
}

/// Takes in a multicast of another node, and what may be read after it, in the order they were
/// sent. Handed back with the reason if it is refused.
pub fn take_in(
    sock: &TipcSock,
    core: &mut Core,
    skb: SkBuff,
    limit: u64,
) -> Result<News, (SkBuff, Refusal)> {
    let (mut out, mut spent) = (Packets::default(), Packets::default());
    let now = Instant(clock::coarse_ms());
    let kept = core
        .twins
        .rx(Packet::from(skb), limit, now, &mut out, &mut spent);
    if let Err(refused) = kept {
        sock.count_drop();
        if out.len() == 0 {
            return Err((plain(refused), Refusal::Told(ErrorCode::Overload)));
        }
        // Others have waited for too long and may be read now: they are not lost with it.
        spent.push_back(refused);
    }
    let mut any = None;
    while let Some(packet) = out.pop_front() {
        match sock.state().admit(core, plain(packet), limit) {
            Ok(()) => any = Some(What::Readable),
            Err(skb) => {
                sock.count_drop();
                spent.push_back(Packet::from(skb));
            }
        }
    }
    let mut news = News::of(core, any, None);
    news.spend(spent);
    Ok(news)
}

fn plain(packet: Packet) -> SkBuff {
    packet.into_inner().without_note()
}
