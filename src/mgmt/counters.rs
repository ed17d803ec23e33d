// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What links count.
//!
//! In: statistics of links; out: nests of numbers. Replaces C `link.c:__tipc_nl_add_stats` and
//! `__tipc_nl_add_bc_link_stat`.

use super::spec::{link, stats};
use crate::proto::link::{Profile, Stats};
use crate::sys::netlink::Writer;
use kernel::prelude::*;

/// Numbers and what they are, as they are told.
type Told<const N: usize> = [(u16, u32); N];

fn tell<const N: usize>(told: Told<N>, out: &mut Writer<'_>) -> Result {
    told.into_iter()
        .try_for_each(|(number, value)| out.u32(number, value))
}

fn average(profile: &Profile) -> u32 {
    profile.queued.checked_div(profile.samples).unwrap_or(0)
}

/// Fragments and bundles. `packets` are those to be taken off the link's own count: none, or for
/// the broadcast link all there are.
fn traffic(counted: &Stats, packets: (u32, u32)) -> Told<10> {
    let (rx, tx) = (&counted.received, &counted.sent);
    [
        (stats::RX_INFO, packets.0),
        (stats::RX_FRAGMENTS, rx.fragments),
        (stats::RX_FRAGMENTED, rx.fragmented),
        (stats::RX_BUNDLES, rx.bundles),
        (stats::RX_BUNDLED, rx.bundled),
        (stats::TX_INFO, packets.1),
        (stats::TX_FRAGMENTS, tx.fragments),
        (stats::TX_FRAGMENTED, tx.fragmented),
        (stats::TX_BUNDLES, tx.bundles),
        (stats::TX_BUNDLED, tx.bundled),
    ]
}

fn profile(profile: &Profile) -> Told<10> {
    let [a, b, c, d, e, f, g] = profile.classes;
    [
        (stats::MSG_PROF_TOT, profile.length_samples.max(1)),
        (stats::MSG_LEN_CNT, profile.length_samples),
        (stats::MSG_LEN_TOT, profile.lengths),
        (stats::MSG_LEN_P0, a),
        (stats::MSG_LEN_P1, b),
        (stats::MSG_LEN_P2, c),
        (stats::MSG_LEN_P3, d),
        (stats::MSG_LEN_P4, e),
        (stats::MSG_LEN_P5, f),
        (stats::MSG_LEN_P6, g),
    ]
}

/// What follows the nacks and acknowledgements.
fn trouble(counted: &Stats) -> Told<5> {
    [
        (stats::RETRANSMITTED, counted.repeated),
        (stats::DUPLICATES, counted.duplicates),
        (stats::LINK_CONGS, counted.congested),
        // C has never counted this one.
        (stats::MAX_QUEUE, 0),
        (stats::AVG_QUEUE, average(&counted.profile)),
    ]
}

/// Shows what a link has counted.
pub fn show(counted: &Stats, out: &mut Writer<'_>) -> Result {
    let (rx, tx) = (&counted.received, &counted.sent);
    out.nest(link::STATS, |out| {
        tell(traffic(counted, (0, 0)), out)?;
        tell(profile(&counted.profile), out)?;
        tell(
            [
                (stats::RX_STATES, rx.states),
                (stats::RX_PROBES, rx.probes),
                (stats::RX_NACKS, rx.nacks),
                (stats::RX_DEFERRED, counted.deferred),
                (stats::TX_STATES, tx.states),
                (stats::TX_PROBES, tx.probes),
                (stats::TX_NACKS, tx.nacks),
                (stats::TX_ACKS, counted.sent_acks),
            ],
            out,
        )?;
        tell(trouble(counted), out)
    })
}

/// Shows what an end of the broadcast link has counted.
pub fn show_broadcast(counted: &Stats, out: &mut Writer<'_>) -> Result {
    let (rx, tx) = (&counted.received, &counted.sent);
    out.nest(link::STATS, |out| {
        tell(traffic(counted, (rx.packets, tx.packets)), out)?;
        tell(
            [
                (stats::RX_NACKS, rx.nacks),
                (stats::RX_DEFERRED, counted.deferred),
                (stats::TX_NACKS, tx.nacks),
                (stats::TX_ACKS, counted.sent_acks),
            ],
            out,
        )?;
        tell(trouble(counted), out)
    })
}
