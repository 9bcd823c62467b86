//! Password hashing: argon2id (RFC 9106) on a bounded pool: so many hashes at once, so many waiting, all others refused at once (`CR-103`).
//! A burst of sign-ins then costs a fixed number of threads and a fixed amount of memory, and does not slow down the rest of the server.
//!
//! Trusted browsers wait in a queue of their own, and before them stand no more strangers than hashes run at once: whoever fills the
//! strangers' queue neither shuts them out nor makes them wait.
//!
//! The memory of a hash (19 MiB) is kept and used again: asking the system for fresh pages costs a good part of the hash itself. It is not
//! wiped in between, because it tells no more than the hash in the database. Once nobody has signed in so for a minute it is given back.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{digest::equal, failure::CryptoFailure};
use crate::kernel::{
    entropy::Entropy,
    failure::{Failure, Result},
    secret::Secret,
};

/// Memory of one hash, KiB (the second choice of OWASP and RFC 9106: 19 MiB, two passes, one lane).
const MEMORY_KIB: u32 = 19_456;
/// Passes.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Bytes of salt (RFC 9106 §3.1).
const SALT: usize = 16;
/// Most memory a stored hash may ask for, KiB: what is in the database is ours, but a mistake there must not cost gigabytes.
const MOST_MEMORY_KIB: u32 = 256 * 1024;

/// How long memory is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(60);

/// Who waits for a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// A browser that signed this user in before.
    Trusted,
    /// Anybody else.
    Strangers,
}

/// Hashes and verifies passwords. Cheap to clone; clones share the pool.
#[derive(Clone)]
pub struct PasswordHasher {
    pool: Arc<Pool>,
}

struct Pool {
    permits: Arc<Semaphore>,
    /// Which a stranger needs besides: as many as there are permits, so no more strangers hold or await a permit.
    tickets: Arc<Semaphore>,
    trusted_waiting: AtomicUsize,
    strangers_waiting: AtomicUsize,
    /// In each queue.
    most_waiting: usize,
    memory: Mutex<Vec<Vec<Block>>>,
    /// Somebody sees to it that memory is given back.
    watched: AtomicBool,
    hashes_computed: AtomicUsize,
    entropy: Entropy,
}

/// A stranger's ticket, and the permit to run a hash.
type Turn = (Option<OwnedSemaphorePermit>, OwnedSemaphorePermit);

/// A place in a queue; dropping it, also when the caller gives up, makes room.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl PasswordHasher {
    /// A pool that runs `parallel` hashes at once and lets `most_waiting` wait for their turn in each [`Queue`].
    pub fn new(parallel: usize, most_waiting: usize, entropy: Entropy) -> Self {
        Self {
            pool: Arc::new(Pool {
                permits: Arc::new(Semaphore::new(parallel)),
                tickets: Arc::new(Semaphore::new(parallel)),
                trusted_waiting: AtomicUsize::new(0),
                strangers_waiting: AtomicUsize::new(0),
                most_waiting,
                memory: Mutex::default(),
                watched: AtomicBool::new(false),
                hashes_computed: AtomicUsize::new(0),
                entropy,
            }),
        }
    }

    /// Hashes a password into a PHC string with a new salt.
    ///
    /// # Errors
    /// `CR-103` when too many wait already.
    pub async fn hash(&self, password: Secret<String>) -> Result<String> {
        let salt: [u8; SALT] = self.pool.entropy.bytes();
        self.run(Queue::Strangers, move |memory| {
            let params = params()?;
            let out = compute(password.expose(), &salt, &params, memory)?;
            let phc = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&params).map_err(broken)?,
                salt: Some(Salt::new(&salt).map_err(broken)?),
                hash: Some(Output::new(&out).map_err(broken)?),
            };
            Ok(phc.to_string())
        })
        .await
    }

    /// Verifies a password against a PHC string. Without a string (no such user, or a user without password) the result is false after the
    /// same work, so that the delay tells nothing.
    ///
    /// # Errors
    /// `CR-103` when too many wait already; `CR-104` when the stored string cannot be read.
    pub async fn verify(&self, queue: Queue, password: Secret<String>, phc: Option<String>) -> Result<bool> {
        self.run(queue, move |memory| match &phc {
            Some(phc) => matches(password.expose(), phc, memory),
            None => compute(password.expose(), &[0; SALT], &params()?, memory).map(|_| false),
        })
        .await
    }

    /// Number of hashes computed since the start.
    pub fn hashes_computed(&self) -> usize {
        self.pool.hashes_computed.load(Ordering::SeqCst)
    }

    /// Runs one hash on the pool. Semaphore permit and memory move into the thread with the work: a caller that gives up does not let
    /// another begin too early.
    async fn run<T: Send + 'static>(
        &self,
        queue: Queue,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = self.pool.turn(queue).await?;
        let pool = Arc::clone(&self.pool);
        let outcome = tokio::task::spawn_blocking(move || {
            let mut memory = pool.take();
            let outcome = work(&mut memory);
            pool.give_back(memory);
            pool.hashes_computed.fetch_add(1, Ordering::SeqCst);
            drop(turn);
            outcome
        });
        let outcome = outcome.await.map_err(broken)?;
        self.pool.watch();
        outcome
    }
}

