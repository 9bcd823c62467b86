//! Tests of WeCom callbacks against the simulator: setup, departures, other changes, tampering, repetition, loss and outages.

mod changes;
mod fixture;
mod leaving;
mod rejected;
mod setup;
