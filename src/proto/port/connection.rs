// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The connection of one socket, as a state machine.
//!
//! In: `DataHeader`s of messages that came for the socket, and the user's calls; out: a `Verdict`
//! for each message. The content of one lock, with the socket's inbox. Replaces C
//! `socket.c:tipc_sk_filter_connect`, `tipc_set_sk_state` and `tsk_peer_msg`.

use super::nagle::Nagle;
use super::window::Window;
use crate::proto::vocab::{ErrorCode, NodeAddr, ServiceType, SocketAddr};
use crate::proto::wire::{DataHeader, Destination};

/// The service type and instance a connection was set up with.
pub type Name = (ServiceType, u32);

/// State of a socket; a datagram socket stays open, or is established as one of a pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// New.
    Open,
    /// Takes connection requests.
    Listening,
    /// Has sent a connection request.
    Connecting,
    /// Connected.
    Established,
    /// The connection, or the attempt, is over.
    Disconnecting,
}

impl State {
    /// The number diagnosis tools know it by (C `socket.c`: states named after TCP's).
    pub fn number(self) -> u8 {
        match self {
            State::Open => 7,
            State::Listening => 10,
            State::Connecting => 2,
            State::Established => 1,
            State::Disconnecting => 8,
        }
    }
}

/// What to do with a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is not for this socket: back to the sender, who is told that there is no such port.
    Refuse,
    /// Into the inbox.
    Queue,
    /// The answer to the connection request. Into the inbox if there is data in it.
    Connected,
    /// The connection request was refused for overload: send it again, later.
    Retry,
    /// The connection request was refused for good.
    Refused,
    /// The peer has ended the connection; what the message returns goes into the inbox.
    Ended,
}

/// The connection.
#[derive(Clone, Copy)]
pub struct Connection {
    state: State,
    peer: SocketAddr,
    name: Option<Name>,
    end: Option<ErrorCode>,
    probed: bool,
    /// Whether the user has ended it and the peer may not have been told yet.
    ending: bool,
    /// Flow control.
    pub window: Window,
    /// Small sends in a row.
    pub nagle: Nagle,
}

impl Connection {
    /// None yet.
    pub const fn new() -> Self {
        Connection {
            state: State::Open,
            peer: SocketAddr::NONE,
            name: None,
            end: None,
            probed: false,
            ending: false,
            window: Window::new(),
            nagle: Nagle::new(),
        }
    }

    /// Its state.
    pub fn state(&self) -> State {
        self.state
    }

    /// The other end, from the connection request on.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// The service name it was set up with, if it was.
    pub fn name(&self) -> Option<Name> {
        self.name
    }

    /// Why the peer ended it, if it did.
    pub fn end(&self) -> Option<ErrorCode> {
        self.end
    }

    /// Begins to listen; false unless the socket is new.
    pub fn listen(&mut self) -> bool {
        let may = self.state == State::Open;
        if may {
            self.state = State::Listening;
        }
        may
    }

    /// A connection request goes out to `to`; false unless the socket is new.
    pub fn begin(&mut self, to: SocketAddr, name: Option<Name>) -> bool {
        let may = self.state == State::Open;
        if may {
            self.state = State::Connecting;
            self.peer = to;
            self.name = name;
        }
        may
    }

    /// The request could not be sent.
    pub fn begin_failed(&mut self) {
        if self.state == State::Connecting {
            *self = Connection::new();
        }
    }

    /// Connected to `peer`: an accepted socket, or one of a pair. False unless the socket is new.
    pub fn establish(&mut self, peer: SocketAddr, name: Option<Name>) -> bool {
        let may = self.state == State::Open;
        if may {
            self.state = State::Established;
            self.peer = peer;
            self.name = name;
        }
        may
    }

    /// The user ends it, or the attempt; the peer to tell, if there is one. `told` follows.
    pub fn shut(&mut self) -> Option<SocketAddr> {
        self.ending = self.state == State::Established;
        let told = match self.state {
            State::Established | State::Connecting => Some(self.peer),
            State::Open | State::Listening | State::Disconnecting => None,
        };
        match self.state {
            State::Established | State::Connecting => self.state = State::Disconnecting,
            State::Open | State::Listening | State::Disconnecting => {}
        }
        if self.state == State::Disconnecting {
            self.end = None;
        }
        told
    }