impl Pool {
    /// Has memory given back once it is no longer used.
    fn watch(self: &Arc<Self>) {
        if self.watched.swap(true, Ordering::SeqCst) {
            return;
        }
        let pool = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(seen) = pool.upgrade().map(|pool| pool.hashes_computed.load(Ordering::SeqCst)) {
                tokio::time::sleep(KEPT).await;
                if pool.upgrade().is_none_or(|pool| pool.forget_unless_used(seen)) {
                    return;
                }
            }
        });
    }

    /// Gives the memory back if no hash was computed since there were so many; true if so.
    fn forget_unless_used(&self, since: usize) -> bool {
        let unused = self.hashes_computed.load(Ordering::SeqCst) == since;
        if unused {
            self.memory.lock().unwrap_or_else(PoisonError::into_inner).clear();
            self.watched.store(false, Ordering::SeqCst);
        }
        unused
    }

    /// Waits for a turn.
    async fn turn(&self, queue: Queue) -> Result<Turn> {
        let waiting = match queue {
            Queue::Trusted => &self.trusted_waiting,
            Queue::Strangers => &self.strangers_waiting,
        };
        let ahead = waiting.fetch_add(1, Ordering::SeqCst);
        let _waiting = Waiting(waiting);
        if let Some(turn) = self.turn_at_once(queue) {
            return Ok(turn);
        }
        if ahead >= self.most_waiting {
            return Err(CryptoFailure::HashingBusy.failure());
        }
        let ticket = match queue {
            Queue::Trusted => None,
            Queue::Strangers => Some(Arc::clone(&self.tickets).acquire_owned().await.map_err(broken)?),
        };
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(broken)?;
        Ok((ticket, permit))
    }

    fn turn_at_once(&self, queue: Queue) -> Option<Turn> {
        let ticket = match queue {
            Queue::Trusted => None,
            Queue::Strangers => Some(Arc::clone(&self.tickets).try_acquire_owned().ok()?),
        };
        Some((ticket, Arc::clone(&self.permits).try_acquire_owned().ok()?))
    }

    fn take(&self) -> Vec<Block> {
        let kept = self.memory.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_default()
    }

    /// Returns memory to the pool; there are never more buffers than hashes ran at once.
    fn give_back(&self, memory: Vec<Block>) {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

fn params() -> Result<Params> {
    Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(broken)
}

fn compute(password: &str, salt: &[u8], params: &Params, memory: &mut Vec<Block>) -> Result<[u8; 32]> {
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    hasher
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut out, memory.as_mut_slice())
        .map_err(broken)?;
    Ok(out)
}

/// Verifies with the costs in the PHC string, so that they can be raised later without locking anybody out.
fn matches(password: &str, phc: &str, memory: &mut Vec<Block>) -> Result<bool> {
    let stored = PasswordHash::new(phc).map_err(broken)?;
    let params = Params::try_from(&stored).map_err(broken)?;
    let ours = stored.algorithm == Algorithm::Argon2id.ident() && params.m_cost() <= MOST_MEMORY_KIB;
    let (Some(salt), Some(hash), true) = (stored.salt, stored.hash, ours) else {
        return Err(CryptoFailure::HashUnreadable.failure());
    };
    let out = compute(password, salt.as_ref(), &params, memory)?;
    Ok(equal(&out, hash.as_bytes()))
}

/// A failure with argon2's error as cause, which never holds the password.
fn broken(error: impl std::fmt::Display) -> Failure {
    CryptoFailure::HashUnreadable.failure().cause(error)
}

#[cfg(test)]
mod tests {
    use futures_util::future::{join, join_all};

