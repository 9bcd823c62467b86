//! Looking through many people in the narrow tables that the database keeps beside theirs (migration `m0058`): read whole, they take a tenth of the
//! time. A list asks them for the ids of its page, and reads these rows of the wide table alone.

use entity::{member, member_search, users, users_search};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use crate::store::pattern::contains_small;

/// Whether the username or name of a user in the narrow table contains this text, without regard to letter case.
pub fn user_contains(text: &str) -> SimpleExpr {
    contains_small(Expr::col((users_search::Entity, users_search::Column::Words)), text)
}

/// Whether the userid, name, alias or e-mail address of a member in the narrow table contains this text, without regard to letter case.
pub fn member_contains(text: &str) -> SimpleExpr {
    contains_small(Expr::col((member_search::Entity, member_search::Column::Words)), text)
}

/// Whether a member in the narrow table is in the department of this number, of whichever corp.
pub fn member_is_in(department: i64) -> SimpleExpr {
    member_search::Column::Departments.like(format!("%,{department},%"))
}

/// Whether this holds of the user's own row. It is asked as a value, which PostgreSQL looks at for whoever fits otherwise, one after the other: as a
/// condition it may join the wide table whole.
pub fn of_user(holds: Condition) -> SimpleExpr {
    let own = Expr::col((users::Entity, users::Column::Id));
    let asked = users::Entity::find().select_only().expr(SimpleExpr::from(holds));
    asked
        .filter(own.eq(Expr::col((users_search::Entity, users_search::Column::Id))))
        .into_query()
        .into()
}

/// Whether this holds of the member's own row, likewise.
pub fn of_member(holds: Condition) -> SimpleExpr {
    let own = Expr::col((member::Entity, member::Column::Id));
    let asked = member::Entity::find().select_only().expr(SimpleExpr::from(holds));
    asked
        .filter(own.eq(Expr::col((member_search::Entity, member_search::Column::Id))))
        .into_query()
        .into()
}
