// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The bindings: all that are known, or those of one socket.
//!
//! In: NAME_TABLE_GET and PUBL_GET; out: messages about what the name table lists. Replaces C
//! `name_table.c:tipc_nl_name_table_dump` and `socket.c:tipc_nl_publ_dump`.

use super::net_of;
use super::spec::{name_table, publ, sock, tipc};
use crate::proto::names::{Cursor, Interrupted, Place, Publication};
use crate::sys::genl::{Dump, Page, Request};
use crate::sys::netlink::{Reasons, Strictness, Writer};
use crate::sys::rcu;
use kernel::prelude::*;

/// Where a list has got to.
#[derive(Clone, Copy)]
pub enum At<C> {
    /// Behind this one, or before the first.
    After(Option<C>),
    /// At the end.
    End,
}

impl<C> Default for At<C> {
    fn default() -> Self {
        At::After(None)
    }
}

/// What a list answers for its next entry.
type Next<C> = core::result::Result<Option<(Publication, C)>, Interrupted>;

/// Writes what there is room for. If the binding to go on from has gone between two pages, the list
/// ends there and says that something has changed.
fn fill<C: Copy>(
    at: &mut At<C>,
    page: &mut Page<'_>,
    mut next: impl FnMut(Option<C>) -> Next<C>,
    show: fn(&Publication, &mut Writer<'_>) -> Result,
) -> Result {
    while let At::After(after) = *at {
        match next(after) {
            Ok(Some((publication, here))) => {
                page.message(|out| show(&publication, out))?;
                *at = At::After(Some(here));
            }
            Ok(None) => *at = At::End,
            Err(Interrupted) => {
                page.inconsistent();
                *at = At::End;
            }
        }
    }
    Ok(())
}

fn show_range(publication: &Publication, out: &mut Writer<'_>) -> Result {
    out.u32(publ::TYPE, publication.range.service().0)?;
    out.u32(publ::LOWER, publication.range.lower())?;
    out.u32(publ::UPPER, publication.range.upper())
}

/// NAME_TABLE_GET.
pub struct Table;

impl Dump for Table {
    type Cursor = At<Cursor>;

    fn page(request: &Request<'_>, at: &mut At<Cursor>, page: &mut Page<'_>) -> Result {
        let names = net_of(request).names();
        fill(
            at,
            page,
            |after| names.lock().next_binding(after),
            |publication, out| {
                out.nest(tipc::NAME_TABLE, |out| {
                    out.nest(name_table::PUBL, |out| {
                        show_range(publication, out)?;
                        out.u32(publ::SCOPE, publication.scope.number())?;
                        out.u32(publ::NODE, publication.socket.node.0)?;
                        out.u32(publ::REF, publication.socket.port.0)?;
                        out.u32(publ::KEY, publication.key)
                    })
                })
            },
        )
    }
}

/// PUBL_GET. EINVAL without a port number, or if no socket has it (any more).
pub struct OfSocket;

impl Dump for OfSocket {
    /// The port number, once it is known, and how far its list has got.
    type Cursor = (Option<u32>, At<Place>);

    fn page(request: &Request<'_>, cursor: &mut Self::Cursor, page: &mut Page<'_>) -> Result {
        let (port, at) = cursor;
        let port = match *port {
            Some(port) => port,
            None => *port.insert(asked_port(request)?),
        };
        if matches!(at, At::End) {
            return Ok(());
        }
        let net = net_of(request);
        let guard = rcu::read_lock();
        let socket = net.ports().find(port, &guard).ok_or(EINVAL)?;
        fill(
            at,
            page,
            |after| {
                let of = socket.state().bindings.lock();
                let next = net.names().lock().next_binding_of(&of, after);
                next
            },
            |publication, out| {
                out.nest(tipc::PUBL, |out| {
                    out.u32(publ::KEY, publication.key)?;
                    show_range(publication, out)
                })
            },
        )
    }
}

/// The port number in a request.
fn asked_port(request: &Request<'_>) -> Result<u32> {
    let outer = request.attr(tipc::SOCK).ok_or(EINVAL)?;
    let attrs = outer.parse(&sock::RULES, Strictness::Lenient, Reasons::none())?;
    attrs.get(sock::REF).ok_or(EINVAL)?.u32()
}
