//! Tests of WeCom callbacks against the simulator: setup, departures, other changes, pressed buttons, tampering, repetition, loss and outages.

mod changes;
mod fixture;
mod leaving;
mod pressed;
mod rejected;
mod setup;
