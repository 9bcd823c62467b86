//! Looking for people in the narrow tables that the database keeps beside theirs (migration `m0037`): read whole, they take a tenth of the time.

use entity::{member, member_search, users, users_search};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, SimpleExpr},
};

use crate::store::pattern::contains_small;

/// Whether the username or name of a user contains this text, without regard to letter case.
pub fn user_contains(text: &str) -> SimpleExpr {
    let words = Expr::col((users_search::Entity, users_search::Column::Words));
    let found = users_search::Entity::find()
        .select_only()
        .column(users_search::Column::Id)
        .filter(contains_small(words, text));
    users::Column::Id.in_subquery(found.into_query())
}

/// Whether the userid, name, alias or e-mail address of a member contains this text, without regard to letter case.
pub fn member_contains(text: &str) -> SimpleExpr {
    let words = Expr::col((member_search::Entity, member_search::Column::Words));
    member_found(contains_small(words, text))
}

/// Whether a member is in the department of this number, of whichever corp.
pub fn member_is_in(department: i64) -> SimpleExpr {
    member_found(member_search::Column::Departments.like(format!("%,{department},%")))
}

fn member_found(wanted: SimpleExpr) -> SimpleExpr {
    let found = member_search::Entity::find()
        .select_only()
        .column(member_search::Column::Id)
        .filter(wanted);
    member::Column::Id.in_subquery(found.into_query())
}
