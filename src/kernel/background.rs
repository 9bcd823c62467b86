//! Work that goes on after an answer, bounded: what finds no place is not begun.

use std::{future::Future, sync::Arc};

use tokio::sync::Semaphore;

use super::home_runtime::HomeRuntime;

/// Places at once.
const PLACES: u32 = 64;

/// Starts work that nobody waits for. Clones share the places.
#[derive(Clone, Debug)]
pub struct Background {
    places: Arc<Semaphore>,
    home: HomeRuntime,
}

impl Background {
    /// All places free; work runs on the current runtime.
    pub fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(usize::try_from(PLACES).unwrap_or(1))),
            home: HomeRuntime::current(),
        }
    }

    /// Starts this work; false when there is no place for it.
    pub fn start(&self, work: impl Future<Output = ()> + Send + 'static) -> bool {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return false;
        };
        self.home.spawn(async move {
            work.await;
            drop(place);
        });
        true
    }

    /// Waits until nothing is under way.
    pub async fn idle(&self) {
        drop(self.places.acquire_many(PLACES).await);
    }
}

impl Default for Background {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_finds_no_place_is_not_begun_and_idle_waits_for_the_rest() {
        let background = Background::new();
        let mut waiting = Vec::new();
        for _ in 0..PLACES {
            let (let_go, hangs) = oneshot::channel::<()>();
            waiting.push(let_go);
            assert!(background.start(async move { drop(hangs.await) }));
        }
        assert!(!background.start(async { panic!("there is no place") }));
        drop(waiting);
        background.idle().await;
        assert!(background.start(async {}));
        background.idle().await;
    }
}
