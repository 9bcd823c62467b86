//! Tests of *who can sign in* over random people.

mod admitted;
mod explained;
mod listed;
mod population;
mod rows;
mod wecom;
