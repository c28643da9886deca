//! `CustomResourceDefinition`.

use super::view::View;
use super::{Judgement, degraded, healthy, progressing};

pub(super) fn definition(object: View<'_>) -> Judgement {
    if let Some(names) = object.condition("NamesAccepted").filter(|names| names.is_false()) {
        return degraded(names.words("its names are not accepted"));
    }
    match object.condition("Established") {
        Some(established) if established.is_true() => healthy(),
        Some(established) if established.reason != "Installing" && established.is_false() => {
            degraded(established.words("not established"))
        }
        _ => progressing("not established yet"),
    }
}
