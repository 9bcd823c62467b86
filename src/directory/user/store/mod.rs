//! Queries of users.

use std::collections::BTreeSet;

use entity::{import_decision, member, users};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait, Func, SimpleExpr},
};
use uuid::Uuid;

mod audited;
mod coverage;
mod date;
mod documents;
mod ending;
mod let_in;
mod listing;
pub(super) mod operators;
mod provenance;
mod sign_ins;
mod views;

pub(super) use self::coverage::coverage;
pub use self::date::set_access_until;
pub use self::documents::{document, provenance_of, standard_claims_of, tag_of};
use self::ending::{end_access, end_by_date, end_everything};
pub(super) use self::listing::list;
pub(in crate::directory) use self::operators::{may_remove_source, may_touch};
use self::views::with_members;
use super::{
    editor::Editor,
    input::{self, ConsoleRole, NewUser, Status, UserChange},
    provenance::Provenance,
    view::UserView,
};
use crate::{
    audit::difference::Difference,
    directory::{
        email::store::proof,
        failure::DirectoryFailure,
        group,
        offboarding::{self, model::EndReason},
        session_end,
        store::audited_transaction::Change,
    },
    kernel::{
        entity_tag::IfMatch,
        failure::{Failure, Result},
    },
    store::{Database, database::is_unique_violation},
};

fn taken(error: DbErr) -> Failure {
    if is_unique_violation(&error) {
        DirectoryFailure::UsernameTaken.failure().cause(error)
    } else {
        error.into()
    }
}

pub(super) async fn create(change: Change, new: NewUser) -> Result<Uuid> {
    let id = change.id();
    check_look_alike(&change, id, &new.username).await?;
    let entered = new.email.as_ref().filter(|_| new.console_role.is_some());
    let entered = entered.map(|email| email.to_lowercase());
    let mut row = users::ActiveModel {
        id: Set(id),
        username_key: Set(new.username.to_lowercase()),
        username: Set(new.username),
        display_name: Set(new.display_name),
        email: Set(new.email),
        email_verified: Set(false),
        phone_number: Set(new.phone_number),
        phone_verified: Set(false),
        picture: Set(new.picture),
        locale: Set(new.locale),
        nickname: Set(new.profile.nickname.clone()),
        gender: Set(new.profile.gender.clone()),
        profile: Set(new.profile.document()),
        provenance: Set(document(&Provenance::default())),
        data_source_id: Set(None),
        corp_id: Set(None),
        console_role: Set(new.console_role.map(|role| role.word().to_owned())),
        status: Set(Status::Active.word().to_owned()),
        disabled_reason: Set(None),
        access_until: Set(new.access_until),
        email_proven: Set(None),
        email_entered: Set(entered),
        language: Set(None),
        browsers_known_at: Set(None),
        access_ending_told: Set(None),
        password_hash: Set(None),
        created_at: Set(change.millis()),
        updated_at: Set(change.millis()),
    };
    provenance::keep_up(&mut row, None, &change, Some(&BTreeSet::new()))?;
    let email = row.email.clone().take().flatten();
    users::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await
        .map_err(taken)?;
    share_address(&change, id, email.as_deref()).await?;
    let created = Difference::created(&audited::shown(&locked(&change, id).await?)?);
    change
        .commit_difference(format!("user:{id}"), ("created", &[]), created)
        .await?;
    Ok(id)
}

/// Refuses a username that looks like that of another console user.
async fn check_look_alike(change: &Change, id: Uuid, username: &str) -> Result<()> {
    let consoles = users::Entity::find()
        .filter(users::Column::ConsoleRole.is_not_null())
        .filter(users::Column::Id.ne(id))
        .select_only()
        .column(users::Column::Username)
        .into_tuple::<String>()
        .all(change.transaction())
        .await?;
    input::check_look_alike(username, consoles.iter().map(String::as_str))
}

async fn locked(change: &Change, id: Uuid) -> Result<users::Model> {
    let row = users::Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    row.ok_or_else(|| DirectoryFailure::NotFound.into())
}

