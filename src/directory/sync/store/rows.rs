//! What a plan needs of the rows of members and users. They are many: only the columns that are needed are read, and by their position; by
//! name, each value of each row would be looked up anew.

use entity::{json::Numbers, member, users};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, QuerySelect, QueryTrait, Select, TryGetable};
use uuid::Uuid;

use super::{Stored, users::DEPARTED};
use crate::directory::importing::outcome::Outcome;
use crate::{
    directory::{
        identity::evidence::Link,
        offboarding::model::EndReason,
        sync::{
            mirror::{MemberRow, Standing, UserOrigin, UserProfile, UserRow},
            snapshot::{Person, Profile},
            source::Source,
        },
        user::store::provenance_of,
    },
    store::database::unreadable,
};

/// Reads the members that are selected.
pub(super) async fn members<C: ConnectionTrait>(
    connection: &C,
    selected: Select<member::Entity>,
    source: &Source,
) -> Stored<Vec<MemberRow>> {
    let rows = connection
        .query_all(&selected.select_only().columns(OF_MEMBER).into_query())
        .await?;
    rows.iter().map(|row| member(&mut Values::of(row), source)).collect()
}

/// Reads the users that are selected.
pub(super) async fn users<C: ConnectionTrait>(
    connection: &C,
    selected: Select<users::Entity>,
    source: &Source,
) -> Stored<Vec<UserRow>> {
    let rows = connection
        .query_all(&selected.select_only().columns(OF_USER).into_query())
        .await?;
    rows.iter().map(|row| user(&mut Values::of(row), source)).collect()
}

/// The values of a row, one after another.
struct Values<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Values<'a> {
    const fn of(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    fn next<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.next)?;
        self.next += 1;
        Ok(value)
    }
}

/// In the order in which [`member`] reads them.
pub(super) const OF_MEMBER: [member::Column; 21] = {
    use member::Column::*;
    [
        Id,
        UpdatedAt,
        UseridKey,
        Userid,
        Name,
        Alias,
        Position,
        Email,
        Mobile,
        Avatar,
        Gender,
        OpenUserid,
        Departments,
        MainDepartment,
        Status,
        State,
        CheckedAt,
        Doubt,
        UserId,
        ImportOutcome,
        ImportReason,
    ]
};

fn member(values: &mut Values<'_>, source: &Source) -> Stored<MemberRow> {
    let (id, version, key) = (values.next()?, values.next()?, values.next()?);
    let person = Person {
        userid: values.next()?,
        profile: Profile {
            name: values.next()?,
            alias: values.next()?,
            position: values.next()?,
            email: values.next()?,
            mobile: values.next()?,
            avatar: values.next()?,
            gender: values.next()?,
            open_userid: values.next()?,
        },
        other_email: None,
        departments: values.next::<Numbers>()?.0,
        main_department: values.next()?,
        status: values.next()?,
    };
    let state: String = values.next()?;
    let checked_at = values.next()?;
    let doubt: Option<String> = values.next()?;
    let user_id = values.next()?;
    let outcome: String = values.next()?;
    Ok(MemberRow {
        id,
        version,
        key,
        person,
        present: match state.as_str() {
            "present" => true,
            "departed" => false,
            _ => return Err(unreadable("member.state")),
        },
        checked_at,
        missed: checked_at == 0 && source.contacts_secret_sealed.is_none(),
        doubt: match doubt.as_deref() {
            None => None,
            Some(word) => Some(Link::of_doubt(word).ok_or_else(|| unreadable("member.doubt"))?),
        },
        user_id,
        outcome: Outcome::of(&outcome).ok_or_else(|| unreadable("member.import_outcome"))?,
        reason: values.next()?,
    })
}

/// In the order in which [`user`] reads them.
pub(super) const OF_USER: [users::Column; 17] = {
    use users::Column::*;
    [
        Id,
        Username,
        UsernameKey,
        DataSourceId,
        CorpId,
        ConsoleRole,
        Status,
        DisabledReason,
        DisplayName,
        Email,
        EmailVerified,
        PhoneNumber,
        PhoneVerified,
        Picture,
        Nickname,
        Gender,
        Provenance,
    ]
};

fn user(values: &mut Values<'_>, source: &Source) -> Stored<UserRow> {
    let (id, username, username_key) = (values.next()?, values.next()?, values.next()?);
    let owner = origin((values.next()?, values.next()?, values.next()?), source);
    let (status, reason): (String, Option<String>) = (values.next()?, values.next()?);
    let profile = UserProfile {
        display_name: values.next()?,
        email: values.next()?,
        email_verified: values.next()?,
        phone_number: values.next()?,
        phone_verified: values.next()?,
        picture: values.next()?,
        nickname: values.next()?,
        gender: values.next()?,
        provenance: provenance_of(values.next()?)?,
    };
    Ok(UserRow {
        id,
        username,
        username_key,
        owner,
        standing: standing(&status, reason.as_deref()),
        profile: if owner.is_touchable() {
            profile
        } else {
            UserProfile::default()
        },
    })
}

/// Whose a user is, by data source, corp in its mode, and console role.
fn origin(of: (Option<Uuid>, Option<String>, Option<String>), source: &Source) -> UserOrigin {
    let (data_source, corp, console_role) = of;
    match (data_source, corp) {
        _ if console_role.is_some() => UserOrigin::ConsoleAdmin,
        (None, None) => UserOrigin::Local,
        (Some(id), _) if id == source.id => UserOrigin::Ours,
        (None, Some(corp)) if corp == source.corp_key => UserOrigin::Ours,
        (Some(_), _) | (None, Some(_)) => UserOrigin::OtherCorp,
    }
}

fn standing(status: &str, reason: Option<&str>) -> Standing {
    match reason {
        _ if status == "active" => Standing::Active,
        Some(reason) if DEPARTED.contains(&reason) => Standing::Departed,
        Some(reason) if EndReason::of(reason).is_some_and(EndReason::is_taken_back) => Standing::Outside,
        _ => Standing::Disabled,
    }
}
