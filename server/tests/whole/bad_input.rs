//! Whatever can be wrong: each gives its sentence, the rest goes on, and it recovers when the cause is gone.

mod cluster;
mod form;
mod kubeconfig;
mod manifests;
mod repository;
