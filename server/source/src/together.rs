//! One question to a host for everybody who waits with the same one.
//!
//! A hundred configurations of one repository that are woken by one push would start git a hundred times. Whoever
//! comes while git runs may not take its answer, which can be older than what woke them: they wait together for the
//! next one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

/// The lines of those who wait, by question.
#[derive(Debug)]
pub(crate) struct Together<Answer> {
    lines: Mutex<HashMap<String, Arc<Line<Answer>>>>,
}

#[derive(Debug)]
struct Line<Answer> {
    /// Held while git runs.
    turn: tokio::sync::Mutex<()>,
    /// Those whose question was not asked yet.
    next: Mutex<Option<Arc<OnceCell<Answer>>>>,
}

impl<Answer> Default for Together<Answer> {
    fn default() -> Self {
        Self { lines: Mutex::default() }
    }
}

impl<Answer: Clone> Together<Answer> {
    /// The answer to a question that was asked after this call began, by whoever waits with the same one.
    pub(crate) async fn ask(&self, question: &str, ask: impl Future<Output = Answer>) -> Answer {
        let line = Arc::clone(lock(&self.lines).entry(question.to_owned()).or_default());
        let ours = Arc::clone(lock(&line.next).get_or_insert_default());
        let turn = line.turn.lock().await;
        let answer = ours
            .get_or_init(|| async {
                // From here on nobody joins us. One who took over from a caller that gave up leaves the others alone.
                lock(&line.next).take_if(|next| Arc::ptr_eq(next, &ours));
                ask.await
            })
            .await
            .clone();
        drop(turn);
        self.tidy(question, line);
        answer
    }

    /// Forgets a line in which nobody stands any more.
    fn tidy(&self, question: &str, line: Arc<Line<Answer>>) {
        let mut lines = lock(&self.lines);
        drop(line);
        if lines.get(question).is_some_and(|line| Arc::strong_count(line) == 1) {
            lines.remove(question);
        }
    }
}

impl<Answer> Default for Line<Answer> {
    fn default() -> Self {
        Self { turn: tokio::sync::Mutex::default(), next: Mutex::default() }
    }
}

fn lock<Value>(mutex: &Mutex<Value>) -> MutexGuard<'_, Value> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    /// Answers how often it was asked, each time when it is let.
    struct Host {
        asked: AtomicUsize,
        let_go: Semaphore,
    }

    impl Host {
        fn new() -> Arc<Self> {
            Arc::new(Self { asked: AtomicUsize::new(0), let_go: Semaphore::new(0) })
        }

        async fn answer(&self) -> usize {
            let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            self.let_go.acquire().await.unwrap().forget();
            number
        }
    }

    async fn asked(host: &Host, times: usize) {
        while host.asked.load(Ordering::SeqCst) < times {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn those_who_come_while_git_runs_share_the_next_answer_and_not_the_present_one() {
        let (together, host) = (Arc::new(Together::default()), Host::new());
        let ask = || {
            let (together, host) = (Arc::clone(&together), Arc::clone(&host));
            tokio::spawn(async move { together.ask("main", host.answer()).await })
        };
        let first = ask();
        asked(&host, 1).await;
        let later: Vec<_> = (0..5).map(|_| ask()).collect();
        while lock(&together.lines)["main"].next.lock().unwrap().as_ref().map_or(0, Arc::strong_count) < 6 {
            tokio::task::yield_now().await;
        }
        host.let_go.add_permits(2);
        assert_eq!(first.await.unwrap(), 1);
        for one in later {
            assert_eq!(one.await.unwrap(), 2);
        }
        assert!(lock(&together.lines).is_empty(), "nothing is kept");
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_question_to_those_who_wait_with_them() {
        let (together, host) = (Arc::new(Together::default()), Host::new());
        let ask = || {
            let (together, host) = (Arc::clone(&together), Arc::clone(&host));
            tokio::spawn(async move { together.ask("main", host.answer()).await })
        };
        let first = ask();
        asked(&host, 1).await;
        let second = ask();
        first.abort();
        asked(&host, 2).await;
        host.let_go.add_permits(1);
        assert_eq!(second.await.unwrap(), 2);
    }

    #[tokio::test]
    async fn other_questions_do_not_wait() {
        let (together, host) = (Together::default(), Host::new());
        let held = together.ask("main", host.answer());
        let other = together.ask("next", async { 7 });
        tokio::select! {
            _ = held => panic!("nobody let it go"),
            answer = other => assert_eq!(answer, 7),
        }
    }
}
