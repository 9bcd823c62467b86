//! What happens to suites while the simulator runs: tickets, tokens, codes, viewers of names, and how coming pushes are to be delivered.

mod codes;
mod expiring;
mod plans;
mod runtime;
mod tokens;
mod viewers;

pub(crate) use codes::{AUTH_CODE_LIFETIME, AuthCode, Login, SUITE_TICKET_LIFETIME, SuiteConsent};
pub(crate) use plans::Plan;
pub(crate) use runtime::Suites;
pub(crate) use tokens::Holder;
pub(crate) use viewers::Viewer;
