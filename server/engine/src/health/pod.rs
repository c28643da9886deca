//! Pod.

use super::view::View;
use super::{Judgement, degraded, healthy, progressing};

pub(super) fn pod(object: View<'_>) -> Judgement {
    match object.text("/status/phase") {
        Some("Succeeded") => healthy(),
        Some("Failed") => degraded(object.text("/status/message").unwrap_or("the pod failed")),
        Some("Running") if object.condition("Ready").is_some_and(super::view::Condition::is_true) => {
            healthy()
        }
        Some("Running" | "Pending") => waiting(object),
        Some("Unknown") => progressing("its node does not answer"),
        _ => progressing("not seen by the scheduler yet"),
    }
}

fn waiting(object: View<'_>) -> Judgement {
    let lists = ["/status/initContainerStatuses", "/status/containerStatuses"];
    for container in lists.into_iter().flat_map(|list| object.list(list)) {
        let Some(reason) = container.text("/state/waiting/reason").filter(|reason| is_stuck(reason)) else {
            continue;
        };
        let name = container.text("/name").unwrap_or("a container");
        return degraded(match container.text("/state/waiting/message") {
            Some(message) => format!("{name}: {reason}: {message}"),
            None => format!("{name}: {reason}"),
        });
    }
    if let Some(unscheduled) = object.condition("PodScheduled").filter(|scheduled| scheduled.is_false()) {
        return progressing(unscheduled.words("not scheduled yet"));
    }
    let not_ready = object.condition("Ready").map(|ready| ready.words("not ready yet"));
    progressing(not_ready.unwrap_or_else(|| "not ready yet".to_owned()))
}

/// kstatus names the crash loop alone; an image that cannot be pulled does not get better by waiting either.
fn is_stuck(reason: &str) -> bool {
    matches!(
        reason,
        "CrashLoopBackOff"
            | "ImagePullBackOff"
            | "InvalidImageName"
            | "CreateContainerConfigError"
            | "CreateContainerError"
    )
}
