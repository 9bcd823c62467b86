//! Whether somebody may still connect companies: what fails is tried again in their name, long after they asked.

use entity::{api_token, users};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// The roles that may.
const ROLES: [&str; 2] = ["admin", "owner"];

/// Whether this actor, as the audit log names them, has such a role now.
pub(in crate::directory::installation) async fn may_configure(
    db: &Database,
    actor: &str,
    now: Timestamp,
) -> Result<bool> {
    let found = match actor.split_once(':') {
        Some(("user", id)) => {
            let Ok(id) = id.parse::<Uuid>() else { return Ok(false) };
            let person = users::Entity::find_by_id(id)
                .filter(users::Column::Status.eq("active"))
                .filter(users::Column::ConsoleRole.is_in(ROLES));
            person.count(db.reader()).await?
        }
        Some(("token", name)) => {
            let ends = Condition::any()
                .add(api_token::Column::ExpiresAt.is_null())
                .add(api_token::Column::ExpiresAt.gt(now.millis()));
            let token = api_token::Entity::find()
                .filter(api_token::Column::Name.eq(name))
                .filter(api_token::Column::RevokedAt.is_null())
                .filter(api_token::Column::Role.is_in(ROLES))
                .filter(ends);
            token.count(db.reader()).await?
        }
        _ => 0,
    };
    Ok(found > 0)
}
