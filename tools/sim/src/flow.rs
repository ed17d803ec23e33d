// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Numbered messages from one port to one node: either each arrives, once and in order, or the
//! sender is told, and begins a new row.

use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::link::{pieces, put_together};
use tipc_proto::proto::vocab::{
    Importance, NodeAddr, PortId, ServiceRange, ServiceType, SocketAddr,
};
use tipc_proto::proto::wire::{DataHeader, Destination, Fragment, INTERNAL_HEADER};

/// Bytes before the data of a message to a socket, and to everybody.
const HEADERS: [usize; 2] = [32, 44];
/// Every message begins with its row and its number in it.
const NUMBERS: usize = 16;

/// The sending end.
pub struct Flow {
    /// None: everybody.
    pub to: NodeAddr,
    pub importance: Importance,
    /// The row, from 1: one more each time the sender was told that messages may be lost.
    pub row: u64,
    /// Messages sent in this row.
    pub sent: u64,
    pub waits: bool,
    /// Whether it is among the peer's connections.
    pub registered: bool,
}

impl Flow {
    /// `row` is larger than that of any flow from there before.
    pub fn new(to: NodeAddr, importance: Importance, row: u64) -> Self {
        Flow {
            to,
            importance,
            row,
            sent: 0,
            waits: false,
            registered: false,
        }
    }

    /// The sender is told that the peer is lost.
    pub fn told(&mut self) {
        self.row += 1;
        self.sent = 0;
        self.waits = false;
        self.registered = false;
    }

    /// The next message, cut for a link; none if memory is refused.
    pub fn message(
        &self,
        own: NodeAddr,
        port: PortId,
        size: usize,
        mss: usize,
    ) -> Option<HostList> {
        let size = size.max(NUMBERS);
        let header = DataHeader {
            importance: self.importance,
            src_droppable: false,
            dest_droppable: false,
            syn: false,
            error: None,
            origin: SocketAddr { port, node: own },
            target: SocketAddr {
                port: PortId(u32::from(self.to != NodeAddr::NONE)),
                node: self.to,
            },
            destination: match self.to {
                NodeAddr::NONE => Destination::Multicast {
                    range: ServiceRange::single(ServiceType(1000), 1),
                },
                _ => Destination::Direct,
            },
            rerouted: None,
        };
        let mut bytes = vec![0; HEADERS[usize::from(self.to == NodeAddr::NONE)]];
        assert!(header.write(size, &mut bytes));
        let number = self.sent + 1;
        bytes.extend(self.row.to_be_bytes());
        bytes.extend(number.to_be_bytes());
        bytes.extend((NUMBERS..size).map(|at| pattern(number, at)));
        self.cut(own, &bytes, mss)
    }

    /// A message that was cut for a link that is lost, cut for another one; none without memory.
    pub fn cut_anew(&self, own: NodeAddr, frames: &mut HostList, mss: usize) -> Option<HostList> {
        let whole: HostFrame = put_together(frames)?;
        self.cut(own, whole.bytes(), mss)
    }

    fn cut(&self, own: NodeAddr, bytes: &[u8], mss: usize) -> Option<HostList> {
        let mut frames = HostList::default();
        for piece in pieces(bytes.len(), mss) {
            let header: [u8; INTERNAL_HEADER] = Fragment {
                from: own,
                to: self.to,
                part: piece.part,
                number: piece.number,
                level: self.importance.into(),
            }
            .write(piece.len);
            let part = &bytes[piece.at..piece.at + piece.len];
            frames.push_back(HostFrame::new(&header, &[part], 0)?);
        }
        if frames.is_empty() {
            frames.push_back(HostFrame::new(bytes, &[], 0)?);
        }
        Some(frames)
    }
}

/// The row and the number of a message, if it is whole.
fn numbers(data: &[u8]) -> Result<(u64, u64), String> {
    let word = |at: usize| u64::from_be_bytes(data[at..at + 8].try_into().expect("8 bytes"));
    let (row, number) = (word(0), word(8));
    let wrong = (NUMBERS..data.len()).find(|at| data[*at] != pattern(number, *at));
    match wrong {
        Some(at) => Err(format!("message {number} is damaged at {at}")),
        None => Ok((row, number)),
    }
}

fn pattern(number: u64, at: usize) -> u8 {
    (number as usize).wrapping_mul(31).wrapping_add(at) as u8
}

/// The receiving end.
#[derive(Clone, Copy, Default, Debug)]
pub struct Reader {
    pub row: u64,
    pub read: u64,
    /// The node has started again: only a new row can begin.
    fresh: bool,
}

impl Reader {
    /// The node it is on has started again: what it had is lost, and the sender must be told.
    pub fn restart(&mut self) {
        self.fresh = true;
    }

    /// Checks a message: whole, and the next one of its row or the first of a new one.
    pub fn read(&mut self, data: &[u8]) -> Result<(), String> {
        let (row, number) = numbers(data)?;
        let same = row == self.row && !self.fresh;
        let expected = if same { self.read + 1 } else { 1 };
        if !(same || row > self.row) || number != expected {
            return Err(format!("message {number} of row {row}"));
        }
        self.have_read(row, number);
        Ok(())
    }

    /// The same of a broadcast. One that begins to listen may have missed what was sent `before` the
    /// sender has let it join, if that is known, but nothing after.
    pub fn hear(&mut self, data: &[u8], before: impl Fn(u64) -> Option<u64>) -> Result<(), String> {
        let (row, number) = numbers(data)?;
        let goes_on = row == self.row && !self.fresh;
        let right = match goes_on {
            true => number == self.read + 1,
            false => {
                let again = row == self.row && number <= self.read;
                let missed = before(row).is_some_and(|before| number > before + 1);
                row >= self.row && !again && !missed
            }
        };
        if !right {
            let before = before(row);
            return Err(format!(
                "message {number} of row {row}, joined at {before:?}"
            ));
        }
        self.have_read(row, number);
        Ok(())
    }

    fn have_read(&mut self, row: u64, number: u64) {
        *self = Reader {
            row,
            read: number,
            fresh: false,
        };
    }
}
