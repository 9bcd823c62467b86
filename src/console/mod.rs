//! The console for people who administer: pages over the admin API, which it calls inside the process as the person who is signed in, so
//! that it has no powers of its own. Signing in is a journey as at any portal, to the portal that only the gate knows
//! ([`gate::console`](crate::gate::console)).

mod failure;
pub mod http;
mod kept_form;
mod operator;
mod recipes;
mod store;
mod welcome;

pub use failure::ConsoleFailure;
pub use kept_form::KeptForms;
pub use operator::Operators;
pub use welcome::Welcome;
