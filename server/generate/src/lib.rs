//! Manifests by command: what a repository's `.flux.yaml` asks for (`--manifest-generation`, Flux v1's format
//! version 1).
//!
//! ```text
//! paths ─ find ─► .flux.yaml ─ flux_yaml ─► generators ─ command_line ─► words ─ call ─► what may run
//!                                                                                        │ reach: what it reads
//!                                                                                        │ remote: what of it is
//!                                                                                        │ on other hosts
//! documents ◄─ patch ◄─ run: apart, inside limits ◄─ workspace: those files, written out ◄┘
//! ```
//!
//! Everything above the line break of that picture is pure and reads the commit's tree; it alone decides the
//! [`tree_id`](engine::port::generate::Generate::tree_id), so that an unchanged input costs no run. What kustomizations
//! name on other hosts is asked for at every whole sync, as Flux v1 did by running its generators then: a reference
//! that has moved there is rendered anew, and one that has not costs a question.
//!
//! Architecture invariants: no shell; a program runs only when it is kustomize or the administrator lists it; it sees
//! a copy of the files it may read and nothing else, and has no network (`child::Isolation`): bases of other hosts are
//! read by the server, through the engine's port and from the administrator's hosts alone; what strangers wrote leads
//! nowhere out of their own repository; what a program printed goes through the same reading as a file.
//!
//! To let another flag of kustomize pass: a line in `call`'s table. To follow another field of a kustomization to
//! the files it names: `kustomization`. To add a program: the setting `generators`, no code.

mod blocking;
mod call;
mod command_line;
mod find;
mod flux_yaml;
mod generator;
mod instructions;
mod kept;
mod kustomization;
mod patch;
mod path;
mod place;
mod reach;
mod refused;
mod remote;
mod run;
mod settings;
#[cfg(test)]
mod tests;
mod workspace;

pub use self::generator::Generator;
pub use self::remote::{RemoteHosts, RemoteHostsError};
pub use self::settings::{Renderer, Settings, SettingsError};
