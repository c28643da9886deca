//! Every text a person reads, in English and simplified Chinese.
//!
//! The texts are in `texts/en.txt` and `texts/zh-CN.txt`; the build makes one function of each key, with its
//! parameters, in [`text`]. What the domain says as data (a rule, a reason, a state) becomes a sentence here,
//! one whole message per case: nothing is put together from words.
//!
//! To add a text: a line in both files, then call `text::its_key(locale, …)`. A key that one file lacks or
//! whose parameters differ fails the build; a key that nothing calls fails a test.

mod connection;
mod kubeconfig;
mod labels;
mod locale;
mod objects;
mod reasons;
mod releases;
mod rules;
mod services;
mod time;

pub use connection::{connection_reason_sentence, connectivity_label, permission_label};
pub use kubeconfig::kubeconfig_refusal_sentence;
pub use labels::{
    action_label, cluster_type_label, compliance_label, field_label, health_label, principal_label,
    role_label, scope_label, step_label, target_kind_label,
};
pub use locale::Locale;
pub use objects::{object_reason_sentence, prune_guard_sentence, retirement_sentence};
pub use reasons::{reason_sentence, state_sentence};
pub use releases::{release_action_label, release_phase_label, release_wish_sentence};
pub use rules::rule_sentence;
pub use services::{conflict_sentence, put_off_sentence, quota_sentence, service_error_sentence};
pub use time::{absolute, age, duration};

/// One function per key of the text files.
pub mod text {
    use crate::Locale;

    include!(concat!(env!("OUT_DIR"), "/text.rs"));
}

#[cfg(test)]
mod tests;
