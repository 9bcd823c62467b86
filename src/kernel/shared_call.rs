//! Shared calls (request coalescing): of many who ask the same at once, few calls are made. An answer is shared only with those who had asked
//! before its call was sent, so nobody gets an answer older than their question: who comes while a call is under way waits for the next.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::{
    sync::{Notify, OnceCell},
    time::{Instant, timeout},
};

use super::pace::Pace;

/// The answer of one call, for everybody who waits for it.
type Answer<T> = Arc<OnceCell<T>>;

/// The shared calls about one thing.
#[derive(Debug)]
pub struct SharedCall<T> {
    pace: Mutex<Pace>,
    /// One of those under way has ended.
    ended: Notify,
    /// Of the call that has not been sent yet.
    next: Mutex<Answer<T>>,
}

/// One call under way.
struct Turn<'a, T>(&'a SharedCall<T>);

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.0.pace().end();
        self.0.ended.notify_waiters();
    }
}

impl<T> SharedCall<T> {
    /// At most so many calls at once, and more than one only where they take long ([`Pace`]).
    pub fn at_most(calls: usize) -> Self {
        Self {
            pace: Mutex::new(Pace::new(calls)),
            ended: Notify::new(),
            next: Mutex::default(),
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn turn(&self) -> Turn<'_, T> {
        loop {
            // Before it is asked: who ends meanwhile is heard.
            let ended = self.ended.notified();
            let begun = self.pace().begin(Instant::now());
            match begun {
                Ok(()) => return Turn(self),
                Err(Some(wait)) => drop(timeout(wait, ended).await),
                Err(None) => ended.await,
            }
        }
    }

    fn join(&self) -> Answer<T> {
        Arc::clone(&self.next.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets nobody join this answer any more: its call is about to be sent.
    fn close(&self, answer: &Answer<T>) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&next, answer) {
            *next = Answer::default();
        }
    }
}

impl<T: Clone> SharedCall<T> {
    /// What `call` answers, made here or, for all of them, by one of those who wait as well; and whether it was made here. Whoever makes it and
    /// gives up is followed by the next who waits.
    pub async fn ask<F: Future<Output = T>>(&self, call: impl FnOnce() -> F) -> (T, bool) {
        let answer = self.join();
        let mut made = false;
        let told = answer.get_or_init(|| async {
            let _turn = self.turn().await;
            // Whoever is ready to ask does so before it is sent.
            tokio::task::yield_now().await;
            self.close(&answer);
            made = true;
            call().await
        });
        let told = told.await.clone();
        (told, made)
    }
}

/// Shared calls of this process, by what they are about: of each one at a time. Clones share the same.
pub struct SharedCalls<T> {
    lines: Arc<Mutex<HashMap<String, Weak<SharedCall<T>>>>>,
}

impl<T> Clone for SharedCalls<T> {
    fn clone(&self) -> Self {
        Self {
            lines: Arc::clone(&self.lines),
        }
    }
}

impl<T> Default for SharedCalls<T> {
    fn default() -> Self {
        Self { lines: Arc::default() }
    }
}

impl<T: Clone> SharedCalls<T> {
    /// [`SharedCall::ask`] about this.
    pub async fn ask<F: Future<Output = T>>(&self, about: &str, call: impl FnOnce() -> F) -> (T, bool) {
        self.line(about).ask(call).await
    }

    fn line(&self, about: &str) -> Arc<SharedCall<T>> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(about).and_then(Weak::upgrade) {
            return line;
        }
        lines.retain(|_, line| line.strong_count() > 0);
        let line = Arc::new(SharedCall::at_most(1));
        lines.insert(about.to_owned(), Arc::downgrade(&line));
        line
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use futures_util::{FutureExt, future::join_all};
    use tokio::sync::{Notify, Semaphore};

    use super::{SharedCall, SharedCalls};

    /// Lets it run until it waits for somebody else: it gives way once before its call is sent.
    fn begin<F: Future + Unpin>(question: &mut F) {
        for _ in 0..2 {
            assert!((&mut *question).now_or_never().is_none());
        }
    }

    #[tokio::test]
    async fn who_comes_while_a_call_is_under_way_gets_the_answer_of_the_next() {
        let (calls, count) = (SharedCalls::default(), AtomicUsize::new(0));
        let gate = Semaphore::new(0);
        let ask = || {
            calls.ask("x", || async {
                let number = count.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                number
            })
        };
        let mut first = Box::pin(ask());
        begin(&mut first);
        let mut others = Box::pin(join_all((0..50).map(|_| ask())));
        begin(&mut others);
        assert_eq!(count.load(Ordering::SeqCst), 1, "one call at a time");
        gate.add_permits(2);
        assert_eq!(first.await, (0, true));
        let others = others.await;
        assert!(
            others.iter().all(|(number, _)| *number == 1),
            "an answer from before their question"
        );
        assert_eq!(others.iter().filter(|(_, made)| *made).count(), 1);
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn other_things_do_not_wait_and_who_gives_up_is_followed_by_the_next() {
        let calls = SharedCalls::<usize>::default();
        let begun = Arc::new(Notify::new());
        let hanging = tokio::spawn({
            let (calls, begun) = (calls.clone(), Arc::clone(&begun));
            async move {
                calls
                    .ask("x", || async {
                        begun.notify_one();
                        pending().await
                    })
                    .await
            }
        });
        begun.notified().await;
        assert_eq!(calls.ask("y", || async { 7 }).await, (7, true));
        let mut waiting = Box::pin(calls.ask("x", || async { 8 }));
        assert!(waiting.as_mut().now_or_never().is_none());
        hanging.abort();
        assert_eq!(waiting.await, (8, true));
        calls.ask("z", || async { 9 }).await;
        let lines = calls.lines.lock().unwrap();
        assert_eq!(lines.len(), 1, "a line for each thing ever asked about");
    }

    #[tokio::test]
    async fn where_two_may_be_under_way_the_second_goes_once_the_first_takes_long_and_the_third_waits() {
        let (call, count, gate) = (SharedCall::at_most(2), AtomicUsize::new(0), Semaphore::new(0));
        let ask = || {
            call.ask(|| async {
                let number = count.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                number
            })
        };
        let mut first = Box::pin(ask());
        begin(&mut first);
        let mut second: Vec<_> = (0..2).map(|_| Box::pin(ask())).collect();
        second.iter_mut().for_each(begin);
        assert_eq!(count.load(Ordering::SeqCst), 1, "the first may be back in no time");
        // It hangs: the next one goes by itself.
        let mut both = Box::pin(join_all(second));
        while count.load(Ordering::SeqCst) < 2 {
            assert!((&mut both).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        let mut third = Box::pin(ask());
        begin(&mut third);
        assert_eq!(count.load(Ordering::SeqCst), 2);
        gate.add_permits(3);
        let (second, third) = (both.await, third.await);
        assert_eq!((first.await.0, second[0].0, second[1].0, third.0), (0, 1, 1, 2));
    }
}
