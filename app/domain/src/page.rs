//! Pages of lists: always a page, never everything.

use serde::{Deserialize, Serialize};

/// Rows of one page of a list; larger wishes are cut to this, so that a page's cost is bounded.
pub const PAGE_SIZE: u32 = 50;

/// Which page of a list, and of what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageQuery {
    /// First page is 1; 0 is read as 1.
    #[serde(default)]
    pub page: u32,
    /// Substring of a name or URL, any case; empty for all.
    #[serde(default)]
    pub filter: String,
}

impl PageQuery {
    /// Rows before this page.
    pub fn offset(&self) -> u32 {
        self.page.saturating_sub(1).saturating_mul(PAGE_SIZE)
    }
}

/// One page of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page, in the list's order.
    pub items: Vec<T>,
    /// Rows in the whole list.
    pub total: u32,
    /// Number of this page, from 1.
    pub page: u32,
}

impl<T> Page<T> {
    /// Number of pages, at least 1.
    pub fn pages(&self) -> u32 {
        self.total.div_ceil(PAGE_SIZE).max(1)
    }
}
