//! Git repositories of users: which commit a branch points to, and the files of a commit.
//!
//! The git program talks to hosts, gix reads what it fetched, and nothing is ever checked out: links, hooks, filters
//! and submodules of a repository stay data. This is the only crate that knows either of them.
//!
//! ```text
//! resolve ─► address ─► door (pass for the relay) ─► ls-remote ─► failure (what Git said → one reason)
//! push_tag ► tag (made in the mirror, pushed: all that is ever written to a host)
//! open ────► mirror (one fetch at a time, coalesced) ─► store (bare repository on disk) ─► tree (gix)
//! ```
//!
//! `remote_base` goes the same two ways for repositories that a kustomization names, without any credential.
//!
//! Architecture invariants: each git runs through `child` with the arguments and variables that `git` sets; it
//! gets into the network by the relay of `outbound` alone, which connects to the one host of the call at the address that
//! it has checked; a revision is read only when a fetch
//! that ended well has brought it (`store` notes which).
//!
//! How a host is shown a credential is in `door` (a configuration with a header for http(s), one with key and known
//! hosts for ssh), for one call and in a folder of its own ([`child::Private`]); which ssh hosts are known, and what an
//! unknown one shows, in `host_key`.
//!
//! To support another kind of access: a file below `door`, its part of a mirror's key (`Access::identity`), and what
//! the host answers in `failure`, with a test against a real server.

mod address;
mod door;
mod failure;
mod git;
mod git_source;
mod host_key;
mod mirror;
mod named;
mod remote;
mod remote_base;
mod scrub;
mod settings;
mod tag;
mod together;
mod tree;
mod version;

pub use self::git_source::GitSource;
pub use self::settings::{Quota, Settings};
pub use self::version::SetupError;
