// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The order of the rooms: a file names only rooms to its left.
//!
//! In: a lexed file of src/. Out: a breach for each path that leads to a room
//! on the right, however it is written (`crate::`, `super::`, nested groups,
//! in a `use` or in the middle of an expression).

use crate::lex::{Kind, Source};
use crate::Breach;

/// The rooms of proto, from left to right.
const PROTO: [&str; 11] = [
    "vocab",
    "wire",
    "frame",
    "link",
    "broadcast",
    "peer",
    "discovery",
    "monitor",
    "names",
    "port",
    "path",
];
const DOORS: [&str; 4] = ["bearer", "socket", "topsrv", "mgmt"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    /// tipc.rs, the crate root.
    Root,
    Mem,
    /// proto as a whole: proto/mod.rs, and tests across its rooms.
    ProtoTop,
    Proto(usize),
    Sys,
    Trace,
    Stack,
    Door(usize),
}

impl Room {
    fn of(path: &[String]) -> Option<Room> {
        let at = |list: &[&str], name: &str| list.iter().position(|r| *r == name);
        let Some(first) = path.first() else {
            return Some(Room::Root);
        };
        match (first.as_str(), path.get(1).map(String::as_str)) {
            ("mem", _) => Some(Room::Mem),
            ("sys", _) => Some(Room::Sys),
            ("trace", _) => Some(Room::Trace),
            ("stack", _) => Some(Room::Stack),
            ("proto", None | Some("*" | "self" | "tests")) => Some(Room::ProtoTop),
            ("proto", Some(name)) => at(&PROTO, name).map(Room::Proto),
            (name, _) => at(&DOORS, name).map(Room::Door),
        }
    }

    fn may_use(self, to: Room) -> bool {
        use Room::*;
        if self == to {
            return true;
        }
        match (self, to) {
            (Root, _) => true,
            (_, Root) => false,
            (_, Mem) => true,
            (Mem, _) => false,
            (ProtoTop, Proto(_)) => true,
            (Proto(a), Proto(b)) => b < a,
            (Trace, Sys) => true,
            (ProtoTop | Proto(_) | Sys | Trace, _) => false,
            (Stack, ProtoTop | Proto(_) | Sys | Trace) => true,
            (Door(_), ProtoTop | Proto(_) | Sys | Trace | Stack) => true,
            // The servers of the module are users of sockets, mgmt asks everybody.
            (Door(a), Door(b)) => b < a && a >= 2,
            (Stack, _) => false,
        }
    }

    fn name(self) -> String {
        match self {
            Room::Root => "tipc.rs".into(),
            Room::Mem => "mem".into(),
            Room::ProtoTop => "proto".into(),
            Room::Proto(i) => format!("proto::{}", PROTO.get(i).unwrap_or(&"?")),
            Room::Sys => "sys".into(),
            Room::Trace => "trace".into(),
            Room::Stack => "stack".into(),
            Room::Door(i) => DOORS.get(i).unwrap_or(&"?").to_string(),
        }
    }
}

/// The module a file is: src/proto/link/fsm.rs is proto, link, fsm.
fn module_of(rel: &str) -> Vec<String> {
    let inner = rel
        .strip_prefix("src/")
        .unwrap_or(rel)
        .trim_end_matches(".rs");
    let mut path: Vec<String> = inner.split('/').map(String::from).collect();
    if path.last().is_some_and(|l| l == "mod") || path == ["tipc"] {
        path.pop();
    }
    path
}

/// A path as written: what it leads to, and from which line.
struct Leaf {
    path: Vec<String>,
    line: usize,
    is_macro: bool,
}

/// Reads the path or group at token `i` below `prefix`; returns the token after it.
fn read_tree(s: &Source, mut i: usize, mut prefix: Vec<String>, out: &mut Vec<Leaf>) -> usize {
    let line = s.line(i);
    loop {
        match s.tokens.get(i).map(|t| &t.kind) {
            Some(Kind::Word(w)) => match w.as_str() {
                "crate" => prefix.clear(),
                "self" => {}
                "super" => drop(prefix.pop()),
                _ => prefix.push(w.clone()),
            },
            Some(Kind::Mark('*')) => prefix.push("*".into()),
            Some(Kind::Mark('{')) => {
                let end = s.close(i);
                i += 1;
                while i < end {
                    i = read_tree(s, i, prefix.clone(), out);
                    while i < end && !s.is(i, ',') {
                        i += 1;
                    }
                    i += 1;
                }
                return end + 1;
            }
            _ => {}
        }
        if !s.colons(i + 1) || s.is(i + 3, '<') {
            out.push(Leaf {
                path: prefix,
                line,
                is_macro: s.is(i + 1, '!'),
            });
            return i + 1;
        }
        i += 3;
    }
}

