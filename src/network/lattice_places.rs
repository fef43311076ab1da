//! What is known of the places of a lattice: of patches, of their blocks, of quarters of blocks, and of single places.

use super::snap::{Foot, SnapIndex, access_ticks};
use crate::base::Ticks;
use std::sync::OnceLock;

/// Places along the side of a block.
pub const BLOCK: usize = 8;
/// Places along the side of a quarter of a block.
pub(super) const QUARTER: usize = BLOCK / 2;
/// Places in a quarter of a block.
pub const QUARTER_PLACES: usize = QUARTER * QUARTER;
/// Blocks along the side of a patch.
pub const PATCH: usize = 4;
/// Blocks in a patch.
pub(super) const PATCH_BLOCKS: usize = PATCH * PATCH;
/// A chain that is none.
pub(super) const NO_CHAIN: u32 = u32::MAX;

/// What is known of all places of a patch.
#[derive(Debug)]
pub struct LatticePatch {
    pub(super) chains: Box<[u32]>,
    pub(super) look: Look,
}

/// The blocks of a patch, in little memory: they are looked through at every question whose border they lie near.
#[derive(Debug)]
pub struct LatticeBlocks {
    /// `first[b]..first[b + 1]` of `chains` are those of block `b`, row by row from the lower left.
    pub(super) first: [u32; PATCH_BLOCKS + 1],
    pub(super) chains: Box<[ChainOfBlock]>,
    pub(super) known: [KnownOfBlock; PATCH_BLOCKS],
    /// Each place's own snap once it was asked for, by block and quarter.
    pub(super) places: [[OnceLock<Box<QuarterPlaces>>; 4]; PATCH_BLOCKS],
}

/// What is known of all places of a block and of those of its quarters.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownOfBlock {
    pub(super) all: Look,
    pub(super) quarters: [Look; 4],
}

/// A chain that places of a block may be joined to, and those of which quarters.
#[derive(Debug, Clone, Copy)]
pub struct ChainOfBlock(pub(super) u32);

impl ChainOfBlock {
    /// The number of the chain among those of the block's patch.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0 >> 4
    }

    /// Bit `q`: places of the `q`th quarter (lower left, lower right, upper left, upper right) may be joined to it.
    #[must_use]
    pub fn quarters(self) -> u32 {
        self.0 & 15
    }
}

/// What is known of the places of a square, whatever they are joined to.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// No access leg is shorter or longer.
    pub access: (Ticks, Ticks),
    /// Every place is joined to a road for sure.
    pub whole: bool,
}

/// The snaps of a quarter's places, row by row from the lower left.
#[derive(Debug)]
pub struct QuarterPlaces {
    pub(super) first: [LatticePlace; QUARTER_PLACES],
    /// Further points of places that are joined to several chains at once, with the place's number.
    pub(super) more: Vec<(u8, ChainFoot)>,
}

/// A place's access leg and the first of the points where it meets the road.
#[derive(Debug, Clone, Copy)]
pub struct LatticePlace {
    /// The straight walk to the road.
    pub access: Ticks,
    /// `u32::MAX` for a chain: no usable road within the limit.
    pub foot: ChainFoot,
}

/// A point on a chain: ticks from the tail of each of its two directions, `u32::MAX` where the direction is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainFoot {
    /// The chain's number among those of the place's patch.
    pub chain: u32,
    /// Along and against it.
    pub from_tail: [u32; 2],
}

impl LatticePatch {
    /// Chains that places may be joined to (see [`crate::network::RoadGraph::chains`]), ascending; none if no road is near.
    #[must_use]
    pub fn chains(&self) -> &[u32] {
        &self.chains
    }

    /// What is known of all its places.
    #[must_use]
    pub fn look(&self) -> Look {
        self.look
    }
}

impl LatticeBlocks {
    /// Chains that places of a block may be joined to, ascending.
    #[must_use]
    pub fn chains(&self, block: usize) -> &[ChainOfBlock] {
        &self.chains[self.first[block] as usize..self.first[block + 1] as usize]
    }

    /// What is known of all places of a block.
    #[must_use]
    pub fn look(&self, block: usize) -> Look {
        self.known[block].all
    }

    /// What is known of a block's quarters: lower left, lower right, upper left, upper right.
    #[must_use]
    pub fn quarters(&self, block: usize) -> &[Look; 4] {
        &self.known[block].quarters
    }
}

impl QuarterPlaces {
    /// Each place with its first point.
    #[must_use]
    pub fn first(&self) -> &[LatticePlace; QUARTER_PLACES] {
        &self.first
    }

    /// Further points, with the number of their place.
    #[must_use]
    pub fn more(&self) -> &[(u8, ChainFoot)] {
        &self.more
    }
}

impl LatticePlace {
    pub(super) const NONE: LatticePlace =
        LatticePlace { access: Ticks(0), foot: ChainFoot { chain: NO_CHAIN, from_tail: [u32::MAX; 2] } };
}

impl Look {
    pub(super) fn of_all(parts: &[Look]) -> Look {
        let least = parts.iter().map(|p| p.access.0).min().unwrap_or_default();
        let most = parts.iter().map(|p| p.access.1).max().unwrap_or_default();
        Look { access: (least, most), whole: parts.iter().all(|p| p.whole) }
    }
}

impl QuarterPlaces {
    /// Notes the points where a place meets the road; `chains` are those of its patch.
    pub(super) fn set(&mut self, place: usize, feet: &[Foot], chains: &[u32], snaps: &SnapIndex) {
        let on_chain = |foot: &Foot| {
            let chain = &snaps.lay().chains[foot.chain as usize];
            let ticks =
                |d: usize| chain.ticks(d).map_or(u32::MAX, |all| chain.ticks_to(d, foot.metres).min(all));
            let number = chains.binary_search(&foot.chain).ok()?;
            Some(ChainFoot { chain: number as u32, from_tail: [ticks(0), ticks(1)] })
        };
        let mut on_chains = feet.iter().filter_map(on_chain);
        if let (Some(nearest), Some(foot)) = (feet.first(), on_chains.next()) {
            self.first[place] = LatticePlace { access: access_ticks(nearest.distance, snaps.rules()), foot };
            self.more.extend(on_chains.map(|f| (place as u8, f)));
        }
    }
}
