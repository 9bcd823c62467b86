//! WeCom's events against the simulator: setting up, leaving, every other change, tampering, repetition, loss and outages.

mod bench;
mod changes;
mod leaving;
mod setup;
mod strangers;
