//! How many requests run at one cluster side by side: as many as it answers quickly, fewer when it says "too many" or
//! slows down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// Answers that take longer than this on average, and longer than [`SLOWER_BY`] times the usual, are a sign of load.
const SLOW: Duration = Duration::from_millis(500);

/// See [`SLOW`].
const SLOWER_BY: u32 = 4;

/// Between two cuts, so that the answers to one crowd of requests count once.
const CUT_INTERVAL: Duration = Duration::from_secs(1);

/// The longest wait that a `Retry-After` is followed for; whoever waits has a deadline of their own.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A share of 1/8 of the latest answer in the average, as in TCP's estimate of round trips.
const SMOOTHING: u32 = 8;

/// A limit that grows by one for each round of good answers and is halved by a bad one.
pub(crate) struct Pace {
    permits: Arc<Semaphore>,
    state: Mutex<State>,
}

struct State {
    limit: usize,
    /// Permits to be taken away as soon as they come back.
    owed: usize,
    good_answers: usize,
    usual: Option<Duration>,
    average: Duration,
    last_cut: Option<Instant>,
    paused_until: Option<Instant>,
}

/// How a request ended, as far as pace is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was answered.
    Answered,
    /// The server asked for fewer requests, or for a pause.
    TooMany(Option<Duration>),
    /// It told nothing about the server's load.
    Unknown,
}

/// The right to have one request under way.
pub(crate) struct Permit<'a> {
    pace: &'a Pace,
    held: Option<OwnedSemaphorePermit>,
    began: Instant,
}

impl Pace {
    /// Side by side at first.
    const START: usize = 8;
    /// Side by side at least: fewer, and one slow admission webhook would stop a whole cluster.
    const MIN: usize = 4;
    /// Side by side at most: an API server's fair queuing gives one user about as many seats.
    pub(crate) const MAX: usize = 32;

    pub(crate) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(Self::START)),
            state: Mutex::new(State {
                limit: Self::START,
                owed: 0,
                good_answers: 0,
                usual: None,
                average: Duration::ZERO,
                last_cut: None,
                paused_until: None,
            }),
        }
    }

    /// Waits for a turn, and for the end of a pause that the server asked for.
    pub(crate) async fn turn(&self) -> Permit<'_> {
        // The semaphore is never closed; without a permit the request would only run unbounded.
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        loop {
            let pause = self.state().paused_until.filter(|until| *until > Instant::now());
            match pause {
                Some(until) => sleep_until(until).await,
                None => return Permit { pace: self, held: permit, began: Instant::now() },
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grow(&self, state: &mut State) {
        state.good_answers = 0;
        if state.limit < Self::MAX {
            state.limit += 1;
            match state.owed.checked_sub(1) {
                Some(owed) => state.owed = owed,
                None => self.permits.add_permits(1),
            }
        }
    }

    fn cut(&self, state: &mut State, now: Instant) {
        state.good_answers = 0;
        if state.last_cut.is_some_and(|last| now < last + CUT_INTERVAL) {
            return;
        }
        state.last_cut = Some(now);
        let limit = (state.limit / 2).max(Self::MIN);
        let less = state.limit - limit;
        state.limit = limit;
        state.owed += less - self.permits.forget_permits(less);
    }
}

impl Permit<'_> {
    /// Ends the request and learns from it.
    pub(crate) fn end(mut self, outcome: Outcome) {
        let now = Instant::now();
        let mut state = self.pace.state();
        match outcome {
            Outcome::Answered if state.is_slow_after(now - self.began) => self.pace.cut(&mut state, now),
            Outcome::Answered => {
                state.good_answers += 1;
                if state.good_answers >= state.limit {
                    self.pace.grow(&mut state);
                }
            }
            Outcome::TooMany(pause) => {
                self.pace.cut(&mut state, now);
                state.paused_until = pause.map(|pause| now + pause.min(PAUSE_MAX)).max(state.paused_until);
            }
            Outcome::Unknown => {}
        }
        drop(state);
        self.give_back();
    }

    fn give_back(&mut self) {
        let Some(permit) = self.held.take() else { return };
        let mut state = self.pace.state();
        if let Some(owed) = state.owed.checked_sub(1) {
            state.owed = owed;
            permit.forget();
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl State {
    fn is_slow_after(&mut self, latency: Duration) -> bool {
        self.average = if self.average.is_zero() {
            latency
        } else {
            (self.average * (SMOOTHING - 1) + latency) / SMOOTHING
        };
        let usual = self.usual.map_or(self.average, |usual| usual.min(self.average));
        self.usual = Some(usual);
        self.average > SLOW && self.average > usual * SLOWER_BY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(pace: &Pace, outcome: Outcome) {
        pace.turn().await.end(outcome);
    }

    #[tokio::test(start_paused = true)]
    async fn good_answers_widen_the_limit_up_to_its_end() {
        let pace = Pace::new();
        for _ in 0..2_000 {
            answer(&pace, Outcome::Answered).await;
        }
        assert_eq!(pace.state().limit, Pace::MAX);
        assert_eq!(pace.permits.available_permits(), Pace::MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_requests_halve_the_limit_once_for_one_crowd() {
        let pace = Pace::new();
        let mut crowd = Vec::new();
        for _ in 0..Pace::START {
            crowd.push(pace.turn().await);
        }
        for permit in crowd {
            permit.end(Outcome::TooMany(None));
        }
        assert_eq!(pace.state().limit, Pace::START / 2);
        assert_eq!(pace.permits.available_permits(), Pace::START / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_never_falls_below_its_least() {
        let pace = Pace::new();
        for _ in 0..20 {
            answer(&pace, Outcome::TooMany(None)).await;
            tokio::time::advance(CUT_INTERVAL * 2).await;
        }
        assert_eq!(pace.permits.available_permits(), Pace::MIN);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_the_server_asks_for_is_kept() {
        let pace = Pace::new();
        let began = Instant::now();
        answer(&pace, Outcome::TooMany(Some(Duration::from_secs(7)))).await;
        drop(pace.turn().await);
        assert_eq!(began.elapsed().as_secs(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_slows_down_gets_fewer_requests() {
        let pace = Pace::new();
        answer(&pace, Outcome::Answered).await;
        for _ in 0..10 {
            let permit = pace.turn().await;
            tokio::time::advance(Duration::from_secs(5)).await;
            permit.end(Outcome::Answered);
        }
        assert_eq!(pace.state().limit, Pace::MIN);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_given_up_gives_its_turn_back() {
        let pace = Pace::new();
        for _ in 0..100 {
            drop(pace.turn().await);
        }
        assert_eq!(pace.permits.available_permits(), Pace::START);
    }
}
