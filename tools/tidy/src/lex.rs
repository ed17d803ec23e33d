// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Words and marks of a Rust file, without comments, strings and lifetimes.
//!
//! In: text. Out: [`Source`], on which the rules work.

use std::collections::BTreeSet;
use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Word(String),
    Mark(char),
}

#[derive(Debug, Clone)]
pub struct Token {
    pub kind: Kind,
    pub line: usize,
}

pub struct Source {
    /// Path below the top of the checkout.
    pub rel: String,
    pub lines: Vec<String>,
    pub tokens: Vec<Token>,
    /// Lines (from 1) that hold code.
    pub code: BTreeSet<usize>,
    /// Lines of items under `#[cfg(test)]` or `#[kunit_tests]`.
    pub tests: Vec<Range<usize>>,
}

impl Source {
    pub fn new(rel: &str, text: &str) -> Self {
        let mut s = Source {
            rel: rel.into(),
            lines: text.lines().map(String::from).collect(),
            tokens: Vec::new(),
            code: BTreeSet::new(),
            tests: Vec::new(),
        };
        Lexer {
            c: text.chars().collect(),
            at: 0,
            line: 1,
        }
        .run(&mut s);
        s.tests = s.find_tests();
        s
    }

    pub fn word(&self, i: usize) -> Option<&str> {
        match &self.tokens.get(i)?.kind {
            Kind::Word(w) => Some(w),
            Kind::Mark(_) => None,
        }
    }

    pub fn is(&self, i: usize, mark: char) -> bool {
        self.tokens
            .get(i)
            .is_some_and(|t| t.kind == Kind::Mark(mark))
    }

    /// `::` at token i?
    pub fn colons(&self, i: usize) -> bool {
        self.is(i, ':') && self.is(i + 1, ':')
    }

    pub fn line(&self, i: usize) -> usize {
        self.tokens
            .get(i)
            .or(self.tokens.last())
            .map_or(1, |t| t.line)
    }

    /// The token that closes the bracket at token `open`.
    pub fn close(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for (i, t) in self.tokens.iter().enumerate().skip(open) {
            match t.kind {
                Kind::Mark('{' | '(' | '[') => depth += 1,
                Kind::Mark('}' | ')' | ']') => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                return i;
            }
        }
        self.tokens.len().saturating_sub(1)
    }

    /// From a function or item at token i: its body's braces, or None if it ends in `;`.
    pub fn body(&self, mut i: usize) -> Option<(usize, usize)> {
        while i < self.tokens.len() {
            match self.tokens[i].kind {
                Kind::Mark('(' | '[') => i = self.close(i),
                Kind::Mark('{') => return Some((i, self.close(i))),
                Kind::Mark(';') => return None,
                _ => {}
            }
            i += 1;
        }
        None
    }

    pub fn in_test(&self, line: usize) -> bool {
        self.tests.iter().any(|r| r.contains(&line))
    }

    fn find_tests(&self) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for i in 0..self.tokens.len() {
            if !(self.is(i, '#') && self.is(i + 1, '[')) {
                continue;
            }
            let end = self.close(i + 1);
            let words: Vec<_> = (i + 2..end).filter_map(|k| self.word(k)).collect();
            let test = match words.first() {
                Some(&"cfg") => words.contains(&"test") && !words.contains(&"not"),
                Some(&"kunit_tests" | &"test") => true,
                _ => false,
            };
            if let (true, Some((_, close))) = (test, self.body(end + 1)) {
                found.push(self.line(i)..self.line(close) + 1);
            }
        }
        found
    }
}

struct Lexer {
    c: Vec<char>,
    at: usize,
    line: usize,
}

impl Lexer {
    fn peek(&self, n: usize) -> char {
        self.c.get(self.at + n).copied().unwrap_or('\0')
    }

    fn step(&mut self) {
        if self.peek(0) == '\n' {
            self.line += 1;
        }
        self.at += 1;
    }

