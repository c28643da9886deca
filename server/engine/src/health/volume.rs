//! `PersistentVolumeClaim`.

use super::view::View;
use super::{Judgement, degraded, healthy, progressing};

pub(super) fn claim(object: View<'_>) -> Judgement {
    match object.text("/status/phase") {
        Some("Bound") => healthy(),
        Some("Lost") => degraded("its volume is gone"),
        _ => progressing("not bound to a volume yet"),
    }
}
