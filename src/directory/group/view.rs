//! Groups as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::entity_tag::{EntityTag, Tagged};

/// A group of users.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub struct GroupView {
    /// Of the state that is shown, without who is in it and who names it; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id; clients name it in `allowed_groups`.
    pub id: Uuid,
    /// Name, as portals are told it.
    #[schema(example = "wiki-editors")]
    pub name: String,
    /// Free text; may be empty.
    pub description: String,
    /// How many users are in it.
    pub users: u64,
    /// `client_id` of each portal whose lists name it.
    pub clients: Vec<String>,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When name or description were changed last, milliseconds since 1970.
    pub updated_at: i64,
}

impl Tagged for GroupView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}
