//! Properties of planning, the meaning of WeCom's answers, and runs against a real database.

mod database;
mod gathering;
mod model;
mod properties;
