//! What the crate does in a real cluster: every test has namespaces of its own in the testbed's control plane.

mod apply;
mod connection;
mod faults;
mod observer;
mod operator;
mod preflight;
mod prune;
mod replaced;
mod support;
mod takeover;
