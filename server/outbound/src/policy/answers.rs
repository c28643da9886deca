//! A resolver for tests.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Policy, Rules};

/// What a resolver says that changes its mind: for each question the next one, and in the end nothing.
#[derive(Clone, Debug)]
pub(super) struct Answers(Arc<Mutex<VecDeque<SocketAddr>>>);

impl Answers {
    pub(super) fn next(&self) -> Option<SocketAddr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl Policy {
    /// Looks nothing up: every name has these addresses in turn.
    #[must_use]
    pub fn answering(&self, answers: &[SocketAddr]) -> Self {
        let answers = answers.iter().copied().collect();
        let mut rules = Rules::clone(&self.rules);
        rules.answers = Some(Answers(Arc::new(Mutex::new(answers))));
        Self { rules: Arc::new(rules) }
    }
}
