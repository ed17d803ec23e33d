// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Netlink attributes: rules for those that come, and a writer of those that go.
//!
//! In: attributes that `genl` (or another netlink family) received; out: typed values. Also in:
//! typed values; out: attributes at the end of a buffer.

use super::ffi as b;
use core::marker::PhantomData;
use core::ptr::{null, null_mut, NonNull};
use kernel::error::to_result;
use kernel::prelude::*;

/// Put to the number of a nest, marks it as one. Older families leave that out.
pub const MARKED: u16 = b::NLA_F_NESTED as u16;

/// What an attribute must look like; the place in its array is the attribute's number.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Rule(b::nla_policy);

// SAFETY: never changed; what it points at is a static.
unsafe impl Sync for Rule {}

/// Values a number may have.
#[repr(transparent)]
pub struct Range(b::netlink_range_validation);

impl Range {
    /// From 0 to `max`.
    pub const fn up_to(max: u64) -> Self {
        Range(b::netlink_range_validation { min: 0, max })
    }
}

impl Rule {
    /// No rule: in lenient parsing anything goes, in strict parsing nothing.
    pub const ANY: Rule = Rule::of(b::NLA_UNSPEC, 0);
    /// A 32-bit number.
    pub const U32: Rule = Rule::of(b::NLA_U32, 0);
    /// A 64-bit number.
    pub const U64: Rule = Rule::of(b::NLA_U64, 0);
    /// There or not there.
    pub const FLAG: Rule = Rule::of(b::NLA_FLAG, 0);
    /// Attributes within.
    pub const NEST: Rule = Rule::of(b::NLA_NESTED, 0);
    /// Text of any length, with or without a zero at its end.
    pub const TEXT: Rule = Rule::of(b::NLA_STRING, 0);

    const fn of(kind: u32, len: u16) -> Self {
        Rule(b::nla_policy {
            type_: kind as u8,
            validation_type: 0,
            len,
            __bindgen_anon_1: b::nla_policy__bindgen_ty_1 { range: null() },
        })
    }

    /// Text that ends with a zero, of at most `max` bytes without it.
    pub const fn terminated(max: u16) -> Self {
        Rule::of(b::NLA_NUL_STRING, max)
    }

    /// At most `max` bytes.
    pub const fn bytes(max: u16) -> Self {
        Rule::of(b::NLA_BINARY, max)
    }

    /// A 32-bit number within a range, else ERANGE.
    pub const fn u32_in(range: &'static Range) -> Self {
        let mut rule = Rule::of(b::NLA_U32, 0);
        rule.0.validation_type = b::nla_policy_validation_NLA_VALIDATE_RANGE_PTR as u8;
        rule.0.__bindgen_anon_1 = b::nla_policy__bindgen_ty_1 { range: &range.0 };
        rule
    }

    pub(super) const fn raw(rules: &'static [Rule]) -> *const b::nla_policy {
        rules.as_ptr().cast()
    }
}

/// How much is let through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Unknown attributes, longer numbers and rests are ignored, and nests need no mark: the rules
    /// of old commands (C `nla_parse_nested_deprecated`).
    Lenient,
    /// None of that (C `nla_parse_nested`).
    Strict,
}

/// Where reasons for a refusal go, for the user to read.
#[derive(Clone, Copy)]
pub struct Reasons<'a> {
    ack: *mut b::netlink_ext_ack,
    _request: PhantomData<&'a ()>,
}

impl Reasons<'_> {
    /// # Safety
    ///
    /// `ack` must be null, or valid for as long as the `Reasons` are used, by this context alone.
    pub(super) unsafe fn from_raw(ack: *mut b::netlink_ext_ack) -> Self {
        Reasons {
            ack,
            _request: PhantomData,
        }
    }

    /// Nobody is told.
    pub const fn none() -> Self {
        Reasons {
            ack: null_mut(),
            _request: PhantomData,
        }
    }

    /// Gives the reason.
    pub fn say(self, text: &'static CStr) {
        if !self.ack.is_null() {
            // SAFETY: valid by the contract of `from_raw`; the text is static.
            unsafe { (*self.ack)._msg = text.as_char_ptr() }
        }
    }
}

/// An attribute that came with a request.
///
/// # Invariants
///
/// The pointer leads to a whole attribute, head and payload, that lives for 'a unchanged.
#[derive(Clone, Copy)]
pub struct Attr<'a>(NonNull<b::nlattr>, PhantomData<&'a [u8]>);

impl<'a> Attr<'a> {
    /// # Safety
    ///
    /// `raw` must be null, or an attribute that the kernel has checked against its buffer, which
    /// lives unchanged for 'a.
    pub(super) unsafe fn from_raw(raw: *mut b::nlattr) -> Option<Self> {
        NonNull::new(raw).map(|raw| Attr(raw, PhantomData))
    }