    /// The peer was told, or will never be.
    pub fn told(&mut self) {
        self.ending = false;
    }

    /// Whether word that the connection is over is on its way to `from`, so that a message of it is to
    /// be dropped: refused it might be there first. A C peer takes an acknowledgement that comes back
    /// for the end, but does not wake its reader for that, nor for the true end that follows.
    pub fn is_ending(&self, from: SocketAddr, own: NodeAddr) -> bool {
        self.ending && same(self.peer, from, own)
    }

    /// The peer, or its node, has ended it; false if there is no connection to `from`.
    pub fn on_end(&mut self, from: SocketAddr, own: NodeAddr, why: ErrorCode) -> bool {
        let ends = self.state == State::Established && same(self.peer, from, own);
        if ends {
            self.state = State::Disconnecting;
            self.end = Some(why);
        }
        ends
    }

    /// The answer of `from` to the connection request; false if none was out. Whoever answers is
    /// the peer, whatever the request was addressed to.
    pub fn on_answer(&mut self, from: SocketAddr) -> bool {
        let may = self.state == State::Connecting;
        if may {
            self.state = State::Established;
            self.peer = from;
        }
        may
    }

    /// The peer has read `blocks` and advertises `limit`; whether senders may go on that could not.
    pub fn on_ack(&mut self, from: SocketAddr, own: NodeAddr, blocks: u32, limit: u32) -> bool {
        self.is_alive(from, own) && self.window.on_ack(blocks, limit)
    }

    /// Whether `from` is the peer of an established connection; if so it is alive.
    pub fn is_alive(&mut self, from: SocketAddr, own: NodeAddr) -> bool {
        let alive = self.state == State::Established && same(self.peer, from, own);
        if alive {
            self.probed = false;
        }
        alive
    }

    /// The time to probe has come: `None` if there is nothing to probe, `Some(true)` if the peer is
    /// to be asked, `Some(false)` if it has not answered the last time and the connection is over.
    pub fn probe(&mut self) -> Option<bool> {
        if self.state != State::Established {
            return None;
        }
        if self.probed {
            self.state = State::Disconnecting;
            return Some(false);
        }
        self.probed = true;
        Some(true)
    }

    /// Judges a message that came, on a node whose address is `own`, for a socket that can have
    /// connections.
    pub fn rx(&mut self, header: &DataHeader, own: NodeAddr) -> Verdict {
        if matches!(header.destination, Destination::Multicast { .. }) {
            return Verdict::Refuse;
        }
        match self.state {
            State::Open | State::Disconnecting => Verdict::Refuse,
            State::Listening => {
                if header.syn && !header.is_connected() && header.error.is_none() {
                    Verdict::Queue
                } else {
                    Verdict::Refuse
                }
            }
            State::Connecting => self.rx_connecting(header, own),
            State::Established => self.rx_established(header, own),
        }
    }

    fn rx_connecting(&mut self, header: &DataHeader, own: NodeAddr) -> Verdict {
        match (header.is_connected(), header.error) {
            (true, None) => {
                self.on_answer(header.origin);
                Verdict::Connected
            }
            // Only the socket that was asked may refuse.
            (false, _) if !same(self.peer, header.origin, own) => Verdict::Refuse,
            (false, Some(ErrorCode::Overload)) => Verdict::Retry,
            (true, Some(_)) | (false, _) => {
                self.state = State::Disconnecting;
                self.end = header.error;
                Verdict::Refused
            }
        }
    }

    fn rx_established(&mut self, header: &DataHeader, own: NodeAddr) -> Verdict {
        if !same(self.peer, header.origin, own) {
            return Verdict::Refuse;
        }
        match header.error {
            None => {
                self.nagle.on_receive();
                Verdict::Queue
            }
            Some(why) => {
                self.state = State::Disconnecting;
                self.end = Some(why);
                Verdict::Ended
            }
        }
    }
}

/// Whether two addresses are one socket, where no node means the own one.
fn same(a: SocketAddr, b: SocketAddr, own: NodeAddr) -> bool {
    a.port == b.port && (a.node == b.node || (a.node.is_own(own) && b.node.is_own(own)))
}
