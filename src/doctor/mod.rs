//! The doctor: looks at everything that can be wrong with an installation and names what is, with what was seen and where it is mended.
//!
//! A check is one small file in [`checks`] and one row in its table. It looks at the [`Surroundings`](surroundings::Surroundings) and answers what it saw and what it
//! found ([`report`]); it changes nothing but a probe row. [`Doctor`] runs them: at once, each within its time, none twice within seconds,
//! and none that rests on another which found a fault, so that one fault has one name. Where there is no running server
//! (`menjin doctor` beside a dead one) the checks that need it are left out.

pub mod arrival;
mod blocking;
mod check;
mod checks;
mod disk;
mod failure;
pub mod http;
pub mod report;
mod service;
mod store;
mod surroundings;
mod told;

pub use failure::DoctorFinding;
pub use report::{Report, Severity};
pub use service::Doctor;
pub use store::write_probe;
pub use surroundings::{Server, Surroundings};