    /// Its payload.
    pub fn bytes(self) -> &'a [u8] {
        // SAFETY: by the invariant; nla_len counts the head, of 4 bytes, too.
        unsafe {
            let len = usize::from((*self.0.as_ptr()).nla_len);
            let data = self.0.as_ptr().add(1).cast::<u8>();
            core::slice::from_raw_parts(data, len.saturating_sub(size_of::<b::nlattr>()))
        }
    }

    /// The number in it; EINVAL if it is too short for one, which a rule would have said.
    pub fn u32(self) -> Result<u32> {
        let bytes = self.bytes().first_chunk().ok_or(EINVAL)?;
        Ok(u32::from_ne_bytes(*bytes))
    }

    /// The attributes within, by number, checked against `rules`: EINVAL or ERANGE if one breaks
    /// its rule. Of several with one number the last counts.
    pub fn parse<const N: usize>(
        self,
        rules: &'static [Rule; N],
        strictness: Strictness,
        reasons: Reasons<'_>,
    ) -> Result<Attrs<'a, N>> {
        // SAFETY: by the invariant.
        let kind = unsafe { (*self.0.as_ptr()).nla_type };
        let validate = match strictness {
            Strictness::Lenient => b::netlink_validation_NL_VALIDATE_LIBERAL,
            Strictness::Strict if kind & MARKED == 0 => {
                reasons.say(c"NLA_F_NESTED is missing");
                return Err(EINVAL);
            }
            Strictness::Strict => {
                b::netlink_validation_NL_VALIDATE_TRAILING
                    | b::netlink_validation_NL_VALIDATE_MAXTYPE
                    | b::netlink_validation_NL_VALIDATE_UNSPEC
                    | b::netlink_validation_NL_VALIDATE_STRICT_ATTRS
                    | b::netlink_validation_NL_VALIDATE_NESTED
            }
        };
        let bytes = self.bytes();
        let mut found = [null_mut(); N];
        // SAFETY: there are places and rules for the numbers up to N - 1, and the payload is
        // readable.
        to_result(unsafe {
            b::__nla_parse(
                found.as_mut_ptr(),
                (N as i32).saturating_sub(1),
                bytes.as_ptr().cast(),
                bytes.len() as i32,
                Rule::raw(rules),
                validate,
                reasons.ack,
            )
        })?;
        Ok(Attrs(found, PhantomData))
    }
}

/// The attributes within another, by number.
///
/// # Invariants
///
/// The pointers are null or lead to attributes that the kernel has checked, alive for 'a.
pub struct Attrs<'a, const N: usize>([*mut b::nlattr; N], PhantomData<&'a [u8]>);

impl<'a, const N: usize> Attrs<'a, N> {
    /// Attribute `number`, if it came.
    pub fn get(&self, number: u16) -> Option<Attr<'a>> {
        let raw = *self.0.get(usize::from(number))?;
        // SAFETY: by the invariant.
        unsafe { Attr::from_raw(raw) }
    }
}

/// Bytes of a text that is written, its zero counted.
const LONGEST_TEXT: usize = 96;

/// Writes attributes at the end of a buffer. Every call fails with EMSGSIZE when there is no room;
/// whoever began the message then takes all of it back.
pub struct Writer<'a> {
    skb: NonNull<b::sk_buff>,
    _buffer: PhantomData<&'a mut ()>,
}

impl Writer<'_> {
    /// # Safety
    ///
    /// `skb` must be a linear buffer that is the caller's own for as long as the writer is there.
    pub(super) unsafe fn from_raw(skb: NonNull<b::sk_buff>) -> Self {
        Writer {
            skb,
            _buffer: PhantomData,
        }
    }

    /// A 32-bit number.
    pub fn u32(&mut self, number: u16, value: u32) -> Result {
        self.bytes(number, &value.to_ne_bytes())
    }

    /// A flag that is set.
    pub fn flag(&mut self, number: u16) -> Result {
        self.bytes(number, &[])
    }

    /// Text, which gets a zero at its end.
    pub fn text(&mut self, number: u16, value: &[u8]) -> Result {
        let mut padded = [0; LONGEST_TEXT];
        for (to, from) in padded.iter_mut().zip(value) {
            *to = *from;
        }
        let len = value.len().saturating_add(1);
        self.bytes(number, padded.get(..len).ok_or(EMSGSIZE)?)
    }

    /// Bytes.
    pub fn bytes(&mut self, number: u16, value: &[u8]) -> Result {
        let len = i32::try_from(value.len()).map_err(|_| EMSGSIZE)?;
        // SAFETY: the buffer is ours and the value readable; nla_put checks for room.
        to_result(unsafe {
            b::nla_put(self.skb.as_ptr(), number.into(), len, value.as_ptr().cast())
        })
    }

    /// A nest with what `fill` writes into it.
    pub fn nest(&mut self, number: u16, fill: impl FnOnce(&mut Self) -> Result) -> Result {
        // SAFETY: the buffer is ours.
        let start = unsafe { (*self.skb.as_ptr()).len };
        self.bytes(number, &[])?;
        fill(self)?;
        // SAFETY: the buffer is linear and has had the nest's head at `start` since, aligned to 4
        // like all attributes.
        unsafe {
            let skb = self.skb.as_ptr();
            let len = (*skb).len.wrapping_sub(start);
            let head = (*skb).data.add(start as usize).cast::<b::nlattr>();
            (*head).nla_len = u16::try_from(len).map_err(|_| EMSGSIZE)?;
        }
        Ok(())
    }
}
