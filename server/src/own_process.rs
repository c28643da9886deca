//! What other processes of the same user must not learn from this one: its memory and its environment, where keys are.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Closes memory and environment to debuggers and to other processes of the same user, and leaves no core files, neither of
/// this process nor of the programs it runs. A system that refuses this is told of and holds nothing up.
pub(crate) fn close_to_others() {
    let closed = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let no_core = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    for (what, outcome) in [("memory and environment", closed), ("core files", no_core)] {
        if let Err(error) = outcome {
            tracing::warn!("{what} of this process are not closed to others of the same user: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{dumpable_behavior, getrlimit};

    use super::*;

    #[test]
    fn memory_is_closed_to_others_and_no_core_file_is_left() {
        close_to_others();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        let Rlimit { current, maximum } = getrlimit(Resource::Core);
        assert_eq!((current, maximum), (Some(0), Some(0)));
    }
}
