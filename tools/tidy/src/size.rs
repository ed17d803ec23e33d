// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! How long a file and a function may be.
//!
//! In: a lexed file of src/. Out: a breach for each one that is too long.
//! Lines of code count: no blank lines, no comments, no tests.

use crate::lex::Source;
use crate::Breach;

const FILE: usize = 500;
const FUNCTION: usize = 60;
const TABLE: &str = "// tidy: table";

/// A test file, as against a file with tests in it.
fn is_test_file(rel: &str) -> bool {
    rel.ends_with("/tests.rs") || rel.contains("/tests/")
}

fn code_lines(s: &Source, from: usize, to: usize) -> usize {
    s.code.range(from..=to).filter(|l| !s.in_test(**l)).count()
}

/// Is the mark on the line, or in the comments and attributes right above it?
fn is_table(s: &Source, line: usize) -> bool {
    let text = |l: usize| s.lines.get(l.wrapping_sub(1)).map_or("", |t| t.trim());
    if text(line).contains(TABLE) {
        return true;
    }
    (1..line)
        .rev()
        .map(text)
        .take_while(|t| t.starts_with("//") || t.starts_with('#'))
        .any(|t| t.starts_with(TABLE))
}

pub fn check(s: &Source, out: &mut Vec<Breach>) {
    if is_test_file(&s.rel) {
        return;
    }
    let n = code_lines(s, 1, usize::MAX);
    if n > FILE {
        out.push(Breach::new(
            &s.rel,
            1,
            "size",
            format!("{n} lines of code, {FILE} are allowed: split the file"),
        ));
    }
    for i in 0..s.tokens.len() {
        let (Some("fn"), Some(name)) = (s.word(i), s.word(i + 1)) else {
            continue;
        };
        let line = s.line(i);
        let Some((_, close)) = s.body(i + 2) else {
            continue;
        };
        let n = code_lines(s, line, s.line(close));
        if n > FUNCTION && !s.in_test(line) && !is_table(s, line) {
            let what = format!("fn {name}: {n} lines of code, {FUNCTION} are allowed: split it");
            out.push(Breach::new(&s.rel, line, "size", what));
        }
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

    fn function(head: &str, n: usize) -> String {
        format!(
            "{head}fn f(x: [u8; 4]) -> u8 {{\n{}}}\n",
            "g();\n// c\n\n".repeat(n - 2)
        )
    }

    #[test]
    fn a_long_function_is_found() {
        assert_eq!(lines("src/x.rs", &function("", 60)), [0usize; 0]);
        assert_eq!(lines("src/x.rs", &function("", 61)), [1]);
        assert_eq!(
            lines("src/x.rs", &function("// tidy: table\n#[inline]\n", 200)),
            [0usize; 0]
        );
        assert_eq!(
            lines("src/x.rs", &function("// tidy: table\nfn g();\n", 200)),
            [3]
        );
        assert_eq!(lines("src/x/tests.rs", &function("", 99)), [0usize; 0]);
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(
            lines("src/x.rs", &"use a;\n\n// c\n".repeat(500)),
            [0usize; 0]
        );
        assert_eq!(lines("src/x.rs", &"use a;\n".repeat(501)), [1]);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "use b;\n".repeat(600));
        assert_eq!(lines("src/x.rs", &tests), [0usize; 0]);
    }
}
