//! Service.

use super::view::View;
use super::{Judgement, healthy, progressing};

/// kstatus does not wait for the address outside: clusters without a load balancer never give one.
pub(super) fn service(object: View<'_>) -> Judgement {
    let load_balancer = object.text("/spec/type") == Some("LoadBalancer");
    if load_balancer && object.text("/spec/clusterIP").is_none() {
        return progressing("no cluster address yet");
    }
    healthy()
}
