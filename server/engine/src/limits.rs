//! How much a repository may make us read: numbers, so that a page can show them.

/// Largest manifest file in bytes: etcd refuses objects of more than 1.5 MiB, so a larger file is no manifest.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Bytes of all manifest files together: what 5000 objects of 6 KiB need.
pub const MAX_TOTAL_BYTES: u64 = 32 * 1024 * 1024;
/// Manifest files: two for each object there may be.
pub const MAX_FILES: u32 = 10_000;
/// Entries of folders looked at on the way: a repository of code beside its manifests is fine, endless trees are not.
pub const MAX_ENTRIES: u32 = 500_000;
/// Folders inside each other: deeper trees are made to hurt.
pub const MAX_FOLDER_DEPTH: u32 = 64;
/// Documents, empty ones included: two for each object there may be.
pub const MAX_DOCUMENTS: u32 = 10_000;
/// Objects of one configuration: what one sync can compare and apply within its lease.
pub const MAX_OBJECTS: u32 = 5_000;
/// Mappings and lists inside each other: a CRD's schema needs about 40.
pub const MAX_NESTING: u32 = 64;
/// Mappings, lists, keys and values of one file: a file of the largest size with short lines.
pub const MAX_FILE_NODES: u32 = 200_000;
/// The same over all files: bounds the memory of a load to some hundred MiB.
pub const MAX_TOTAL_NODES: u32 = 2_000_000;
/// Uses of YAML anchors in one file: more is no shorthand but a bomb.
pub const MAX_ALIASES: u32 = 1_000;
/// Nodes that the uses of anchors of one file stand for, together.
pub const MAX_ALIAS_NODES: u32 = 20_000;

/// The limits of one load; [`Limits::default`] are the constants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// [`MAX_FILE_BYTES`]
    pub file_bytes: u64,
    /// [`MAX_TOTAL_BYTES`]
    pub total_bytes: u64,
    /// [`MAX_FILES`]
    pub files: u32,
    /// [`MAX_ENTRIES`]
    pub entries: u32,
    /// [`MAX_FOLDER_DEPTH`]
    pub folder_depth: u32,
    /// [`MAX_DOCUMENTS`]
    pub documents: u32,
    /// [`MAX_OBJECTS`]
    pub objects: u32,
    /// [`MAX_NESTING`]
    pub nesting: u32,
    /// [`MAX_FILE_NODES`]
    pub file_nodes: u32,
    /// [`MAX_TOTAL_NODES`]
    pub total_nodes: u32,
    /// [`MAX_ALIASES`]
    pub aliases: u32,
    /// [`MAX_ALIAS_NODES`]
    pub alias_nodes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: MAX_FILE_BYTES,
            total_bytes: MAX_TOTAL_BYTES,
            files: MAX_FILES,
            entries: MAX_ENTRIES,
            folder_depth: MAX_FOLDER_DEPTH,
            documents: MAX_DOCUMENTS,
            objects: MAX_OBJECTS,
            nesting: MAX_NESTING,
            file_nodes: MAX_FILE_NODES,
            total_nodes: MAX_TOTAL_NODES,
            aliases: MAX_ALIASES,
            alias_nodes: MAX_ALIAS_NODES,
        }
    }
}
