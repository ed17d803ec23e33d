// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! How a file opens: the licence, and for Rust the room it is in.
//!
//! In: name and text of any file of the tree. Out: a breach if the head is missing.

use crate::Breach;

const LICENCE: &str = "SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause";

/// How the licence line of this file begins; None if it needs none.
fn comment(rel: &str, text: &str) -> Option<&'static [&'static str]> {
    let name = rel.rsplit('/').next().unwrap_or(rel);
    if matches!(name, "Makefile" | "Kbuild" | "Kconfig") || text.starts_with("#!/") {
        return Some(&["# "]);
    }
    match name.rsplit_once('.').map(|(_, ext)| ext)? {
        "rs" => Some(&["// "]),
        "c" | "S" => Some(&["// ", "/* "]),
        "h" => Some(&["/* "]),
        "py" | "sh" | "mk" => Some(&["# "]),
        _ => None,
    }
}

pub fn check(rel: &str, text: &str, out: &mut Vec<Breach>) {
    let Some(starts) = comment(rel, text) else {
        return;
    };
    let line = if text.starts_with("#!/") { 2 } else { 1 };
    let head = text.lines().nth(line - 1).unwrap_or_default();
    let rest = starts.iter().find_map(|s| head.strip_prefix(s));
    if rest.map(|r| r.trim_end_matches("*/").trim_end()) != Some(LICENCE) {
        let what = format!(
            "this line must be `{}{LICENCE}`",
            starts.first().unwrap_or(&"")
        );
        out.push(Breach::new(rel, line, "head", what));
    }
    if rel.ends_with(".rs") && !text.lines().nth(1).is_some_and(|l| l.starts_with("//!")) {
        out.push(Breach::new(
            rel,
            2,
            "head",
            "here `//!` must say which room this is, what comes in and what goes out",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rel: &str, text: &str) -> Vec<usize> {
        let mut out = Vec::new();
        check(rel, text, &mut out);
        out.iter().map(|b| b.line).collect()
    }

    #[test]
    fn heads() {
        let ok = [0usize; 0];
        assert_eq!(lines("a.rs", &format!("// {LICENCE}\n//! Room.\n")), ok);
        assert_eq!(lines("a.rs", &format!("// {LICENCE}\nfn f() {{}}\n")), [2]);
        assert_eq!(lines("a.rs", "//! Room.\n"), [1, 2]);
        assert_eq!(lines("a.c", &format!("/* {LICENCE} */\n")), ok);
        assert_eq!(lines("a.h", &format!("// {LICENCE}\n")), [1]);
        assert_eq!(lines("a.h", "/* SPDX-License-Identifier: MIT */\n"), [1]);
        assert_eq!(lines("tools/x", &format!("#!/bin/sh\n# {LICENCE}\n")), ok);
        assert_eq!(lines("tools/x", "#!/bin/sh\nls\n"), [2]);
        assert_eq!(lines("Makefile", "all:\n"), [1]);
        assert_eq!(lines("src/Kbuild", ""), [1]);
        assert_eq!(lines("README.md", "hello\n"), ok);
    }
}
