//! What storage promises, on every database it supports.

#![expect(clippy::unwrap_used, reason = "what cannot be arranged fails the test, in helpers too")]

mod audit;
mod by_name;
mod clusters;
mod configurations;
mod databases;
mod health;
mod leases;
mod migrations;
mod opening;
mod outbound;
mod places;
mod providers;
mod prune;
mod queue;
mod quotas;
mod retirements;
mod rotation;
mod runs;
mod secrets;
mod sign_in;
mod snapshots;
mod unreadable;
mod webhooks;
