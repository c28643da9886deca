//! Every page as the server renders it, and every form as a browser without scripts posts it.

mod every;
mod form;
mod helm;
mod people;
mod places;
mod support;

#[path = "../../examples/portal/access.rs"]
mod access;
#[path = "../../examples/portal/accounts.rs"]
mod accounts;
#[path = "../../examples/portal/clusters.rs"]
mod clusters;
#[path = "../../examples/portal/configurations.rs"]
mod configurations;
#[path = "../../examples/portal/embed.rs"]
mod embed;
#[path = "../../examples/portal/releases.rs"]
mod releases;
#[path = "../../examples/portal/sample.rs"]
mod sample;
#[path = "../../examples/portal/world.rs"]
mod world;