pub(super) async fn change(
    change: Change,
    editor: Editor<'_>,
    id: Uuid,
    input: &UserChange,
    if_match: &IfMatch,
) -> Result<()> {
    let dismisses = input
        .console_role
        .is_some_and(|role| role != Some(ConsoleRole::HIGHEST));
    // A date ends access as disabling does, only later, and nobody asks again when it comes.
    let ends = input.status == Some(Status::Disabled) || matches!(input.access_until, Some(Some(_)));
    let highest = match dismisses || ends {
        true => operators::lock_highest(&change).await?,
        false => Vec::new(),
    };
    let before = locked(&change, id).await?;
    editor.may_touch(before.console_role.as_deref())?;
    if_match.judge(&tag_of(&before)?)?;
    let given_role = input.console_role.flatten();
    editor.may_touch(given_role.map(ConsoleRole::word))?;
    if let Some(username) = input.username.as_ref().filter(|name| **name != before.username) {
        check_look_alike(&change, id, username).await?;
    }
    let claims = input.standard_claims(&standard_claims_of(&before)?)?;
    operators::keep_one(&highest, id)?;
    let mut row = before.clone().into_active_model();
    apply(&mut row, &before, input);
    if let Some(claims) = claims {
        row.profile = Set(claims.document());
        row.nickname = Set(claims.nickname);
        row.gender = Set(claims.gender);
    }
    provenance::keep_up(&mut row, Some(&before), &change, input.pins().as_ref())?;
    row.updated_at = Set(change.millis());
    move_access(&change, &before, input).await?;
    users::Entity::update(row)
        .exec(change.transaction())
        .await
        .map_err(taken)?;
    share_address(&change, id, input.email.as_ref().and_then(Option::as_deref)).await?;
    if before.console_role.is_none() && given_role.is_some() {
        // Editors without the right to console roles could change how this user signs in until now, so nothing from before may sign in an
        // admin.
        session_end::store::delete_credentials(change.transaction(), &[id]).await?;
        proof::forget(change.transaction(), &[id]).await?;
        end_everything(&change, &[id], "console_role").await?;
    }
    let after = audited::shown(&locked(&change, id).await?)?;
    let difference = Difference::between(&audited::shown(&before)?, &after);
    change
        .commit_difference(format!("user:{id}"), ("changed", &input.fields()), difference)
        .await
}

/// Ends or gives back access as this change says. The date decides by itself for as long as it stands: who is past it is not enabled by
/// their status alone.
async fn move_access(change: &Change, before: &users::Model, input: &UserChange) -> Result<()> {
    let until = input.access_until.unwrap_or(before.access_until);
    let over = until.filter(|until| *until <= change.millis());
    match input.status {
        Some(Status::Disabled) => return Ok(end_access(change, before, EndReason::Admin).await?),
        Some(Status::Active) if over.is_some() => return Err(input::past_their_date()),
        Some(Status::Active) if before.status != Status::Active.word() => {
            offboarding::store::note_readmission(change.transaction(), &[before.id], change.now()).await?;
        }
        Some(Status::Active) | None => {}
    }
    match (input.access_until, over) {
        (Some(_), Some(until)) => end_by_date(change, before, until).await?,
        (Some(_), None) => {
            let ended = [EndReason::AccessEnded.word()];
            offboarding::store::enable(change.transaction(), &[before.id], &ended, change.now()).await?;
        }
        (None, _) => {}
    }
    Ok(())
}

fn apply(row: &mut users::ActiveModel, before: &users::Model, input: &UserChange) {
    if let Some(username) = &input.username {
        row.username = Set(username.clone());
        row.username_key = Set(username.to_lowercase());
    }
    if let Some(name) = &input.display_name {
        row.display_name = Set(name.clone());
    }
    // A verification holds only for the value it was made for, and what an admin types in is nobody's proof.
    if let Some(email) = input.email.as_ref().filter(|email| **email != before.email) {
        row.email = Set(email.clone());
        let proven = before.email_proven.as_deref();
        row.email_verified = Set(email
            .as_deref()
            .map(str::to_lowercase)
            .is_some_and(|email| proven == Some(email.as_str())));
    }
    if let Some(phone) = input
        .phone_number
        .as_ref()
        .filter(|phone| **phone != before.phone_number)
    {
        row.phone_number = Set(phone.clone());
        row.phone_verified = Set(false);
    }
    if let Some(picture) = &input.picture {
        row.picture = Set(picture.clone());
    }
    if let Some(locale) = &input.locale {
        row.locale = Set(locale.clone());
    }
    row.email_entered = Set(entered(before, input));
    if let Some(role) = &input.console_role {
        row.console_role = Set(role.map(|role| role.word().to_owned()));
    }
    if let Some(until) = input.access_until {
        row.access_until = Set(until);
    }
    if let Some(status) = input.status.filter(|status| status.word() != before.status) {
        row.status = Set(status.word().to_owned());
        row.disabled_reason = Set((status == Status::Disabled).then(|| "admin".to_owned()));
    }
}

