//! One fetch for everybody who waits for the same.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};

/// What is being fetched, by key.
pub(crate) struct Together<Answer: Clone> {
    running: Mutex<HashMap<String, WeakShared<BoxFuture<'static, Answer>>>>,
}

impl<Answer: Clone> Default for Together<Answer> {
    fn default() -> Self {
        Self { running: Mutex::default() }
    }
}

impl<Answer: Clone + Send + Sync + 'static> Together<Answer> {
    /// Joins whoever fetches the same at this moment, or begins. It goes on as long as one of them waits.
    pub(crate) async fn fetch(
        &self,
        key: &str,
        begin: impl FnOnce() -> BoxFuture<'static, Answer>,
    ) -> Answer {
        let shared = self.join(key, begin);
        shared.await
    }

    fn join(
        &self,
        key: &str,
        begin: impl FnOnce() -> BoxFuture<'static, Answer>,
    ) -> Shared<BoxFuture<'static, Answer>> {
        let mut running = self.lock();
        let joined = running.get(key).and_then(WeakShared::upgrade).filter(|shared| shared.peek().is_none());
        if let Some(shared) = joined {
            return shared;
        }
        // Those that nobody waits for any more.
        running.retain(|_, shared| shared.upgrade().is_some());
        let shared = begin().shared();
        running.extend(shared.downgrade().map(|weak| (key.to_owned(), weak)));
        shared
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, WeakShared<BoxFuture<'static, Answer>>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn those_who_come_meanwhile_share_a_fetch_also_when_the_first_gives_up() {
        let (together, begun, gate) =
            (Arc::new(Together::default()), Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let fetch = |key: &'static str| {
            let (together, begun, gate) = (Arc::clone(&together), Arc::clone(&begun), Arc::clone(&gate));
            tokio::spawn(async move {
                let begin = || {
                    let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
                    async move {
                        gate.acquire().await.unwrap().forget();
                        number
                    }
                    .boxed()
                };
                together.fetch(key, begin).await
            })
        };
        let first = fetch("web");
        let others: Vec<_> = (0..5).map(|_| fetch("web")).collect();
        let elsewhere = fetch("shop");
        while begun.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        gate.add_permits(2);
        for other in others {
            assert_eq!(other.await.unwrap(), 1);
        }
        elsewhere.await.unwrap();
        gate.add_permits(1);
        assert_eq!(fetch("web").await.unwrap(), 3);
        assert!(together.lock().len() <= 2);
    }
}
