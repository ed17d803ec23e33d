// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Big-endian words of a header, and fields in them.
//!
//! In: bytes, numbers of words and bits; out: fields. Used by the other files of this room only.
//! Replaces C `msg.h:msg_bits` and `msg_set_bits`.

/// Word `index`; 0 beyond the end, where nobody who has checked the length asks.
#[inline]
pub(super) fn word(bytes: &[u8], index: usize) -> u32 {
    // One comparison, with an end that is known; not the two of a rest and its first four.
    let begin = index.wrapping_mul(4);
    let four = bytes.get(begin..begin.wrapping_add(4));
    four.and_then(<[u8]>::first_chunk::<4>)
        .map_or(0, |b| u32::from_be_bytes(*b))
}

/// The high half of word `index`.
#[inline]
pub(super) fn high(bytes: &[u8], index: usize) -> u16 {
    (word(bytes, index) >> 16) as u16
}

/// The low half of word `index`.
#[inline]
pub(super) fn low(bytes: &[u8], index: usize) -> u16 {
    word(bytes, index) as u16
}

/// Bit `place` of word `index`.
#[inline]
pub(super) fn bit(bytes: &[u8], index: usize, place: u32) -> bool {
    field(bytes, index, place, 1) != 0
}

/// The field of word `index` that begins at bit `shift` and is as wide as `mask`.
#[inline]
pub(super) fn field(bytes: &[u8], index: usize, shift: u32, mask: u32) -> u32 {
    word(bytes, index).wrapping_shr(shift) & mask
}

/// Sets word `index`, if it is there.
#[inline]
pub(super) fn set_word(bytes: &mut [u8], index: usize, value: u32) {
    let begin = index.wrapping_mul(4);
    let four = bytes.get_mut(begin..begin.wrapping_add(4));
    if let Some(to) = four.and_then(<[u8]>::first_chunk_mut::<4>) {
        *to = value.to_be_bytes();
    }
}

/// Sets the field of word `index` that begins at bit `shift` and is as wide as `mask`.
#[inline]
pub(super) fn set_field(bytes: &mut [u8], index: usize, shift: u32, mask: u32, value: u32) {
    let kept = word(bytes, index) & !mask.wrapping_shl(shift);
    set_word(bytes, index, kept | (value & mask).wrapping_shl(shift));
}

/// Two halves of a word.
#[inline]
pub(super) fn halves(high: u16, low: u16) -> u32 {
    (u32::from(high) << 16) | u32::from(low)
}

/// A bit, if it is to be set.
#[inline]
pub(super) fn flag(set: bool, place: u32) -> u32 {
    u32::from(set).wrapping_shl(place)
}

/// Bytes of `words`, of which there are a quarter as many.
pub(super) fn bytes_of<const W: usize, const B: usize>(words: [u32; W]) -> [u8; B] {
    let mut out = [0; B];
    for (index, value) in words.into_iter().enumerate() {
        set_word(&mut out, index, value);
    }
    out
}