    use super::{PasswordHasher, Queue, Secret};
    use crate::kernel::entropy::Entropy;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn memory_is_used_again_and_given_back_once_nobody_uses_it() {
        let hashing = PasswordHasher::new(1, 8, Entropy::system());
        let kept = || hashing.pool.memory.lock().unwrap().len();
        hashing.hash(secret("correct horse battery")).await.unwrap();
        hashing.hash(secret("correct horse battery")).await.unwrap();
        assert_eq!(kept(), 1);
        assert!(!hashing.pool.forget_unless_used(1), "it was used since");
        assert_eq!(kept(), 1);
        assert!(hashing.pool.forget_unless_used(2));
        assert_eq!(kept(), 0);
    }

    #[tokio::test]
    async fn a_password_verifies_and_nothing_else_does() {
        let hashing = PasswordHasher::new(1, 8, Entropy::system());
        let phc = hashing.hash(secret("correct horse battery")).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(
            hashing
                .verify(Queue::Strangers, secret("correct horse battery"), Some(phc.clone()))
                .await
                .unwrap()
        );
        assert!(
            !hashing
                .verify(Queue::Strangers, secret("correct horse batterz"), Some(phc.clone()))
                .await
                .unwrap()
        );
        assert_ne!(
            phc,
            hashing.hash(secret("correct horse battery")).await.unwrap(),
            "salted"
        );
        assert_eq!(hashing.hashes_computed(), 4);
    }

    #[tokio::test]
    async fn nobody_costs_the_same_hash() {
        let hashing = PasswordHasher::new(1, 8, Entropy::system());
        assert!(!hashing.verify(Queue::Strangers, secret("x"), None).await.unwrap());
        assert_eq!(hashing.hashes_computed(), 1);
    }

    #[tokio::test]
    async fn what_other_implementations_write_is_understood_with_its_own_costs() {
        // The reference implementation: argon2 "somesalt" -id -t 2 -m 16 -p 1 with the password "password".
        let foreign = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let hashing = PasswordHasher::new(1, 8, Entropy::system());
        assert!(
            hashing
                .verify(Queue::Strangers, secret("password"), Some(foreign.to_owned()))
                .await
                .unwrap()
        );
        for odd in [
            "",
            "x",
            "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ] {
            let failure = hashing
                .verify(Queue::Strangers, secret("password"), Some(odd.to_owned()))
                .await
                .unwrap_err();
            assert_eq!(failure.entry.number, "CR-104", "{odd}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn more_than_the_queue_holds_is_told_to_come_back_and_memory_is_used_again() {
        let hashing = PasswordHasher::new(2, 5, Entropy::system());
        let answers = join_all((0..50).map(|_| hashing.verify(Queue::Strangers, secret("x"), None))).await;
        let busy = answers.iter().filter(|answer| answer.is_err()).count();
        assert_eq!(hashing.hashes_computed(), 50 - busy);
        assert!(busy >= 50 - 2 - 5, "{busy} were sent away");
        assert!(answers.iter().flatten().all(|known| !known));
        assert!(
            hashing.pool.memory.lock().unwrap().len() <= 2,
            "two blocks of memory for all"
        );
        assert!(
            !hashing.verify(Queue::Strangers, secret("x"), None).await.unwrap(),
            "the queue is free again"
        );
    }

    /// Which one a trusted browser's hash was, beside so many strangers who came before it.
    async fn trusted_among(strangers: usize, hashing: &PasswordHasher) -> usize {
        let storm = join_all((0..strangers).map(|_| hashing.verify(Queue::Strangers, secret("x"), None)));
        let trusted = async {
            hashing.verify(Queue::Trusted, secret("x"), None).await.unwrap();
            hashing.hashes_computed()
        };
        join(storm, trusted).await.1
    }

    #[tokio::test]
    async fn a_trusted_browser_neither_finds_the_strangers_queue_full_nor_waits_behind_it() {
        let hashing = PasswordHasher::new(1, 20, Entropy::system());
        let which = trusted_among(100, &hashing).await;
        assert!(which <= 3, "hash number {which}");
    }

    #[tokio::test]
    async fn trusted_browsers_are_bounded_too_and_leave_strangers_their_turn() {
        let hashing = PasswordHasher::new(1, 5, Entropy::system());
        let trusted = join_all((0..50).map(|_| hashing.verify(Queue::Trusted, secret("x"), None)));
        let (trusted, stranger) = join(trusted, hashing.verify(Queue::Strangers, secret("x"), None)).await;
        assert!(trusted.iter().filter(|answer| answer.is_ok()).count() <= 1 + 5);
        stranger.unwrap();
    }
}
