//! One question to a host for everybody who waits with the same one.
//!
//! A hundred configurations of one repository that are woken by one push would start git a hundred times. Whoever
//! comes while git runs may take its answer only when the question was asked after what woke them: each says how old
//! an answer may be. The others wait together for the next one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

/// How long an answer is kept. Whoever takes older ones asks anew.
const KEPT: Duration = Duration::from_secs(5);

/// The lines of those who wait, by question.
#[derive(Debug)]
pub(crate) struct Together<Answer> {
    lines: Mutex<Lines<Answer>>,
}

#[derive(Debug)]
struct Lines<Answer> {
    by_question: HashMap<String, Arc<Line<Answer>>>,
    tidied: Instant,
}

#[derive(Debug)]
struct Line<Answer> {
    /// Held while git runs.
    turn: tokio::sync::Mutex<()>,
    /// Those whose question was not asked yet.
    next: Mutex<Option<Arc<OnceCell<Answer>>>>,
    /// The last answer, and when it was asked for.
    last: Mutex<Option<(Instant, Answer)>>,
}

impl<Answer> Default for Together<Answer> {
    fn default() -> Self {
        Self { lines: Mutex::new(Lines { by_question: HashMap::new(), tidied: Instant::now() }) }
    }
}

impl<Answer: Clone> Together<Answer> {
    /// The answer to a question that was asked at most `age` before this call began, by whoever had the same one.
    pub(crate) async fn ask(
        &self,
        question: &str,
        age: Duration,
        ask: impl Future<Output = Answer>,
    ) -> Answer {
        let came = Instant::now();
        let line = self.line(question);
        let young = || {
            let last = lock(&line.last);
            last.as_ref().filter(|(asked, _)| *asked + age >= came).map(|(_, answer)| answer.clone())
        };
        if let Some(answer) = young() {
            return answer;
        }
        let ours = Arc::clone(lock(&line.next).get_or_insert_default());
        let _turn = line.turn.lock().await;
        // The one that ran meanwhile may have been asked late enough.
        if let (None, Some(answer)) = (ours.get(), young()) {
            return answer;
        }
        ours.get_or_init(|| async {
            // From here on nobody joins us. One who took over from a caller that gave up leaves the others alone.
            lock(&line.next).take_if(|next| Arc::ptr_eq(next, &ours));
            let asked = Instant::now();
            let answer = ask.await;
            *lock(&line.last) = Some((asked, answer.clone()));
            answer
        })
        .await
        .clone()
    }

    /// The line of a question. Now and then those are forgotten in which nobody stands and whose answer is old.
    fn line(&self, question: &str) -> Arc<Line<Answer>> {
        let mut lines = lock(&self.lines);
        if lines.tidied.elapsed() >= KEPT {
            lines.tidied = Instant::now();
            lines.by_question.retain(|_, line| Arc::strong_count(line) > 1 || line.is_young());
        }
        Arc::clone(lines.by_question.entry(question.to_owned()).or_default())
    }
}

impl<Answer> Line<Answer> {
    fn is_young(&self) -> bool {
        lock(&self.last).as_ref().is_some_and(|(asked, _)| asked.elapsed() < KEPT)
    }
}

impl<Answer> Default for Line<Answer> {
    fn default() -> Self {
        Self { turn: tokio::sync::Mutex::default(), next: Mutex::default(), last: Mutex::default() }
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
            tokio::spawn(async move { together.ask("main", Duration::ZERO, host.answer()).await })
        };
        let first = ask();
        asked(&host, 1).await;
        let later: Vec<_> = (0..5).map(|_| ask()).collect();
        while lock(&together.lines).by_question["main"]
            .next
            .lock()
            .unwrap()
            .as_ref()
            .map_or(0, Arc::strong_count)
            < 6
        {
            tokio::task::yield_now().await;
        }
        host.let_go.add_permits(2);
        assert_eq!(first.await.unwrap(), 1);
        for one in later {
            assert_eq!(one.await.unwrap(), 2);
        }
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_question_to_those_who_wait_with_them() {
        let (together, host) = (Arc::new(Together::default()), Host::new());
        let ask = || {
            let (together, host) = (Arc::clone(&together), Arc::clone(&host));
            tokio::spawn(async move { together.ask("main", Duration::ZERO, host.answer()).await })
        };
        let first = ask();
        asked(&host, 1).await;
        let second = ask();
        first.abort();
        asked(&host, 2).await;
        host.let_go.add_permits(1);
        assert_eq!(second.await.unwrap(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_serves_those_who_take_one_of_its_age() {
        let (together, host) = (Together::default(), Host::new());
        host.let_go.add_permits(2);
        assert_eq!(together.ask("main", Duration::ZERO, host.answer()).await, 1);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(together.ask("main", Duration::from_secs(3), host.answer()).await, 1);
        assert_eq!(together.ask("main", Duration::from_secs(1), host.answer()).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_asks_for_any_more_is_forgotten() {
        let (together, host) = (Together::default(), Host::new());
        host.let_go.add_permits(1);
        together.ask("main", Duration::ZERO, host.answer()).await;
        tokio::time::advance(KEPT).await;
        together.ask("next", Duration::ZERO, async { 7 }).await;
        assert_eq!(lock(&together.lines).by_question.keys().collect::<Vec<_>>(), ["next"]);
    }

    #[tokio::test]
    async fn other_questions_do_not_wait() {
        let (together, host) = (Together::default(), Host::new());
        let held = together.ask("main", Duration::ZERO, host.answer());
        let other = together.ask("next", Duration::ZERO, async { 7 });
        tokio::select! {
            _ = held => panic!("nobody let it go"),
            answer = other => assert_eq!(answer, 7),
        }
    }
}
