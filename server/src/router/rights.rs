//! What every route needs, beside the routes: the tests ask each of them as everybody, and compare.
//!
//! A new page, server function, operation or other route fails the tests until it has its line here. The decision itself is made
//! in the use cases; nothing here is asked by the server.

use domain::access::Role;

/// What a request needs to be answered with what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Anybody who is signed in or shows a token; what comes is what they may see.
    Anybody,
    /// This role at some resource group or above one.
    Somewhere(Role),
    /// This role at what it names, which is in a resource group; without any role there it does not exist.
    Role(Role),
    /// This role at the subscription that it names.
    InSubscription(Role),
    /// This role at the subscription of the resource group that it names; others know of it when they see the group.
    SubscriptionOfGroup(Role),
    /// An administrator; others know of it.
    Administrator,
    /// An administrator; others know of it when they see the subscription that it names.
    AdministratorInSubscription,
    /// An administrator; for others it does not exist.
    HiddenFromOthers,
}

use Needs::{Administrator, Anybody, HiddenFromOthers, InSubscription, Nothing};

const READS: Needs = Needs::Role(Role::Reader);
const WRITES: Needs = Needs::Role(Role::Contributor);
const OWNS: Needs = Needs::Role(Role::Owner);

/// Pages, by their routes.
pub const PAGES: &[(&str, Needs)] = &[
    ("/", Anybody),
    ("/sign-in", Nothing),
    ("/sign-in/{provider}", Nothing),
    ("/sign-in/{provider}/callback", Nothing),
    ("/set-password", Nothing),
    ("/embed/sign-in", Nothing),
    ("/embed/grant", READS),
    ("/clusters", Anybody),
    ("/clusters/connect", Anybody),
    ("/clusters/{cluster}", READS),
    ("/clusters/{cluster}/gitops", READS),
    ("/clusters/{cluster}/gitops/new", READS),
    ("/configurations", Anybody),
    ("/configurations/{configuration}", READS),
    ("/settings", Anybody),
    ("/places", Anybody),
    ("/places/{place}", READS),
    ("/service-accounts/{account}", OWNS),
    ("/people", HiddenFromOthers),
    ("/people/{person}", HiddenFromOthers),
    ("/activity", Anybody),
    ("/api", Anybody),
];

/// Server functions, by the last part of their paths.
pub const FUNCTIONS: &[(&str, Needs)] = &[
    ("allow_embed_parent", InSubscription(Role::Owner)),
    ("assign_role", OWNS),
    ("begin_connect", Needs::Somewhere(Role::Owner)),
    ("change_password", Anybody),
    ("check_cluster", WRITES),
    ("confirm_prune", WRITES),
    ("confirm_replaced", OWNS),
    ("connect_cluster", Anybody),
    ("connect_draft", Anybody),
    ("create_configuration", WRITES),
    ("create_person", HiddenFromOthers),
    ("create_resource_group", InSubscription(Role::Owner)),
    ("create_service_account", OWNS),
    ("create_service_account_token", OWNS),
    ("create_subscription", Administrator),
    ("create_token", Anybody),
    ("delete_configuration", WRITES),
    ("delete_person", HiddenFromOthers),
    ("delete_resource_group", OWNS),
    ("delete_service_account", OWNS),
    ("delete_subscription", Needs::AdministratorInSubscription),
    ("disallow_embed_parent", InSubscription(Role::Owner)),
    ("disconnect_cluster", OWNS),
    ("replace_kubeconfig", OWNS),
    ("end_service_account_token", OWNS),
    ("end_session", Anybody),
    ("end_token", Anybody),
    ("get_account", Anybody),
    ("get_cluster", READS),
    ("get_configuration", READS),
    ("get_embed_grant", READS),
    // Everybody may know which helm there is; it says nothing of any place.
    ("get_helm", Anybody),
    ("get_outbound", InSubscription(Role::Reader)),
    ("get_person", HiddenFromOthers),
    ("get_place", READS),
    ("get_quota", READS),
    ("get_release", READS),
    ("grant_embed", READS),
    ("link_user", Nothing),
    ("list_activity", Anybody),
    ("list_clusters", Anybody),
    ("list_configurations", Anybody),
    ("list_embed_parents", InSubscription(Role::Reader)),
    ("list_operations", Anybody),
    ("list_people", HiddenFromOthers),
    ("list_places", Anybody),
    ("list_other_releases", READS),
    ("list_releases", READS),
    ("list_service_account_tokens", OWNS),
    ("list_sessions", Anybody),
    ("list_tokens", Anybody),
    ("make_webhook", WRITES),
    ("remove_webhook", WRITES),
    ("rename_place", OWNS),
    ("renew_retirement", WRITES),
    ("repair_release", WRITES),
    ("replace_configuration", WRITES),
    ("reset_password", HiddenFromOthers),
    ("resume_configuration", WRITES),
    ("retry_release", WRITES),
    ("roll_back_release", WRITES),
    ("set_locale", Nothing),
    ("set_outbound", InSubscription(Role::Owner)),
    ("set_password", Nothing),
    ("set_quota", Needs::SubscriptionOfGroup(Role::Owner)),
    ("set_theme", Nothing),
    ("sign_in", Nothing),
    ("sign_out", Anybody),
    ("suspend_configuration", WRITES),
    ("sync_configuration", WRITES),
    ("trust_host_key", OWNS),
    ("unassign_role", OWNS),
];

/// Operations of the REST API, by their ids.
pub const OPERATIONS: &[(&str, Needs)] = &[
    ("Clusters_Connect", Anybody),
    ("Clusters_Disconnect", OWNS),
    ("Clusters_Get", READS),
    ("Configurations_ConfirmPrune", WRITES),
    ("Configurations_DeleteWebhook", WRITES),
    ("Configurations_History", READS),
    ("Configurations_MakeWebhook", WRITES),
    ("Configurations_Plan", WRITES),
    ("Configurations_PruneLists", READS),
    ("Configurations_Resume", WRITES),
    ("Configurations_Suspend", WRITES),
    ("Configurations_Sync", WRITES),
    ("ConnectedClusterOperations_List", Anybody),
    ("ConnectedCluster_Get", READS),
    ("ConnectedCluster_ListByResourceGroup", READS),
    // Whoever sees something in the subscription gets that.
    ("ConnectedCluster_ListBySubscription", READS),
    ("EmbedCodes_Create", READS),
    ("Operations_List", Anybody),
    ("Providers_Get", READS),
    ("ResourceGroups_GetQuota", READS),
    ("ResourceGroups_SetQuota", Needs::SubscriptionOfGroup(Role::Owner)),
    ("SourceControlConfigurations_CreateOrUpdate", WRITES),
    ("SourceControlConfigurations_Delete", WRITES),
    ("SourceControlConfigurations_Get", READS),
    ("SourceControlConfigurations_List", READS),
    ("Subscriptions_GetOutbound", InSubscription(Role::Reader)),
    ("Subscriptions_SetOutbound", InSubscription(Role::Owner)),
];

/// Everything else: files and streams.
pub const OTHERS: &[(&str, Needs)] = &[
    ("/healthz", Nothing),
    ("/readyz", Nothing),
    ("/metrics", Administrator),
    ("/live", Anybody),
    ("/sign-in/{provider}/sign-out", Nothing),
    // Takes POST alone, with a credential of its own.
    ("/webhooks/{address}", Nothing),
    ("/openapi.json", Anybody),
    ("/activity.jsonl", Anybody),
    ("/embed.js", Nothing),
    ("/embed/enter", Nothing),
    ("/favicon.svg", Nothing),
    ("/robots.txt", Nothing),
];
