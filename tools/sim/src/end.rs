// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! One end of a link with the little of a node it needs: it takes the link up and down, and has
//! senders and a reader.

use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::proto::frame::{Frame, FrameList, Out};
use tipc_proto::proto::link::{
    pieces, BroadcastView, Broadcasts, Config, Context, Event, Events, Link, SendError, Sent,
    Verdict, Window,
};
use tipc_proto::proto::vocab::{
    Capabilities, Importance, Instant, Level, NodeAddr, PortId, SessionNo, SocketAddr,
};
use tipc_proto::proto::wire::{
    DataHeader, Destination, Fragment, Header, Protocol, User, INTERNAL_HEADER,
};

/// Bytes before the data of a message to a socket.
const HEADER: usize = 32;
/// Every message says its number first.
const NUMBER: usize = 8;

/// The configuration of both ends, the C module's for Ethernet.
pub fn ethernet(own: NodeAddr, peer: NodeAddr) -> Config {
    let mut interface = [0; 16];
    interface[..4].copy_from_slice(b"eth0");
    Config {
        own,
        peer,
        bearer: 0,
        plane: 0,
        interface,
        mtu: 1500,
        min_mtu: 100,
        tolerance: 1500,
        priority: 10,
        window: Window::new(50, 8191),
        capabilities: Capabilities::ALL,
    }
}

/// What leaves an end in one call.
#[derive(Default)]
pub struct Parts {
    pub wire: HostList,
    pub up: HostList,
    pub spent: HostList,
}

impl Parts {
    pub fn out(&mut self) -> Out<'_, HostFrame> {
        Out {
            wire: &mut self.wire,
            up: &mut self.up,
            spent: &mut self.spent,
        }
    }
}

/// One end.
pub struct End {
    pub link: Link<HostFrame>,
    pub now: u64,
    pub parts: Parts,
    /// The number of the next message to send.
    pub next_sent: u64,
    /// The first message that was sent since the link was last taken up.
    pub first_of_session: u64,
    /// The last message that was read.
    pub last_read: u64,
    /// Messages missing among those read.
    pub missed: u64,
    pub ups: u32,
    pub downs: u32,
    /// Senders that wait, by level.
    pub waiting: [u32; Level::COUNT],
}

/// Whether reception of broadcasts has begun.
struct Begun(bool);

/// What a link is told of the broadcast link when nothing is broadcast, but for that.
pub fn broadcasts(begun: bool) -> &'static dyn Broadcasts {
    match begun {
        true => &Begun(true),
        false => &Begun(false),
    }
}

impl Broadcasts for Begun {
    fn view(&self) -> BroadcastView<'_> {
        BroadcastView {
            up: self.0,
            ..BroadcastView::default()
        }
    }
}

impl End {
    pub fn new(config: Config, session: SessionNo) -> Self {
        let mut end = End {
            link: Link::new(config, session),
            now: 0,
            parts: Parts::default(),
            next_sent: 1,
            first_of_session: 1,
            last_read: 0,
            missed: 0,
            ups: 0,
            downs: 0,
            waiting: [0; Level::COUNT],
        };
        end.clear();
        end
    }

