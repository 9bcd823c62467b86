//! Properties of planning, the meaning of WeCom's answers, and runs against a real database.

mod bench;
mod members;
mod model;
mod properties;
mod runs;
mod snapshot_builder;
