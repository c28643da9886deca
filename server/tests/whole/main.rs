//! The whole server on real parts: its program as people start it, a Kubernetes API server, a Git server.
//!
//! - `scene` what the tests share: one portal, one control plane, and for each test a name and a repository of its own
//! - `chain` from the form to the objects, `cost` what an unchanged revision costs, `changes` what follows from Git
//!   and from strangers, `deletion` what goes and what stays with a configuration, `garbage` what goes when it left Git,
//!   `operator` the operator's own objects: put right, moved, remembered, and a cluster that became another one
//! - `access` private repositories, `canaries` where no secret may be found, whatever fails
//! - `bad_input` whatever can be wrong, with its sentence and how it recovers
//! - `tags` what was synced, marked at the Git host
//! - `generation` manifests that commands of the repository make, `remote_bases` what these take from other hosts
//! - `interrupted` the server dies in the middle of a sync, `faults` the cluster answers wrongly: what must never be deleted
//! - `disasters` what destroyed the work of others elsewhere: a source, a cluster or a credential that fails in the middle
//! - `hostile` what strangers may write, and what must not come of it
//! - `doors` who is let in, `foreign` what other pages make a browser send, `expiry` until when, `headers` what guards every answer, `people` users beside the administrator, `live` what open pages are told
//! - `oidc` people who come by identity providers
//! - `rest` the REST API, answers compared with golden files
//! - `outbound` which hosts a subscription may lead to, by the list of its owners
//! - `quotas` what a resource group may hold and do, and where it is said
//! - `webhooks` what Git hosts send, and who only says to be one
//! - `commands` what the program does beside serving; `keys` of these the ones that keep secrets: rotation, backup, restore
//!
//! To add a test: a file or a function here; one more test program would link the whole server once more.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod bad_input;
mod canaries;
mod chain;
mod changes;
mod commands;
mod cost;
mod deletion;
mod disasters;
mod doors;
mod embedding;
mod expiry;
mod faults;
mod foreign;
mod garbage;
mod generation;
mod headers;
mod health;
mod hostile;
mod interrupted;
mod keys;
mod live;
mod matrix;
mod oidc;
mod operator;
mod outbound;
mod people;
mod quotas;
mod releases;
mod remote_bases;
mod rest;
mod scene;
mod tags;
mod tenancy;
mod tls;
mod webhooks;
