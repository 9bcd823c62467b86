//! Record of what WeCom replied to the calls of one piece of work, as digests: whether it is word for word what it replied before, so that
//! long lists need not be read anew.
//!
//! Of a refusal its code counts, not its words, which hold numbers of their own. A call without an answer leaves the record unclear, which
//! equals nothing. A call asked twice counts with its last answer.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::crypto::digest::{Sha256, sha256};

/// SHA-256 of a call, or of a call with its answer.
pub type Digest = [u8; 32];

/// A record. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct ReplyRecord {
    heard: Arc<Mutex<Heard>>,
    differs: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Heard {
    /// Calls with their answers as they were before.
    expected: HashSet<Digest>,
    /// The answers by their calls.
    answers: HashMap<Digest, Digest>,
    unclear: bool,
}

impl ReplyRecord {
    /// Says what was replied before. To be called before the first call.
    pub fn expect(&self, before: HashSet<Digest>) {
        self.lock().expected = before;
    }

    /// Whether every call was answered as before, each time it was asked, and none is lacking.
    pub fn is_as_before(&self) -> bool {
        if self.has_differed() {
            return false;
        }
        let heard = self.lock();
        let known = |answer: &Digest| heard.expected.contains(answer);
        !heard.unclear
            && !heard.answers.is_empty()
            && heard.answers.len() == heard.expected.len()
            && heard.answers.values().all(known)
    }

    /// The calls with their answers, in order of their digests; `None` where one had no answer.
    pub fn answers(&self) -> Option<Vec<Digest>> {
        let heard = self.lock();
        let mut answers: Vec<Digest> = heard.answers.values().copied().collect();
        answers.sort_unstable();
        (!heard.unclear).then_some(answers)
    }

    /// Something differs, here or elsewhere: everything has to be read.
    pub fn differ(&self) {
        self.differs.store(true, Ordering::SeqCst);
    }

    /// Whether something differs, as far as is known by now.
    pub fn has_differed(&self) -> bool {
        self.differs.load(Ordering::SeqCst)
    }

    /// As if a call with this number had been answered like this.
    #[cfg(test)]
    pub fn pretend(&self, call: u8, answer: u8) {
        self.note([call; 32], Some(of_code(&[call; 32], answer.into())));
    }

    /// Whether a call was answered like this before.
    pub(super) fn is_expected(&self, answer: &Digest) -> bool {
        self.lock().expected.contains(answer)
    }

    /// Records the answer of a call; `None`: there was none.
    pub(super) fn note(&self, call: Digest, answer: Option<Digest>) {
        let mut heard = self.lock();
        let known = answer.is_some_and(|answer| heard.expected.contains(&answer));
        match answer {
            Some(answer) => drop(heard.answers.insert(call, answer)),
            None => heard.unclear = true,
        }
        drop(heard);
        if !known {
            self.differ();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call with the body that answered it.
pub(super) fn of_body(call: &Digest, body: Sha256) -> Digest {
    of_answer(call, 1, &body.finish())
}

/// A call with the code that answered it.
pub(super) fn of_code(call: &Digest, code: i64) -> Digest {
    of_answer(call, 0, &sha256(&code.to_be_bytes()))
}

fn of_answer(call: &Digest, kind: u8, answer: &Digest) -> Digest {
    sha256(&[call.as_slice(), &[kind], answer].concat())
}
