//! How a request of ours arrives from outside: what the server says of it, and the seal by which only our own question is answered.

use std::time::Duration;

use serde::Serialize;

use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, failure::Result},
};

/// Path that answers it.
pub const PATH: &str = "/doctor/arrival";

/// What the seal is bound to.
const CONTEXT: &str = "doctor.arrival";
/// How long a question is answered.
const ANSWERED: Duration = Duration::from_secs(60);

/// What a request looked like when it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// Whose connection it came over.
    pub peer: String,
    /// Whether that is a trusted proxy.
    pub peer_trusted: bool,
    /// Whether it says for whom it was forwarded.
    pub forwarded_for: bool,
    /// `X-Forwarded-Proto`.
    pub proto: Option<String>,
    /// `Host`.
    pub host: Option<String>,
}

/// A question that any replica can tell to be ours.
///
/// # Errors
/// When sealing fails.
pub fn question(sealer: &Sealer, now: Timestamp) -> Result<String> {
    sealer.seal(CONTEXT, now.millis().to_string().as_bytes())
}

/// Whether a question is ours, and asked just now.
pub fn is_ours(sealer: &Sealer, question: &str, now: Timestamp) -> bool {
    let opened = sealer.open_text(CONTEXT, question);
    let asked = opened.ok().and_then(|text| text.expose().parse().ok());
    asked.is_some_and(|asked| now.apart(Timestamp::from_millis(asked)) <= ANSWERED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{entropy::Entropy, secret::Secret};

    #[test]
    fn only_our_own_question_of_just_now_is_answered() {
        let sealer = |byte: u8| Sealer::new(&Secret::new(vec![byte; 32]), Entropy::system()).unwrap();
        let now = Timestamp::from_secs(1_767_600_000);
        let asked = question(&sealer(1), now).unwrap();
        assert!(is_ours(&sealer(1), &asked, now.plus(ANSWERED)));
        assert!(!is_ours(&sealer(1), &asked, now.plus(ANSWERED * 2)));
        assert!(!is_ours(&sealer(2), &asked, now));
        assert!(!is_ours(&sealer(1), "", now));
    }
}
