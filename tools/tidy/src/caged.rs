// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! `unsafe` and `bindings` live in src/sys, and nowhere else.
//!
//! In: a lexed file of src/. Out: a breach for each such word outside.

use crate::lex::Source;
use crate::Breach;

/// `bindings` as the kernel's crate, not as TIPC's word for bound names: part of a
/// path (`kernel::bindings`, `bindings::x`) or imported from kernel.
fn is_crate(s: &Source, i: usize, import: Option<usize>) -> bool {
    let from = import.and_then(|u| (u..i).find_map(|k| s.word(k)));
    let after_kernel = i >= 3 && s.colons(i - 2) && s.word(i - 3) == Some("kernel");
    s.colons(i + 1) || after_kernel || (import.is_some() && from.is_none_or(|w| w == "kernel"))
}

pub fn check(s: &Source, out: &mut Vec<Breach>) {
    if s.rel.starts_with("src/sys/") || s.rel == "src/sys.rs" {
        return;
    }
    let mut import = None; // the token after `use`, up to its `;`
    for i in 0..s.tokens.len() {
        let word = match s.word(i) {
            Some("use") => {
                import = Some(i + 1);
                continue;
            }
            Some("unsafe") => "unsafe",
            Some("bindings") if is_crate(s, i, import) => "bindings",
            _ if s.is(i, ';') => {
                import = None;
                continue;
            }
            _ => continue,
        };
        let what = format!("`{word}` belongs in src/sys: give it a safe face there");
        out.push(Breach::new(&s.rel, s.line(i), "caged", what));
    }
}

/// Does `forbid(unsafe_code)` stand in the file, as an attribute right before token `stop`
/// if one is given?
fn has_forbid(s: &Source, stop: Option<usize>) -> bool {
    (0..s.tokens.len()).any(|i| {
        let inner = s.is(i, '#') && s.is(i + 1, '!') && s.is(i + 2, '[');
        let outer = s.is(i, '#') && s.is(i + 1, '[');
        let open = if inner { i + 2 } else { i + 1 };
        let words: Vec<_> = (open..=s.close(open)).filter_map(|k| s.word(k)).collect();
        let forbids = words.first() == Some(&"forbid") && words.contains(&"unsafe_code");
        match stop {
            None => inner && forbids,
            Some(stop) => {
                outer && forbids && i < stop && !(i..stop).any(|k| s.is(k, ';') || s.is(k, '{'))
            }
        }
    })
}

/// proto must forbid unsafe code, in its own file or where it is declared.
pub fn check_forbid(tipc: Option<&str>, proto: Option<&str>, out: &mut Vec<Breach>) {
    let Some(proto) = proto else { return };
    if has_forbid(&Source::new("src/proto/mod.rs", proto), None) {
        return;
    }
    let s = Source::new("src/tipc.rs", tipc.unwrap_or_default());
    let decl =
        (0..s.tokens.len()).find(|&i| s.word(i) == Some("mod") && s.word(i + 1) == Some("proto"));
    if !decl.is_some_and(|i| has_forbid(&s, Some(i))) {
        out.push(Breach::new(
            "src/proto/mod.rs",
            1,
            "caged",
            "proto must carry forbid(unsafe_code), here or on `mod proto;`",
        ));
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
    fn caged_words_are_found_outside_sys_only() {
        let text = "// unsafe bindings\n#![forbid(unsafe_code)]\nfn f() { unsafe { g() } }\nuse kernel::bindings;\n";
        assert_eq!(lines("src/stack/mod.rs", text), [3, 4]);
        assert_eq!(lines("src/sys/skb.rs", text), [0usize; 0]);
    }

    #[test]
    fn bindings_is_also_a_word_of_tipc() {
        let count = |text: &str| lines("src/proto/names/table.rs", text).len();
        assert_eq!(
            count("use super::x; fn bindings(&self) { self.bindings += Self::bindings(1); }"),
            0
        );
        assert_eq!(count("use kernel::{prelude::*, bindings};"), 1);
        assert_eq!(
            count("use bindings; use crate::sys::ffi::bindings::sk_buff;"),
            2
        );
        assert_eq!(count("fn f() { kernel::bindings::g(); bindings::h() }"), 2);
    }

    #[test]
    fn forbid_may_stand_in_two_places() {
        let held = |tipc: &str, proto: &str| {
            let mut out = Vec::new();
            check_forbid(Some(tipc), Some(proto), &mut out);
            out.is_empty()
        };
        assert!(held("mod proto;", "#![forbid(unsafe_code)]"));
        assert!(held(
            "#[forbid(unsafe_code)]\n#[rustfmt::skip]\npub mod proto;",
            ""
        ));
        assert!(!held("mod proto;", "// #![forbid(unsafe_code)]"));
        assert!(!held("#[forbid(unsafe_code)] mod mem; mod proto;", ""));
        assert!(!held("", ""));
    }
}
