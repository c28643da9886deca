//! Clusters: how the connection stands and what a kubeconfig must be allowed to do.

use domain::cluster::{Connectivity, Permission};
use domain::reason::ConnectionReason;

use crate::{Locale, text};

/// One sentence about a cluster's connection that says what to do next.
pub fn connection_reason_sentence(locale: Locale, reason: &ConnectionReason) -> String {
    match reason {
        ConnectionReason::Connected => text::connection_connected(locale),
        ConnectionReason::NeverAsked => text::connection_never_asked(locale),
        ConnectionReason::Unreachable => text::connection_unreachable(locale),
        ConnectionReason::CertificateRefused => text::connection_certificate_refused(locale),
        ConnectionReason::CredentialRefused => text::connection_credential_refused(locale),
        ConnectionReason::CredentialExpired => text::connection_credential_expired(locale),
        ConnectionReason::CredentialUnreadable => text::connection_credential_unreadable(locale),
        ConnectionReason::AddressRefused => text::connection_address_refused(locale),
        ConnectionReason::AddressNotListed => text::connection_address_not_listed(locale),
        ConnectionReason::Replaced => text::connection_replaced(locale),
        ConnectionReason::Failed => text::connection_failed(locale),
    }
    .to_owned()
}

/// The word for a cluster's connectivity.
pub fn connectivity_label(locale: Locale, connectivity: Connectivity) -> &'static str {
    match connectivity {
        Connectivity::Connecting => text::connectivity_connecting(locale),
        Connectivity::Connected => text::connectivity_connected(locale),
        Connectivity::Offline => text::connectivity_offline(locale),
        Connectivity::Expired => text::connectivity_expired(locale),
    }
}

/// A line of the preflight's checklist.
pub fn permission_label(locale: Locale, permission: Permission) -> &'static str {
    match permission {
        Permission::Reach => text::permission_reach(locale),
        Permission::Authenticate => text::permission_authenticate(locale),
        Permission::ReadIdentity => text::permission_read_identity(locale),
        Permission::ListNodes => text::permission_list_nodes(locale),
        Permission::CreateNamespaces => text::permission_create_namespaces(locale),
        Permission::CreateServiceAccounts => text::permission_create_service_accounts(locale),
        Permission::CreateRoleBindings => text::permission_create_role_bindings(locale),
        Permission::CreateClusterRoleBindings => text::permission_create_cluster_role_bindings(locale),
        Permission::BindClusterAdmin => text::permission_bind_cluster_admin(locale),
        Permission::WriteLeases => text::permission_write_leases(locale),
        Permission::ImpersonateServiceAccounts => text::permission_impersonate(locale),
        Permission::WatchObjects => text::permission_watch_objects(locale),
    }
}
