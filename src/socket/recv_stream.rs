// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! recvmsg() of SOCK_STREAM: bytes of as many messages as fit.
//!
//! In: the inbox; out: bytes. Replaces C `socket.c:tipc_recvstream`. Process context, no lock held.

use super::recv::{credit, end, keep, may_receive, next, put_back, wait_for_next, Next};
use super::{address, ancillary, TipcSock};
use crate::proto::vocab::ErrorCode;
use crate::proto::wire::Arrival;
use crate::sys::message::{Msg, RecvFlag, RecvFlags};
use crate::sys::skb::SkBuff;
use crate::sys::sock::Timeout;
use kernel::prelude::*;

/// One call.
struct Call {
    len: usize,
    copied: usize,
    /// Waits while it has less than this.
    required: usize,
    peek: bool,
    timeout: Timeout,
}

/// Whether to go on.
#[derive(PartialEq, Eq)]
enum Step {
    More,
    Done,
}

/// Receives bytes: how many. Waits for one, for SO_RCVLOWAT, or with MSG_WAITALL for all; never goes
/// past the end of the connection. Errors as for `recv::receive`; what was copied before counts.
pub fn receive(sock: &TipcSock, msg: &mut Msg<'_>, len: usize, flags: RecvFlags) -> Result<usize> {
    may_receive(sock, len)?;
    let mut call = Call {
        len,
        copied: 0,
        required: sock.low_water(flags.has(RecvFlag::WaitAll), len),
        peek: flags.has(RecvFlag::Peek),
        timeout: sock.receive_timeout(flags.dont_wait()),
    };
    loop {
        match call.step(sock, msg) {
            Ok(Step::More) => {}
            Ok(Step::Done) => return Ok(call.copied),
            Err(_) if call.copied != 0 => return Ok(call.copied),
            Err(err) => return Err(err),
        }
    }
}

impl Call {
    fn step(&mut self, sock: &TipcSock, msg: &mut Msg<'_>) -> Result<Step> {
        let first = self.copied == 0;
        let next = if self.copied < self.required {
            wait_for_next(sock, self.peek, &mut self.timeout)?
        } else {
            match next(sock, self.peek) {
                Some(next) => next,
                None => return Ok(Step::Done),
            }
        };
        let (skb, header) = match next {
            Next::Message(skb, header) => (skb, header),
            Next::End(_) if !first => return Ok(Step::Done),
            Next::End(why) => return end(sock, msg, why).map(|_| Step::Done),
        };
        if header.error.is_some() && !first {
            keep(sock, skb, self.peek);
            return Ok(Step::Done);
        }
        if first {
            msg.set_name(&address::socket_name(header.origin));
            let told = ancillary::put(sock, &skb, msg);
            if let Err(err) = told {
                keep(sock, skb, self.peek);
                return Err(err);
            }
        }
        match header.error {
            Some(why) => self.returned(sock, skb, why, msg),
            None => self.copy_out(sock, skb, header, msg),
        }
    }

    fn returned(
        &self,
        sock: &TipcSock,
        skb: SkBuff,
        why: ErrorCode,
        msg: &Msg<'_>,
    ) -> Result<Step> {
        if why != ErrorCode::ConnectionShutdown && !msg.has_control_place() {
            keep(sock, skb, self.peek);
            return Err(ECONNRESET);
        }
        skb.consume();
        Ok(Step::Done)
    }

    fn copy_out(
        &mut self,
        sock: &TipcSock,
        mut skb: SkBuff,
        header: Arrival,
        msg: &mut Msg<'_>,
    ) -> Result<Step> {
        let data = skb.len().saturating_sub(header.len);
        let done = (skb.note() as usize).min(data);
        let room = self.len.saturating_sub(self.copied);
        let part = data.wrapping_sub(done).min(room);
        let from = header.len.wrapping_add(done);
        if let Err(err) = skb.copy_to_user(from, part, msg) {
            keep(sock, skb, self.peek);
            return Err(err);
        }
        self.copied = self.copied.saturating_add(part);
        let end = done.wrapping_add(part);
        if self.peek {
            skb.consume();
            return Ok(Step::Done);
        }
        if end < data {
            skb.set_note(end as u32);
            put_back(sock, skb);
            return Ok(Step::Done);
        }
        credit(sock, skb.len());
        skb.recycle();
        Ok(if self.copied >= self.len {
            Step::Done
        } else {
            Step::More
        })
    }
}
