//! Tests of *who can sign in* over random people.

mod explained;
mod population;
mod rows;
