//! Whatever can be wrong: each gives its sentence, the rest goes on, and it recovers when the cause is gone.

mod cluster;
mod files;
mod form;
mod generation;
mod kubeconfig;
mod manifests;
mod repository;
