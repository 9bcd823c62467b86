//! The readable form of the API's description: an OpenAPI document as values that a page shows. It knows the document as JSON only.

mod curl;
pub mod document;
mod example;
pub mod model;
pub mod prose;
mod reader;
mod schema;

pub use reader::read;

#[cfg(test)]
mod tests;
