// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Names of bearers: "medium:interface".
//!
//! In: text from `mgmt`; out: a checked name. Replaces C `bearer.c:bearer_name_validate`.

use crate::stack::cluster::BEARER_NAME;
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

    /// Whether the medium is Ethernet.
    pub fn is_ethernet(&self) -> bool {
        self.0.starts_with(b"eth:")
    }

    /// The interface.
    pub fn interface(&self) -> &CStr {
        let at = self.0.iter().position(|c| *c == b':');
        let rest = at.and_then(|at| self.0.get(at.wrapping_add(1)..));
        let text = rest.and_then(|rest| CStr::from_bytes_until_nul(rest).ok());
        text.unwrap_or_default()
    }
}
