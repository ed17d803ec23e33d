// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! tidy: checks the house rules that no compiler checks.
//!
//! In: the source tree. Out: one line `file:line: rule: what is wrong` for each
//! breach, and exit status 1 if there is any.

mod caged;
mod head;
mod lex;
mod rooms;
mod size;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
tidy [--help] [TOP]: check the house rules in the tree at TOP
(default: the checkout around the current folder).

  rooms   a file in src/ names only rooms to its left, through crate::, super:: or self:::
            mem | proto: vocab wire frame link broadcast peer discovery monitor
            names port path | sys trace | stack | bearer socket topsrv mgmt | tipc.rs
          proto and sys never see each other, nor do the four doors
  caged   the words `unsafe` and `bindings` appear in src/sys only (comments and
          strings excepted); src/proto carries forbid(unsafe_code)
  size    a file in src/ has at most 500 lines of code, a function 60 (blank
          lines, comments and tests do not count); a function that is a
          transition table says so with `// tidy: table` above it
  head    every .rs .c .h .S .py .sh file, Makefile, Kbuild, Kconfig and script
          opens with its SPDX line; a .rs file goes on with `//!`";

/// One breach of a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    pub file: String,
    pub line: usize,
    pub rule: &'static str,
    pub what: String,
}

impl Breach {
    pub fn new(file: &str, line: usize, rule: &'static str, what: impl Into<String>) -> Self {
        Breach {
            file: file.into(),
            line,
            rule,
            what: what.into(),
        }
    }
}

/// Folders that hold no source of ours.
fn is_foreign(name: &str) -> bool {
    matches!(
        name,
        ".git" | ".workbench" | "build" | "target" | "__pycache__"
    )
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() && !is_foreign(&name) {
            walk(&path, found)?;
        } else if kind.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// All rules that look at one file.
fn check_file(rel: &str, text: &str, out: &mut Vec<Breach>) {
    head::check(rel, text, out);
    if !rel.starts_with("src/") || !rel.ends_with(".rs") {
        return;
    }
    let source = lex::Source::new(rel, text);
    rooms::check(&source, out);
    caged::check(&source, out);
    size::check(&source, out);
}

fn check_tree(top: &Path) -> std::io::Result<(usize, Vec<Breach>)> {
    let (mut files, mut out) = (Vec::new(), Vec::new());
    walk(top, &mut files)?;
    files.sort();
    for path in &files {
        let rel = path
            .strip_prefix(top)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned();
        if let Ok(text) = String::from_utf8(std::fs::read(path)?) {
            check_file(&rel, &text, &mut out);
        }
    }
    let read = |name: &str| std::fs::read_to_string(top.join(name)).ok();
    caged::check_forbid(
        read("src/tipc.rs").as_deref(),
        read("src/proto/mod.rs").as_deref(),
        &mut out,
    );
    out.sort();
    Ok((files.len(), out))
}

/// The checkout around the current folder.
fn find_top() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .find(|d| d.join("tools/tidy/Cargo.toml").is_file())
        .map(Path::to_path_buf)
}

fn main() -> ExitCode {
    let top = match std::env::args().nth(1) {
        Some(a) if a == "--help" || a == "-h" => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some(a) if a.starts_with('-') => {
            eprintln!("tidy: no option {a}; see tidy --help");
            return ExitCode::from(2);
        }
        Some(a) => Some(PathBuf::from(a)),
        None => find_top(),
    };
    let Some(top) = top else {
        eprintln!("tidy: not inside the checkout: name its top folder");
        return ExitCode::from(2);
    };
    match check_tree(&top) {
        Err(e) => {
            eprintln!("tidy: {}: {e}", top.display());
            ExitCode::from(2)
        }
        Ok((n, out)) if out.is_empty() => {
            println!("tidy: {n} files in order");
            ExitCode::SUCCESS
        }
        Ok((_, out)) => {
            for b in &out {
                println!("{}:{}: {}: {}", b.file, b.line, b.rule, b.what);
            }
            println!(
                "tidy: {} to put right (tidy --help lists the rules)",
                out.len()
            );
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause\n//! Room.\n";

    #[test]
    fn each_rule_reaches_a_file() {
        let mut out = Vec::new();
        let text = "use crate::sys::x;\nfn f() { unsafe { g() } }\n";
        check_file("src/proto/link/x.rs", text, &mut out);
        let rules: Vec<_> = out.iter().map(|b| b.rule).collect();
        assert_eq!(rules, ["head", "head", "rooms", "caged"]);
    }

    #[test]
    fn a_good_file_is_silent_and_tools_are_not_held_to_rooms() {
        let mut out = Vec::new();
        check_file(
            "src/proto/link/x.rs",
            &format!("{GOOD}use crate::proto::wire::W;\n"),
            &mut out,
        );
        check_file(
            "tools/sim/src/x.rs",
            &format!("{GOOD}use crate::anything;\n"),
            &mut out,
        );
        assert_eq!(out, []);
    }

    #[test]
    fn a_tree_is_walked() {
        let top = std::env::temp_dir().join(format!("tidy-test-{}", std::process::id()));
        std::fs::create_dir_all(top.join("src/proto")).unwrap();
        std::fs::create_dir_all(top.join("build")).unwrap();
        std::fs::write(top.join("build/x.c"), "int x;").unwrap();
        std::fs::write(top.join("src/proto/mod.rs"), GOOD).unwrap();
        std::fs::write(top.join("Makefile"), "all:\n").unwrap();
        let (_, out) = check_tree(&top).unwrap();
        std::fs::remove_dir_all(&top).unwrap();
        let seen: Vec<_> = out.iter().map(|b| (b.file.as_str(), b.rule)).collect();
        assert_eq!(seen, [("Makefile", "head"), ("src/proto/mod.rs", "caged")]);
    }
}