    fn context(&self) -> Context<'static> {
        Context {
            now: Instant(self.now),
            broadcasts: Some(broadcasts(self.link.state().is_up())),
            ..Context::default()
        }
    }

    /// Empties the link, wakes everybody, and begins anew.
    fn clear(&mut self) {
        let woken = self.link.reset(&mut self.parts.out());
        assert!(self.link.event(Event::Reset) == Events::NONE);
        for (waiting, woken) in self.waiting.iter_mut().zip(woken) {
            assert!(*waiting == woken, "a sender waits for ever");
            *waiting = 0;
        }
    }

    /// Does what the link's events ask for, and reads what has come.
    pub fn act(&mut self, events: Events) {
        let context = self.context();
        if events.has(Events::DOWN) {
            self.downs += 1;
            self.clear();
            self.link.send_setup(true, &context, &mut self.parts.out());
        } else if events.has(Events::UP) && self.link.establish(&context, &mut self.parts.out()) {
            self.ups += 1;
            self.first_of_session = self.next_sent;
        }
        if events.has(Events::ROOM) && !events.has(Events::DOWN) {
            let woken = self.link.take_senders();
            assert!(woken.iter().any(|n| *n > 0), "ROOM, but for nobody");
            for (waiting, woken) in self.waiting.iter_mut().zip(woken) {
                *waiting -= woken;
            }
        }
        while let Some(frame) = self.parts.up.pop_front() {
            self.read(&frame);
        }
        self.parts.spent = HostList::default();
    }

    /// A frame has arrived.
    pub fn rx(&mut self, bytes: &[u8]) {
        let context = self.context();
        let Some(frame) = HostFrame::arrived(bytes) else {
            return;
        };
        let events = if frame.header().user() == User::Link {
            let data = frame.data().unwrap_or(&[]);
            let Some(message) = Protocol::read(frame.header(), data, true) else {
                return;
            };
            self.link
                .rx_protocol(&message, &context, &mut self.parts.out())
        } else {
            self.link.rx(frame, &context, &mut self.parts.out())
        };
        self.act(events);
    }

    /// A tick; when the next one is due.
    pub fn tick(&mut self) -> u64 {
        let context = self.context();
        let events = self
            .link
            .tick(Verdict::WATCH, &context, &mut self.parts.out());
        self.act(events);
        self.now + u64::from(tipc_proto::proto::link::interval(self.link.tolerance()))
    }

    /// Sends a message of `size` bytes of data, unless memory is refused or its senders wait.
    pub fn send(&mut self, importance: Importance, size: usize) {
        let level = Level::from(importance).number() as usize;
        // Two senders of each level at most.
        if !self.link.state().is_up() || self.waiting[level] >= 2 {
            return;
        }
        let message = self.message(importance, size.max(NUMBER));
        let Some(mut frames) = self.cut(&message, importance) else {
            return;
        };
        let context = self.context();
        match self.link.send(&mut frames, &context, &mut self.parts.out()) {
            Ok(Sent::Done) => self.next_sent += 1,
            Ok(Sent::Wait) => {
                self.next_sent += 1;
                self.waiting[level] += 1;
            }
            Err(error @ (SendError::TooLarge { .. } | SendError::Overflow | SendError::Down)) => {
                panic!("refused: {error:?}")
            }
        }
    }

    fn message(&self, importance: Importance, size: usize) -> Vec<u8> {
        let socket = |node, port| SocketAddr {
            port: PortId(port),
            node,
        };
        let header = DataHeader {
            importance,
            src_droppable: false,
            dest_droppable: false,
            syn: false,
            error: None,
            origin: socket(self.link.config().own, 1),
            target: socket(self.link.config().peer, 2),
            destination: Destination::Direct,
            rerouted: None,
        };
        let mut bytes = vec![0; HEADER];
        assert!(header.write(size, &mut bytes));
        bytes.extend(self.next_sent.to_be_bytes());
        bytes.extend((NUMBER..size).map(|at| pattern(self.next_sent, at)));
        bytes
    }

    fn cut(&self, message: &[u8], importance: Importance) -> Option<HostList> {
        let mut frames = HostList::default();
        let config = self.link.config();
        for piece in pieces(message.len(), self.link.mss() as usize) {
            let header: [u8; INTERNAL_HEADER] = Fragment {
                from: config.own,
                to: config.peer,
                part: piece.part,
                number: piece.number,
                level: importance.into(),
            }
            .write(piece.len);
            let part = &message[piece.at..piece.at + piece.len];
            frames.push_back(HostFrame::new(&header, &[part], 0)?);
        }
        if frames.is_empty() {
            frames.push_back(HostFrame::new(message, &[], 0)?);
        }
        Some(frames)
    }

    /// Checks a message that was delivered: whole, not a second time, and after those before it.
    fn read(&mut self, frame: &HostFrame) {
        let bytes = frame.bytes();
        let header = Header::check(bytes, bytes.len()).expect("a message");
        assert!(header.size() == bytes.len());
        let data = &bytes[header.len()..];
        let number = u64::from_be_bytes(data[..NUMBER].try_into().unwrap());
        let wrong = (NUMBER..data.len()).find(|at| data[*at] != pattern(number, *at));
        assert!(wrong.is_none(), "message {number} is damaged at {wrong:?}");
        assert!(
            number > self.last_read,
            "message {number} after {}",
            self.last_read
        );
        self.missed += number - self.last_read - 1;
        self.last_read = number;
    }
}

fn pattern(number: u64, at: usize) -> u8 {
    (number as usize).wrapping_mul(31).wrapping_add(at) as u8
}
