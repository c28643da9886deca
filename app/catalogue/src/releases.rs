//! How a Helm release stands.

use domain::release::{ReleaseAction, ReleaseWish};

use crate::{Locale, text};

/// A phase of the Helm operator in a word; one that is not known is that of a release nobody has looked at yet.
pub fn release_phase_label(locale: Locale, phase: &str) -> &'static str {
    match phase {
        "ChartFetched" => text::release_chart_fetched(locale),
        "ChartFetchFailed" => text::release_chart_fetch_failed(locale),
        "Installing" => text::release_installing(locale),
        "Migrating" => text::release_migrating(locale),
        "Upgrading" => text::release_upgrading(locale),
        "Deployed" | "Succeeded" => text::release_deployed(locale),
        "DeployFailed" => text::release_deploy_failed(locale),
        "Testing" => text::release_testing(locale),
        "TestFailed" => text::release_test_failed(locale),
        "Tested" => text::release_tested(locale),
        "Failed" => text::release_failed(locale),
        "RollingBack" => text::release_rolling_back(locale),
        "RolledBack" => text::release_rolled_back(locale),
        "RollbackFailed" => text::release_rollback_failed(locale),
        _ => text::release_waiting(locale),
    }
}

/// What was done to a release.
pub fn release_action_label(locale: Locale, action: ReleaseAction) -> &'static str {
    match action {
        ReleaseAction::Install => text::release_action_install(locale),
        ReleaseAction::Upgrade => text::release_action_upgrade(locale),
        ReleaseAction::Rollback => text::release_action_rollback(locale),
        ReleaseAction::Test => text::release_action_test(locale),
        ReleaseAction::Uninstall => text::release_action_uninstall(locale),
    }
}

/// What a person asked for and nobody has begun yet.
pub fn release_wish_sentence(locale: Locale, wish: &ReleaseWish) -> String {
    match wish {
        ReleaseWish::Retry => text::release_asked_retry(locale).to_owned(),
        ReleaseWish::Rollback { revision } => text::release_asked_rollback(locale, &revision.to_string()),
        ReleaseWish::Repair => text::release_asked_repair(locale).to_owned(),
    }
}
