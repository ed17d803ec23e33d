// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A message that was cut for a link that is lost, for one of smaller packets: it is put together, and
//! cut anew. Expected values: the message itself; C `link.c:tipc_link_xmit` for what is too large.

mod pair;

use pair::{message, Pair, NODES};
use proptest::prelude::*;
use tipc_proto::frame::{live, HostFrame, HostList};
use tipc_proto::mem;
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::link::{pieces, put_together, SendError, Sent};
use tipc_proto::proto::vocab::{Importance, Level};
use tipc_proto::proto::wire::Fragment;

const SENDER: u32 = 10;
/// Bytes of the largest packet by Ethernet: 1500 but for a header and what encryption may need.
const MOST: usize = 1500 - 40 - 32;
/// Bytes of the smallest packets that a link may have (C `bearer.h:TIPC_MIN_BEARER_MTU`).
const LEAST: usize = 100;
/// Bytes of the largest user message.
const LARGEST: usize = 66_000;

/// What `whole` is cut into for packets of at most `most` bytes, as `stack` cuts it.
fn cut(whole: &HostFrame, most: usize) -> HostList {
    let mut frames = HostList::default();
    for piece in pieces(whole.bytes().len(), most) {
        let header = Fragment {
            from: NODES[0],
            to: NODES[1],
            part: piece.part,
            number: piece.number,
            level: Level::from(Importance::Low),
        };
        frames.push_back(
            whole
                .cut(&header.write(piece.len), piece.at, piece.len)
                .unwrap(),
        );
    }
    if frames.is_empty() {
        frames.push_back(whole.copy().unwrap());
    }
    frames
}

/* row 6.26 */
#[test]
fn what_is_too_large_stays_and_goes_when_it_is_cut_anew() {
    for (size, before, fits) in [
        (66_000, 8_900, false),
        (8_000, 8_900, false),
        (1_500, 1_540, false),
        (66_000, 1_000, true),
        (100, 140, true),
    ] {
        let mut pair = Pair::new(1);
        pair.run(4);
        let whole = message(0, SENDER, Importance::Low, 1, size);
        let mut frames = cut(&whole, before);
        let (count, seen) = (frames.len(), pair.seen.len());
        if !fits {
            let refused = pair.send_list(0, SENDER, &mut frames);
            assert_eq!(
                refused,
                Err(SendError::TooLarge { most: MOST }),
                "{size} bytes"
            );
            assert_eq!((frames.len(), pair.seen.len()), (count, seen));
            let again: HostFrame = put_together(&mut frames).unwrap();
            assert!(again.bytes() == whole.bytes() && frames.is_empty());
            frames = cut(&again, MOST);
        }
        assert_eq!(pair.send_list(0, SENDER, &mut frames), Ok(Sent::Done));
        pair.run(8);
        assert_eq!(pair.got[1], [1], "{size} bytes");
    }
}

proptest! {
    /// It is the message again, whoever else has a part in its first packet: that takes memory. Without,
    /// nothing is left of it.
    #[test]
    fn is_put_together(size in 4..=LARGEST, most in LEAST..9_000, shared: bool, allowed: bool) {
        let before = live();
        let whole = message(0, SENDER, Importance::High, 7, size);
        let mut frames = cut(&whole, most);
        prop_assert!(frames.front().unwrap().len() <= most);
        let other = shared.then(|| frames.front().unwrap().share().unwrap());
        let can = allowed || !shared || frames.len() == 1;
        if !allowed {
            mem::fail_after(0);
        }
        let again: Option<HostFrame> = put_together(&mut frames);
        mem::fail_never();
        prop_assert_eq!(again.is_some(), can);
        if let Some(again) = &again {
            prop_assert!(again.bytes() == whole.bytes() && frames.is_empty());
        }
        drop((whole, again, frames, other));
        prop_assert_eq!(live(), before);
    }
}
