//! Every flag of Flux v1's daemon (`cmd/fluxd/main.go`), and what becomes of it here.

use super::duration::Limits;

/// One flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// With its two hyphens.
    pub name: &'static str,
    /// What stands behind it.
    pub kind: Kind,
    /// What it does here.
    pub effect: Effect,
}

/// What stands behind a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, or `=true` and `=false`.
    Boolean,
    /// One value.
    Text,
    /// A length of time.
    Duration(Limits),
    /// Values separated by commas; may be repeated.
    List,
}

/// What a flag does here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What Flux v1 does with it.
    Works,
    /// Refused, because ignoring it would weaken or mislead.
    Refused,
    /// Nothing, and the page says so.
    WithoutEffect,
}

/// The flag of this name.
pub fn find(name: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.name == name)
}

use Effect::{Refused, WithoutEffect, Works};
use Kind::{Boolean, Duration, List, Text};

/// All of them, as Flux v1 groups them. Closed: any other flag is refused by name.
pub const FLAGS: &[Flag] = &[
    // Git
    flag("--git-url", Text, Refused),
    flag("--git-branch", Text, Works),
    flag("--git-path", List, Works),
    flag("--git-user", Text, Works),
    flag("--git-email", Text, Works),
    flag("--git-set-author", Boolean, Works),
    flag("--git-label", Text, Works),
    flag("--git-sync-tag", Text, Works),
    flag("--git-notes-ref", Text, WithoutEffect),
    flag("--git-ci-skip", Boolean, WithoutEffect),
    flag("--git-ci-skip-message", Text, WithoutEffect),
    flag("--git-poll-interval", Duration(Limits::INTERVAL), Works),
    flag("--git-timeout", Duration(Limits::GIT_TIMEOUT), Works),
    flag("--git-readonly", Boolean, Works),
    flag("--git-secret", Boolean, Refused),
    flag("--sops", Boolean, Refused),
    flag("--git-gpg-key-import", List, Refused),
    flag("--git-signing-key", Text, Refused),
    flag("--git-verify-signatures", Boolean, Refused),
    flag("--git-verify-signatures-mode", Text, Refused),
    // sync
    flag("--sync-interval", Duration(Limits::INTERVAL), Works),
    flag("--sync-timeout", Duration(Limits::SYNC_TIMEOUT), Works),
    flag("--sync-garbage-collection", Boolean, Works),
    flag("--sync-garbage-collection-dry", Boolean, Works),
    flag("--sync-state", Text, WithoutEffect),
    flag("--manifest-generation", Boolean, Works),
    // Kubernetes
    flag("--k8s-secret-name", Text, WithoutEffect),
    flag("--k8s-secret-volume-mount-path", Text, WithoutEffect),
    flag("--k8s-secret-data-key", Text, WithoutEffect),
    flag("--k8s-allow-namespace", List, Works),
    flag("--k8s-namespace-whitelist", List, Works),
    flag("--k8s-default-namespace", Text, Works),
    flag("--k8s-unsafe-exclude-resource", List, Refused),
    flag("--k8s-verbosity", Text, WithoutEffect),
    flag("--kubernetes-kubectl", Text, WithoutEffect),
    // keys
    flag("--ssh-keygen-bits", Text, WithoutEffect),
    flag("--ssh-keygen-type", Text, WithoutEffect),
    flag("--ssh-keygen-format", Text, WithoutEffect),
    flag("--ssh-keygen-dir", Text, WithoutEffect),
    // other
    flag("--listen", Text, WithoutEffect),
    flag("--listen-metrics", Text, WithoutEffect),
    flag("--log-format", Text, WithoutEffect),
    flag("--version", Boolean, WithoutEffect),
    flag("--memcached-hostname", Text, WithoutEffect),
    flag("--memcached-port", Text, WithoutEffect),
    flag("--memcached-timeout", Duration(Limits::ANY), WithoutEffect),
    flag("--memcached-service", Text, WithoutEffect),
    flag("--registry-disable-scanning", Boolean, WithoutEffect),
    flag("--automation-interval", Duration(Limits::ANY), WithoutEffect),
    flag("--registry-poll-interval", Duration(Limits::ANY), WithoutEffect),
    flag("--registry-rps", Text, WithoutEffect),
    flag("--registry-burst", Text, WithoutEffect),
    flag("--registry-trace", Boolean, WithoutEffect),
    flag("--registry-insecure-host", List, WithoutEffect),
    flag("--registry-exclude-image", List, WithoutEffect),
    flag("--registry-include-image", List, WithoutEffect),
    flag("--registry-use-labels", List, WithoutEffect),
    flag("--registry-ecr-region", List, WithoutEffect),
    flag("--registry-ecr-include-id", List, WithoutEffect),
    flag("--registry-ecr-exclude-id", List, WithoutEffect),
    flag("--registry-require", List, WithoutEffect),
    flag("--docker-config", Text, WithoutEffect),
    flag("--connect", Text, Refused),
    flag("--token", Text, Refused),
    flag("--rpc-timeout", Duration(Limits::ANY), WithoutEffect),
];

const fn flag(name: &'static str, kind: Kind, effect: Effect) -> Flag {
    Flag { name, kind, effect }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(effect: Effect) -> Vec<&'static str> {
        FLAGS.iter().filter(|flag| flag.effect == effect).map(|flag| flag.name).collect()
    }

    #[test]
    fn the_flags_that_work_and_the_flags_that_are_refused_are_exactly_these() {
        assert_eq!(
            names(Works).join(" "),
            "--git-branch --git-path --git-user --git-email --git-set-author --git-label --git-sync-tag \
             --git-poll-interval --git-timeout --git-readonly --sync-interval --sync-timeout \
             --sync-garbage-collection --sync-garbage-collection-dry --manifest-generation --k8s-allow-namespace \
             --k8s-namespace-whitelist --k8s-default-namespace"
        );
        assert_eq!(
            names(Refused).join(" "),
            "--git-url --git-secret --sops --git-gpg-key-import --git-signing-key --git-verify-signatures \
             --git-verify-signatures-mode --k8s-unsafe-exclude-resource --connect --token"
        );
    }

    #[test]
    fn each_flag_stands_in_the_table_once() {
        for flag in FLAGS {
            assert_eq!(FLAGS.iter().filter(|other| other.name == flag.name).count(), 1, "{}", flag.name);
        }
    }
}
