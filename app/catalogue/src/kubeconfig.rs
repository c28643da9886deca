//! Why a field of a kubeconfig is refused.

use domain::violation::KubeconfigRefusal;

use crate::{Locale, text};

/// Names the field and says what to put there instead.
pub fn kubeconfig_refusal_sentence(locale: Locale, field: &str, reason: KubeconfigRefusal) -> String {
    match reason {
        KubeconfigRefusal::RunsProgram => text::kubeconfig_runs_program(locale, field),
        KubeconfigRefusal::ReadsFile => text::kubeconfig_reads_file(locale, field),
        KubeconfigRefusal::Proxy => text::kubeconfig_proxy(locale, field),
        KubeconfigRefusal::Insecure => text::kubeconfig_insecure(locale, field),
        KubeconfigRefusal::Impersonation => text::kubeconfig_impersonation(locale, field),
        KubeconfigRefusal::BasicAuth => text::kubeconfig_basic_auth(locale, field),
        KubeconfigRefusal::ServerNotHttps => text::kubeconfig_server_not_https(locale, field),
        KubeconfigRefusal::BadData => text::kubeconfig_bad_data(locale, field),
        KubeconfigRefusal::Expired => text::kubeconfig_expired(locale, field),
        KubeconfigRefusal::KeyMismatch => text::kubeconfig_key_mismatch(locale, field),
        KubeconfigRefusal::Unknown => text::kubeconfig_unknown(locale, field),
        KubeconfigRefusal::Duplicate => text::kubeconfig_duplicate(locale, field),
    }
}