    fn run(mut self, s: &mut Source) {
        while self.at < self.c.len() {
            let (c, line) = (self.peek(0), self.line);
            if c.is_whitespace() {
                self.step();
            } else if c == '/' && self.peek(1) == '/' {
                while self.at < self.c.len() && self.peek(0) != '\n' {
                    self.step();
                }
            } else if c == '/' && self.peek(1) == '*' {
                self.block_comment();
            } else if let Some(hashes) = self.raw_string() {
                self.skip_raw(hashes);
                s.code.extend(line..=self.line);
            } else if c == '"' || (matches!(c, 'b' | 'c') && self.peek(1) == '"') {
                self.string();
                s.code.extend(line..=self.line);
            } else if c == '\'' || (c == 'b' && self.peek(1) == '\'') {
                self.quote();
                s.code.insert(line);
            } else {
                let kind = self.token(c);
                s.tokens.push(Token { kind, line });
                s.code.insert(line);
            }
        }
    }

    fn token(&mut self, c: char) -> Kind {
        let mut word = String::new();
        while self.peek(0) == '_' || self.peek(0).is_alphanumeric() {
            word.push(self.peek(0));
            self.step();
        }
        if word.is_empty() {
            self.step();
            return Kind::Mark(c);
        }
        if word == "r" && self.peek(0) == '#' {
            self.step();
            return self.token(self.peek(0));
        }
        Kind::Word(word)
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.c.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.step();
                    continue;
                }
            }
            self.step();
            self.step();
            if depth == 0 {
                return;
            }
        }
    }

    /// The number of hashes if a raw string begins here.
    fn raw_string(&self) -> Option<usize> {
        let start = match (self.peek(0), self.peek(1)) {
            ('r', _) => 1,
            ('b' | 'c', 'r') => 2,
            _ => return None,
        };
        let hashes = (start..).take_while(|&n| self.peek(n) == '#').count();
        (self.peek(start + hashes) == '"').then_some(hashes)
    }

    fn skip_raw(&mut self, hashes: usize) {
        while self.peek(0) != '"' {
            self.step();
        }
        self.step();
        while self.at < self.c.len() {
            let end = self.peek(0) == '"' && (1..=hashes).all(|n| self.peek(n) == '#');
            self.step();
            if end {
                (0..hashes).for_each(|_| self.step());
                return;
            }
        }
    }

    fn string(&mut self) {
        while self.peek(0) != '"' {
            self.step();
        }
        self.step();
        while self.at < self.c.len() && self.peek(0) != '"' {
            if self.peek(0) == '\\' {
                self.step();
            }
            self.step();
        }
        self.step();
    }

    /// A character literal, or a lifetime.
    fn quote(&mut self) {
        if self.peek(0) == 'b' {
            self.step();
        }
        self.step();
        if self.peek(0) == '\\' {
            self.step();
            self.step();
            while self.at < self.c.len() && self.peek(0) != '\'' {
                self.step();
            }
            self.step();
        } else if self.peek(1) == '\'' {
            self.step();
            self.step();
        } else {
            while self.peek(0) == '_' || self.peek(0).is_alphanumeric() {
                self.step();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let s = Source::new("src/x.rs", text);
        (0..s.tokens.len())
            .filter_map(|i| s.word(i).map(String::from))
            .collect()
    }

    #[test]
    fn comments_strings_and_lifetimes_are_no_words() {
        assert_eq!(words("a // b\n/* c /* d */ e */ f"), ["a", "f"]);
        assert_eq!(
            words("a \"b \\\" c\" r#\"d\"e\"# br\"f\" c\"g\" h"),
            ["a", "h"]
        );
        assert_eq!(words("'a' b'c' '\\'' '\\u{41}' 'd e"), ["e"]);
        assert_eq!(words("r#type rest"), ["type", "rest"]);
        assert_eq!(words("fn f<'a>(x: &'a str)"), ["fn", "f", "x", "str"]);
    }

    #[test]
    fn lines_are_counted_and_tests_found() {
        let s = Source::new(
            "src/x.rs",
            "fn a() {}\n\n// no\n#[cfg(test)]\nmod tests {\n}\nfn b() {}\n",
        );
        assert_eq!(s.code, BTreeSet::from([1, 4, 5, 6, 7]));
        assert!(s.tests.len() == 1 && s.tests[0] == (4..7));
        assert!(Source::new("src/x.rs", "#[cfg(not(test))]\nmod m { }")
            .tests
            .is_empty());
    }
}
