// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Names of bearers: "medium:interface".
//!
//! In: text from `mgmt`; out: a checked name. Replaces C `bearer.c:bearer_name_validate`.

use crate::stack::cluster::BEARER_NAME;
use core::fmt::{self, Write};
use kernel::prelude::*;

/// Longest part of a name, without a zero byte (uAPI `TIPC_MAX_MEDIA_NAME`, `TIPC_MAX_IF_NAME`).
const MAX_PART: usize = 15;

/// A name with both parts, zero padded.
pub struct Name([u8; BEARER_NAME]);

impl Name {
    /// From text, which may end with a zero; none unless it has two parts of 1 to 15 bytes.
    pub fn new(text: &[u8]) -> Option<Self> {
        let mut name = [0; BEARER_NAME];
        let text = text.split(|c| *c == 0).next()?;
        if text.len() >= BEARER_NAME {
            return None;
        }
        for (to, from) in name.iter_mut().zip(text) {
            *to = *from;
        }
        let mut parts = text.splitn(2, |c| *c == b':');
        let fits = |part: Option<&[u8]>| part.is_some_and(|p| (1..=MAX_PART).contains(&p.len()));
        (fits(parts.next()) && fits(parts.next())).then_some(Name(name))
    }

    /// All of it.
    pub fn bytes(&self) -> &[u8; BEARER_NAME] {
        &self.0
    }

    /// The name of the medium.
    pub fn medium(&self) -> &[u8] {
        self.0.split(|c| *c == b':').next().unwrap_or_default()
    }

    /// The interface.
    pub fn interface(&self) -> &CStr {
        let at = self.0.iter().position(|c| *c == b':');
        let rest = at.and_then(|at| self.0.get(at.wrapping_add(1)..));
        let text = rest.and_then(|rest| CStr::from_bytes_until_nul(rest).ok());
        text.unwrap_or_default()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.iter().take_while(|c| **c != 0);
        text.try_for_each(|c| f.write_char(char::from(*c)))
    }
}
