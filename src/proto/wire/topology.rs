// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Requests to the topology server and its events (uAPI `struct tipc_subscr`, `struct tipc_event`).
//!
//! In: 28 bytes from a subscriber; out: what it asks for, and 48 bytes of an event. Words are in the
//! subscriber's byte order, which may be either. Replaces C `subscr.h:tipc_sub_read`,
//! `tipc_sub_write` and `tipc_evt_write`.

use crate::proto::vocab::{ServiceType, SocketAddr};

/// Bytes of a request.
pub const REQUEST_SIZE: usize = 28;

/// Bytes of an event.
const EVENT_SIZE: usize = 48;

/// Word of the filter in a request.
const FILTER: usize = 4;
/// Filter bits of which every request has one, if it is in this machine's byte order
/// (uAPI `TIPC_SUB_PORTS`, `TIPC_SUB_SERVICE`, `TIPC_SUB_CANCEL`).
const KNOWN: u32 = 7;
const CANCEL: u32 = 4;
/// Time limit of a subscription without one (uAPI `TIPC_WAIT_FOREVER`).
const FOREVER: u32 = u32::MAX;

/// A request. Nothing in it is checked but its length.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TopologyRequest {
    /// The service type asked about.
    pub service: ServiceType,
    /// The first instance.
    pub lower: u32,
    /// The last one; smaller than the first in a request that is illegal.
    pub upper: u32,
    /// Milliseconds until it ends; none for never.
    pub timeout: Option<u32>,
    /// Its filter, without the bit that says whether it cancels.
    pub filter: u32,
    /// Whether it ends a subscription, the one with equal `bytes`.
    pub cancels: bool,
    /// The request of the subscription, as its subscriber wrote it.
    pub bytes: [u8; REQUEST_SIZE],
}

impl TopologyRequest {
    /// Reads a request; none if it is short. What is behind it is not looked at. The byte order is
    /// guessed from the filter, which C does too and which misses only filters without a known bit.
    pub fn read(from: &[u8]) -> Option<Self> {
        let mut bytes = *from.first_chunk::<REQUEST_SIZE>()?;
        let filter = word(&bytes, FILTER);
        let cancels = filter & CANCEL != 0;
        let order = Order::of(&bytes);
        set_word(&mut bytes, FILTER, order.turn(filter & !CANCEL));
        Some(TopologyRequest {
            service: ServiceType(word(&bytes, 0)),
            lower: word(&bytes, 1),
            upper: word(&bytes, 2),
            timeout: Some(word(&bytes, 3)).filter(|&ms| ms != FOREVER),
            filter: word(&bytes, FILTER),
            cancels,
            bytes,
        })
    }
}

/// What a subscriber is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TopologyEvent {
    /// What happened (uAPI `TIPC_PUBLISHED` and its siblings).
    pub event: u32,
    /// The first instance of what was found.
    pub lower: u32,
    /// The last one.
    pub upper: u32,
    /// Who bound it; no socket if the time is over.
    pub socket: SocketAddr,
    /// The request it answers.
    pub request: [u8; REQUEST_SIZE],
}

impl TopologyEvent {
    /// Its bytes, in the byte order of the request.
    pub fn bytes(&self) -> [u8; EVENT_SIZE] {
        let order = Order::of(&self.request);
        let mut out = [0; EVENT_SIZE];
        let words = [
            self.event,
            self.lower,
            self.upper,
            self.socket.port.0,
            self.socket.node.0,
        ];
        let (head, tail) = out.split_at_mut(EVENT_SIZE - REQUEST_SIZE);
        for (to, value) in head.chunks_exact_mut(4).zip(words) {
            if let Some(to) = to.first_chunk_mut::<4>() {
                *to = order.turn(value).to_ne_bytes();
            }
        }
        if let Some(to) = tail.first_chunk_mut::<REQUEST_SIZE>() {
            *to = self.request;
        }
        out
    }
}

/// Whether a subscriber's words have to be turned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Same,
    Other,
}

impl Order {
    fn of(request: &[u8; REQUEST_SIZE]) -> Self {
        if raw(request, FILTER) & KNOWN != 0 {
            Order::Same
        } else {
            Order::Other
        }
    }

    fn turn(self, value: u32) -> u32 {
        match self {
            Order::Same => value,
            Order::Other => value.swap_bytes(),
        }
    }
}

/// Word `index` as it is in memory.
fn raw(request: &[u8; REQUEST_SIZE], index: usize) -> u32 {
    let rest = request.get(index.wrapping_mul(4)..).unwrap_or(&[]);
    rest.first_chunk::<4>()
        .map_or(0, |b| u32::from_ne_bytes(*b))
}

/// Word `index` as the subscriber meant it.
fn word(request: &[u8; REQUEST_SIZE], index: usize) -> u32 {
    Order::of(request).turn(raw(request, index))
}

/// Sets word `index` in memory.
fn set_word(request: &mut [u8; REQUEST_SIZE], index: usize, value: u32) {
    let rest = request.get_mut(index.wrapping_mul(4)..);
    if let Some(to) = rest.and_then(<[u8]>::first_chunk_mut::<4>) {
        *to = value.to_ne_bytes();
    }
}
