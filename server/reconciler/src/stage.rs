//! The stages of a run, one file each.

pub(crate) mod apply;
pub(crate) mod assess;
pub(crate) mod fence;
pub(crate) mod fetch;
pub(crate) mod gate;
pub(crate) mod glance;
pub(crate) mod identify;
pub(crate) mod load;
pub(crate) mod observe;
pub(crate) mod plan;
pub(crate) mod provision;
pub(crate) mod prune;
pub(crate) mod record;
pub(crate) mod tag;
pub(crate) mod turn;
