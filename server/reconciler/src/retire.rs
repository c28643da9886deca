//! Removes operators that nobody wants any more: Lease, binding, service account, and the namespace where that
//! is ours, empty and used by nobody else. Applied workloads stay. A wish that nobody could carry out for a day waits for a
//! person.

use std::time::Duration;

use domain::configuration::OperatorScope;
use domain::name::{OperatorInstanceName, OperatorNamespace};
use domain::reason::RetirementState;
use engine::port::cluster::{Fence, NamespaceFate, Operator};
use storage::{OperatorOfCluster, Retirement, StorageError};
use tokio_util::sync::CancellationToken;

use crate::backoff::delay_milliseconds;
use crate::run::Ports;

/// How often it is looked for work; a deletion is done within a minute.
const INTERVAL: Duration = Duration::from_secs(2);
/// Retirements begun at once.
const AT_ONCE: u32 = 16;
/// Longest pause between two attempts: a cluster that comes back is tidied within a minute.
const PAUSE_MAX_MILLISECONDS: i64 = 60_000;
/// An intent older than this deletes nothing until a person renews it: whoever wished it may have changed their mind.
const INTENT_MILLISECONDS: i64 = 24 * 60 * 60 * 1000;

/// Works until `stop`.
pub(crate) async fn run(ports: Ports, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match ports.storage.due_retirements(AT_ONCE).await {
            Ok(due) => {
                for retirement in due {
                    if let Err(error) = retire(&ports, &retirement).await {
                        tracing::error!("the retirement of an operator is not recorded: {error}");
                    }
                }
            }
            Err(error) => tracing::error!("retirements cannot be read, trying again: {error}"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

async fn retire(ports: &Ports, retirement: &Retirement) -> Result<(), StorageError> {
    let now = ports.clock.now();
    let too_old = now.milliseconds_since(retirement.requested_at) >= INTENT_MILLISECONDS;
    if too_old && !retirement.operator_in_use {
        tracing::warn!(
            configuration.id = %retirement.configuration,
            "the operator {}/{} of configuration {} waits for a person: the wish to remove it is more than a day old",
            retirement.operator_namespace,
            retirement.operator_instance_name,
            retirement.configuration_name
        );
        return ports.storage.expire_retirement(retirement.id).await;
    }
    match attempt(ports, retirement).await {
        Ok(state) => {
            tracing::info!(
                configuration.id = %retirement.configuration,
                "the operator {}/{} of configuration {} is removed: {state:?}",
                retirement.operator_namespace,
                retirement.operator_instance_name,
                retirement.configuration_name
            );
            ports.storage.finish_retirement(retirement.id, &state).await
        }
        Err(error) => {
            tracing::warn!(
                configuration.id = %retirement.configuration,
                "the operator {}/{} cannot be removed yet: {error}",
                retirement.operator_namespace,
                retirement.operator_instance_name
            );
            let pause =
                delay_milliseconds(retirement.failures.saturating_add(1), 1.0).min(PAUSE_MAX_MILLISECONDS);
            ports.storage.fail_retirement(retirement.id, &error, now.plus_milliseconds(pause)).await
        }
    }
}

/// What is gone and what stays.
async fn attempt(ports: &Ports, retirement: &Retirement) -> Result<RetirementState, String> {
    if retirement.operator_in_use {
        return Ok(RetirementState::InUse);
    }
    let operator = operator(retirement)?;
    let cluster = ports.clusters.open(retirement.cluster).await.map_err(|error| error.to_string())?;
    let uid = cluster.identify(true).await.map_err(|error| error.to_string())?;
    if uid != retirement.cluster_uid {
        return Err("another cluster answers behind the same address".to_owned());
    }
    let terms = ports.storage.operator_terms(OperatorOfCluster {
        cluster: &retirement.cluster_uid,
        namespace: &operator.namespace,
        instance: &operator.instance,
    });
    let terms = terms.await.map_err(|error| error.to_string())?;
    // Another installation, or another copy of this database, may work with it by now.
    let fence = Fence { installation: ports.installation, terms };
    cluster.fence(&operator, &fence, true).await.map_err(|error| error.to_string())?;
    let namespace_may_go =
        !retirement.namespace_in_use && retirement.operator_scope == OperatorScope::Cluster;
    let fate = cluster.retire(&operator, namespace_may_go).await.map_err(|error| error.to_string())?;
    Ok(match fate {
        NamespaceFate::Deleted => RetirementState::Gone,
        NamespaceFate::KeptForeign => RetirementState::NamespaceKept,
        NamespaceFate::KeptInUse => RetirementState::NamespaceInUse,
    })
}

fn operator(retirement: &Retirement) -> Result<Operator, String> {
    let unreadable = |rule| format!("the stored name of the operator breaks a rule: {rule:?}");
    Ok(Operator {
        namespace: OperatorNamespace::parse(&retirement.operator_namespace).map_err(unreadable)?,
        instance: OperatorInstanceName::parse(&retirement.operator_instance_name).map_err(unreadable)?,
        scope: retirement.operator_scope,
        cluster: retirement.cluster_uid.clone(),
    })
}
