// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `mem`: records of one kind in blocks of a page, addressed by a stable number.
//!
//! In: records from the rooms of proto; out: references to them. No pointers, so that trees and
//! rings of records need no `unsafe`; no allocation on insertion, so that it can be done with a
//! lock held: room is made beforehand (`wanted`, `grow`).

use crate::mem::Block;
use core::num::NonZeroU16;

/// Number of a record; `NIL` is none. The place in the block is its low bits, the block the rest.
pub type Index = u32;

/// No record.
pub const NIL: Index = u32::MAX;

/// Bits of an index that say where in the block.
const PLACE_BITS: u32 = 7;
const PLACE: u32 = (1 << PLACE_BITS) - 1;

/// Bytes of a block: what the kernel's allocator neither rounds up nor has to search for.
const BLOCK_BYTES: usize = 4096;

/// Records an empty slab may keep memory for, so that coming and going in turn does not allocate
/// each time.
const KEEP_WHEN_EMPTY: u32 = 1008;

/// Records at most: twice what the bindings of one node need.
pub const MAX_RECORDS: u32 = 131_072;

/// Blocks the first directory has entries for; each further one has twice as many.
const FIRST_BLOCKS: u16 = 8;

/// One slot: a record, or the next free slot.
#[derive(Clone, Copy)]
enum Slot<T> {
    Free(Index),
    Used(T),
}

/// The slots of one block.
type Slots<T> = Block<Slot<T>>;

/// Blocks by number; those that are not there yet are without memory.
type Directory<T> = Block<Slots<T>>;

/// The blocks that a slab lacks: how many, from which number on, and how long a directory it
/// needs for them if that it has is too short.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    from: u16,
    count: u16,
    directory: Option<NonZeroU16>,
}

/// Blocks on their way into a slab.
pub struct Growth<T> {
    from: u16,
    blocks: Directory<T>,
    directory: Option<Directory<T>>,
}

/// The first record of block `number`.
fn first_of(number: u16) -> Index {
    u32::from(number).wrapping_shl(PLACE_BITS)
}

/// The records.
pub struct Slab<T> {
    directory: Directory<T>,
    /// Blocks in the directory.
    blocks: u16,
    free: Index,
    used: u32,
}

impl<T: Copy> Slab<T> {
    /// Slots of a block.
    const SLOTS: u32 = {
        let fit = BLOCK_BYTES / core::mem::size_of::<Slot<T>>();
        assert!(fit > 0);
        if fit > PLACE as usize {
            PLACE + 1
        } else {
            fit as u32
        }
    };

    /// Blocks at most.
    const BLOCKS: u16 = {
        let blocks = MAX_RECORDS.div_ceil(Self::SLOTS);
        // The directory, of the next power of two, must be countable too.
        assert!(blocks <= 1 << 15);
        blocks as u16
    };

    /// An empty slab without a block.
    pub fn new() -> Self {
        Slab {
            directory: Block::none(),
            blocks: 0,
            free: NIL,
            used: 0,
        }
    }

    /// Records in it.
    pub fn len(&self) -> u32 {
        self.used
    }

    /// Records there is memory for.
    pub fn capacity(&self) -> u32 {
        u32::from(self.blocks).wrapping_mul(Self::SLOTS)
    }

    /// The numbers that records can have now.
    pub fn indices(&self) -> core::ops::Range<Index> {
        0..first_of(self.blocks)
    }

    /// The blocks that must be added before the next insertion, if there is no room.
    pub fn wanted(&self) -> Option<Blocks> {
        if self.is_full() {
            self.wanted_for(1)
        } else {
            None
        }
    }

    /// The blocks that must be added before the next `count` insertions, if there is no room for
    /// them; none also when there can be no more.
    pub fn wanted_for(&self, count: u32) -> Option<Blocks> {
        let room = self.capacity().saturating_sub(self.used);
        let missing = count.saturating_sub(room).div_ceil(Self::SLOTS);
        let missing = u16::try_from(missing).unwrap_or(u16::MAX);
        let count = missing.min(Self::BLOCKS.saturating_sub(self.blocks));
        if count == 0 {
            return None;
        }
        let needed = self.blocks.wrapping_add(count);
        let directory = match usize::from(needed) > self.directory.len() {
            true => NonZeroU16::new(needed.max(FIRST_BLOCKS).checked_next_power_of_two()?),
            false => None,
        };
        Some(Blocks {
            from: self.blocks,
            count,
            directory,
        })
    }

    /// Whether nothing can be inserted.
    pub fn is_full(&self) -> bool {
        self.free == NIL
    }

