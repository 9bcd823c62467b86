//! Circuit breaker of a fetch: when further calls would be useless or harmful. Pure.

use crate::wecom::{Class, WeComError};

/// After so many failed calls WeCom is taken to be down: thousands more would only take long.
const MOST_FAILURES: usize = 5;

/// Opens for a refused secret, a throttled corp, and a server that is down.
#[derive(Default)]
pub(super) struct CircuitBreaker {
    failures: usize,
}

impl CircuitBreaker {
    /// Counts the outcome of a call; true: no further call of its kind is to be made.
    pub(super) fn record(&mut self, error: Option<&WeComError>) -> bool {
        match error.map(|error| (error.class, error.errcode)) {
            None | Some((Class::Outcome, _) | (_, Some(40068 | 60011 | 81011))) => false,
            Some((Class::Admin | Class::Token, _) | (_, Some(45009))) => true,
            Some(_) => {
                self.failures += 1;
                self.failures >= MOST_FAILURES
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CircuitBreaker, Class, WeComError};

    fn error(errcode: Option<i64>, class: Class) -> WeComError {
        WeComError {
            call: "user/list",
            class,
            errcode,
            message: String::new(),
            observed_ip: None,
            export: None,
        }
    }

    #[test]
    fn a_refused_secret_or_a_throttled_corp_blows_the_fuse_at_once() {
        assert!(CircuitBreaker::default().record(Some(&error(Some(60020), Class::Admin))));
        assert!(CircuitBreaker::default().record(Some(&error(Some(42001), Class::Token))));
        assert!(CircuitBreaker::default().record(Some(&error(Some(45009), Class::Throttled))));
    }

    #[test]
    fn what_is_an_answer_never_blows_it() {
        let mut breaker = CircuitBreaker::default();
        let answers = [
            error(Some(60111), Class::Outcome),
            error(Some(60011), Class::Admin),
            error(Some(81011), Class::Admin),
        ];
        assert!(!(0..100).any(|_| answers.iter().any(|answer| breaker.record(Some(answer))) || breaker.record(None)));
    }

    #[test]
    fn a_server_that_is_down_blows_it_after_a_few_tries() {
        let mut breaker = CircuitBreaker::default();
        let down = error(None, Class::Retry);
        let blown: Vec<bool> = (0..5).map(|_| breaker.record(Some(&down))).collect();
        assert_eq!(blown, [false, false, false, false, true]);
    }
}