/// The address to which links of a console role may be mailed after this change: one that it names, by whoever may give that role. Another role
/// takes another word for it: who could give the one before may not be able to give this one.
fn entered(before: &users::Model, input: &UserChange) -> Option<String> {
    let role_before = before.console_role.as_deref();
    let role = match input.console_role {
        Some(role) => role.map(ConsoleRole::word),
        None => role_before,
    };
    match (role, &input.email) {
        (None, _) => None,
        (Some(_), Some(email)) => email.as_deref().map(str::to_lowercase),
        (Some(_), None) => before.email_entered.clone().filter(|_| role == role_before),
    }
}

/// This user has that address now: nobody else's stays verified by an admin's word.
pub(in crate::directory) async fn share_address(change: &Change, id: Uuid, email: Option<&str>) -> Result<(), DbErr> {
    let Some(email) = email else { return Ok(()) };
    let same = Expr::expr(Func::lower(Expr::col(users::Column::Email))).eq(email.to_lowercase());
    users::Entity::update_many()
        .col_expr(users::Column::EmailVerified, Expr::value(false))
        .col_expr(users::Column::UpdatedAt, Expr::value(change.millis()))
        .filter(users::Column::EmailVerified.eq(true))
        .filter(users::Column::Id.ne(id))
        .filter(same)
        // Who proved that mail reaches them there keeps it.
        .filter(
            Condition::any()
                .add(users::Column::EmailProven.is_null())
                .add(users::Column::EmailProven.ne(email.to_lowercase())),
        )
        .exec(change.transaction())
        .await?;
    Ok(())
}

pub(super) async fn delete(change: Change, editor: Editor<'_>, id: Uuid, if_match: &IfMatch) -> Result<()> {
    // Members before users, as everybody locks them.
    let members: Vec<Uuid> = member::Entity::find()
        .select_only()
        .column(member::Column::Id)
        .filter(member::Column::UserId.eq(id))
        .order_by_asc(member::Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(change.transaction())
        .await?;
    let highest = operators::lock_highest(&change).await?;
    let row = locked(&change, id).await?;
    editor.may_touch(row.console_role.as_deref())?;
    if_match.judge(&tag_of(&row)?)?;
    operators::keep_one(&highest, id)?;
    // What was decided about them before is over as well.
    import_decision::Entity::delete_many()
        .filter(import_decision::Column::MemberId.is_in(members.iter().copied()))
        .exec(change.transaction())
        .await?;
    member::Entity::update_many()
        .col_expr(member::Column::ImportOutcome, Expr::value("removed"))
        .col_expr(
            member::Column::ImportReason,
            Expr::value("the user was removed by an admin"),
        )
        // A version: a sync that was planned before must not write over it.
        .col_expr(member::Column::UpdatedAt, next_version(change.millis()))
        .filter(member::Column::UserId.eq(id))
        .exec(change.transaction())
        .await?;
    // The sessions are deleted with the user; their portals get a logout delivery all the same.
    end_access(&change, &row, EndReason::Deleted).await?;
    let groups = group::store::names_of_groups(change.transaction(), id).await?;
    users::Entity::delete_by_id(id).exec(change.transaction()).await?;
    let deleted = Difference::deleted(&audited::remembered(&row)).also("groups", groups);
    change
        .commit_difference(format!("user:{id}"), ("deleted", &[]), deleted)
        .await
}

/// Now, but never the version that stands.
fn next_version(now: i64) -> SimpleExpr {
    let version = Expr::col(member::Column::UpdatedAt);
    CaseStatement::new()
        .case(version.clone().gte(now), version.add(1))
        .finally(now)
        .into()
}

pub(super) async fn find(database: &Database, id: Uuid) -> Result<Option<UserView>> {
    let row = users::Entity::find_by_id(id).one(database.reader()).await?;
    let views = with_members(database, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}