    /// Takes the memory out of a slab that is empty after it was large, to be freed without the
    /// lock.
    pub fn shrink(&mut self) -> Option<Slab<T>> {
        if self.used == 0 && self.capacity() > KEEP_WHEN_EMPTY {
            Some(core::mem::replace(self, Slab::new()))
        } else {
            None
        }
    }

    /// Allocates what `wanted` said; none if there is no memory. May sleep; called with no lock
    /// held.
    pub fn allocate(wanted: Blocks) -> Option<Growth<T>> {
        let directory = match wanted.directory {
            Some(len) => Some(Block::of_none(len.get().into())?),
            None => None,
        };
        let mut blocks = Block::of_none(wanted.count.into())?;
        for (number, entry) in (wanted.from..Self::BLOCKS).zip(blocks.as_mut_slice()) {
            *entry = Self::block(number)?;
        }
        Some(Growth {
            from: wanted.from,
            blocks,
            directory,
        })
    }

    /// Block `number`, its slots in a chain.
    fn block(number: u16) -> Option<Slots<T>> {
        let mut slots = Block::filled(Slot::Free(NIL), Self::SLOTS as usize)?;
        let second = first_of(number).wrapping_add(1);
        let last = slots.len().saturating_sub(1);
        for (next, slot) in (second..NIL).zip(slots.as_mut_slice().iter_mut().take(last)) {
            *slot = Slot::Free(next);
        }
        Some(slots)
    }

    /// Allocates what is wanted, if anything is; none if there is no memory. May sleep.
    pub fn allocate_if(wanted: Option<Blocks>) -> Option<Option<Growth<T>>> {
        match wanted {
            Some(wanted) => Self::allocate(wanted).map(Some),
            None => Some(None),
        }
    }

    /// Adds blocks. What is left, to be freed without the lock, is the directory they replace, or
    /// all of it if another caller was faster.
    pub fn grow(&mut self, mut growth: Growth<T>) -> Growth<T> {
        if growth.from != self.blocks {
            return growth;
        }
        if let Some(longer) = &mut growth.directory {
            for (new, old) in longer
                .as_mut_slice()
                .iter_mut()
                .zip(self.directory.as_mut_slice())
            {
                core::mem::swap(new, old);
            }
            core::mem::swap(longer, &mut self.directory);
        }
        for entry in growth.blocks.as_mut_slice() {
            self.add(entry);
        }
        growth
    }

    /// Takes a block in. What was free before comes after its slots.
    fn add(&mut self, block: &mut Slots<T>) {
        let Some(entry) = self.directory.get_mut(self.blocks.into()) else {
            return;
        };
        core::mem::swap(entry, block);
        let first = first_of(self.blocks);
        let last = first.wrapping_add(Self::SLOTS).wrapping_sub(1);
        let free = core::mem::replace(&mut self.free, first);
        if let Some(slot) = self.slot_mut(last) {
            *slot = Slot::Free(free);
        }
        self.blocks = self.blocks.wrapping_add(1);
    }

    fn slot_mut(&mut self, index: Index) -> Option<&mut Slot<T>> {
        let block = self.directory.get_mut((index >> PLACE_BITS) as usize)?;
        block.get_mut((index & PLACE) as usize)
    }

    /// Puts a record in; none if there is no room (see `wanted`).
    pub fn insert(&mut self, record: T) -> Option<Index> {
        let index = self.free;
        let slot = self.slot_mut(index)?;
        let Slot::Free(next) = *slot else { return None };
        *slot = Slot::Used(record);
        self.free = next;
        self.used = self.used.wrapping_add(1);
        Some(index)
    }

    /// Takes a record out.
    pub fn remove(&mut self, index: Index) -> Option<T> {
        let next = self.free;
        let slot = self.slot_mut(index)?;
        let Slot::Used(record) = *slot else {
            return None;
        };
        *slot = Slot::Free(next);
        self.free = index;
        self.used = self.used.wrapping_sub(1);
        Some(record)
    }

    /// Record `index`.
    pub fn get(&self, index: Index) -> Option<&T> {
        let block = self.directory.get((index >> PLACE_BITS) as usize)?;
        match block.get((index & PLACE) as usize)? {
            Slot::Used(record) => Some(record),
            Slot::Free(_) => None,
        }
    }

    /// Record `index`, to change.
    pub fn get_mut(&mut self, index: Index) -> Option<&mut T> {
        match self.slot_mut(index)? {
            Slot::Used(record) => Some(record),
            Slot::Free(_) => None,
        }
    }
}
