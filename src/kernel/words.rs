//! Schemas (OpenAPI 3.1) of closed lists of words that serde does not know of.

use utoipa::openapi::{ObjectBuilder, schema::Type};

/// A text that is one of these words.
pub fn one_of(words: &[&'static str]) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().copied()))
}

/// Gives a type the schema of its words: the name of the schema, what it means, and the words.
#[macro_export]
macro_rules! word_schema {
    ($type:ty, $name:literal, $about:literal, $words:expr) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::kernel::words::one_of(&$words)
                    .description(Some($about))
                    .into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($name)
            }
        }
    };
}