/// Every path in the file that starts at crate, super or self.
fn leaves(s: &Source) -> Vec<Leaf> {
    let mut here = module_of(&s.rel);
    let mut ends = Vec::new(); // closing braces of inline modules
    let mut out = Vec::new();
    let mut i = 0;
    while i < s.tokens.len() {
        while ends.last().is_some_and(|e| *e < i) {
            ends.pop();
            here.pop();
        }
        match s.word(i) {
            Some("mod") if s.is(i + 2, '{') => {
                here.extend(s.word(i + 1).map(String::from));
                ends.push(s.close(i + 2));
            }
            Some("crate" | "super" | "self") if s.colons(i + 1) => {
                i = read_tree(s, i, here.clone(), &mut out);
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    out
}

pub fn check(s: &Source, out: &mut Vec<Breach>) {
    let Some(room) = Room::of(&module_of(&s.rel)) else {
        out.push(Breach::new(
            &s.rel,
            1,
            "rooms",
            "this file is in no room (tools/tidy/src/rooms.rs lists them)",
        ));
        return;
    };
    for leaf in leaves(s) {
        let path = leaf.path.join("::");
        let what = match Room::of(&leaf.path) {
            Some(to) if room.may_use(to) => continue,
            Some(to) => format!("{} may not use {} (crate::{path})", room.name(), to.name()),
            None if room == Room::Root || (leaf.is_macro && leaf.path.len() == 1) => continue,
            None => format!("crate::{path} lies in no room that {} may use", room.name()),
        };
        out.push(Breach::new(&s.rel, leaf.line, "rooms", what));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rel: &str, text: &str) -> Vec<usize> {
        let mut out = Vec::new();
        check(&Source::new(rel, text), &mut out);
        out.iter().map(|b| b.line).collect()
    }

    #[test]
    fn left_is_allowed() {
        for (rel, text) in [
            (
                "src/proto/link/fsm.rs",
                "use crate::proto::{vocab::Seq, wire::{self, W}, frame};",
            ),
            (
                "src/proto/link/fsm.rs",
                "use crate::mem::Vec; use super::recv::R; use super::super::wire::W;",
            ),
            (
                "src/proto/link/fsm.rs",
                "mod tests { use super::*; use super::super::send::S; }",
            ),
            (
                "src/proto/path/mod.rs",
                "use super::port; fn f() { self::down::g(); }",
            ),
            ("src/proto/mod.rs", "pub use self::wire::W;"),
            (
                "src/stack/mod.rs",
                "use crate::{mem, proto::{path, link::*}, sys::rcu, trace};",
            ),
            (
                "src/socket/send.rs",
                "use crate::stack::S; fn f() -> crate::proto::vocab::Port { x }",
            ),
            ("src/topsrv/mod.rs", "use crate::socket::kernel::K;"),
            ("src/tipc.rs", "use crate::anything; use crate::socket::S;"),
            ("src/trace.rs", "use crate::sys::x;"),
            (
                "src/sys/skb.rs",
                "use crate::mem::M; crate::log!(1); pub(crate) fn f() {}",
            ),
        ] {
            assert_eq!(lines(rel, text), [0usize; 0], "{rel}: {text}");
        }
    }

    #[test]
    fn right_is_not() {
        for (rel, text) in [
            ("src/mem.rs", "use crate::sys::x;"),
            ("src/proto/wire/mod.rs", "use crate::proto::link::L;"),
            ("src/proto/wire/mod.rs", "use super::link::L;"),
            ("src/proto/wire/mod.rs", "use crate::proto::*;"),
            (
                "src/proto/link/fsm.rs",
                "use crate::{mem, proto::{wire, peer as p}};",
            ),
            ("src/proto/link/fsm.rs", "fn f() { crate::sys::now() }"),
            (
                "src/proto/link/fsm.rs",
                "mod tests { use super::super::super::peer::P; }",
            ),
            ("src/proto/frame.rs", "use super::*;"),
            ("src/proto/path/up.rs", "use crate::stack::S;"),
            ("src/sys/skb.rs", "use crate::proto::frame::Frame;"),
            ("src/sys/skb.rs", "use crate::trace;"),
            ("src/trace.rs", "use crate::proto::vocab;"),
            ("src/stack/mod.rs", "use crate::socket::S;"),
            ("src/socket/send.rs", "use crate::bearer::B;"),
            ("src/socket/send.rs", "use crate::topsrv::T;"),
            ("src/mgmt/link.rs", "use crate::Tipc;"),
            ("src/attic.rs", "fn f() {}"),
        ] {
            assert_eq!(lines(rel, text), [1], "{rel}: {text}");
        }
    }

    #[test]
    fn each_line_of_a_group_is_named() {
        let text = "use crate::{\n    mem,\n    sys::{a,\n        b},\n    stack,\n};\n";
        assert_eq!(lines("src/proto/link/mod.rs", text), [3, 4, 5]);
    }

    #[test]
    fn the_message_names_both_rooms() {
        let mut out = Vec::new();
        check(
            &Source::new("src/proto/link/fsm.rs", "use crate::proto::peer::P;"),
            &mut out,
        );
        assert_eq!(
            out[0].what,
            "proto::link may not use proto::peer (crate::proto::peer::P)"
        );
    }
}
