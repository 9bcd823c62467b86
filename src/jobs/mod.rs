//! Background jobs: sync schedule, retries of WeCom events, probes of credentials, ends of access, readings of WeCom apps, cards whose matter is decided, key rotation, sweep, delivery of logouts and of notices. Decides only *when*: calls the
//! same use cases as the buttons do.

mod alerts;
mod polled;
mod running;
pub mod sweep;
mod ticking;
mod work;

pub use alerts::Alerts;
pub use polled::Polled;
pub use running::RunningJobs;
pub use ticking::sync_starter;
pub use work::Jobs;
