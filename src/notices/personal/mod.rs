//! Which of the things that concern one person alone that person is told: all, unless an admin switches some off.

pub mod model;
pub mod service;
pub mod store;
