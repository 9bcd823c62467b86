//! Queries of private fields: who may be asked, and values entering a user and leaving it.

mod answers;

use std::collections::BTreeMap;

use entity::{data_source, member, private_field_answer, session, users};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait,
};
use serde_json::json;
use uuid::Uuid;

pub use self::answers::{answers, forget, forget_withheld, note, note_asked};
use super::model::{Answer, Answered, Askable, Found, ONLY_BY_CONSENT};
use crate::{
    audit::{Kind, Record},
    directory::{
        store::audited_transaction::Change,
        suite::store::sign_in_suites,
        user::{
            provenance::{EmailSource, Field, Origin, Provenance},
            store::{document, provenance_of, share_address},
        },
    },
    kernel::failure::Result,
};

/// Who is signed in by this session, as far as WeCom can be asked about them. `None`: nobody whom WeCom proved to be a member who is still
/// there.
///
/// # Errors
/// When the database does not answer.
pub async fn askable<C: ConnectionTrait>(db: &C, session: Uuid) -> Result<Option<Askable>, DbErr> {
    let Some(row) = session::Entity::find_by_id(session).one(db).await? else {
        return Ok(None);
    };
    let (Some(member), Some(auth_source)) = (row.member_id, row.auth_source_id) else {
        return Ok(None);
    };
    let member = member::Entity::find_by_id(member)
        .filter(member::Column::UserId.eq(row.user_id))
        .filter(member::Column::State.eq("present"))
        .one(db)
        .await?;
    let user = users::Entity::find_by_id(row.user_id).one(db).await?;
    let (Some(member), Some(user)) = (member, user) else {
        return Ok(None);
    };
    let Some(source) = data_source::Entity::find_by_id(member.data_source_id).one(db).await? else {
        return Ok(None);
    };
    let provenance = provenance_of(user.provenance.clone())?;
    let settled = ONLY_BY_CONSENT.into_iter();
    let settled = settled.filter(|field| value(&user, *field).is_some() || provenance.is_pinned(*field));
    let suite: Vec<Uuid> = source.suite.into_iter().collect();
    let third_party = !sign_in_suites(db, &suite).await?.is_empty();
    Ok(Some(Askable {
        third_party,
        user: user.id,
        member: member.id,
        userid_key: member.userid_key,
        data_source: source.id,
        corp_id: source.corp_id,
        auth_source,
        email_sources: source.email_sources.0,
        settled: settled.collect(),
        answered: answers(db, user.id).await?,
    }))
}

/// Lets the values that a member agreed to show into their user: those that were asked for, where the field is empty or holds what they gave
/// before, and no admin pinned it. Notes an answer for each field that was asked for, and returns those that were given. `None`: the member
/// is not this user's any more, and nothing was written.
///
/// # Errors
/// When the database does not take it; nothing has changed then.
pub async fn take(change: Change, person: &Askable, asked: &[Field], mut found: Found) -> Result<Option<Vec<Field>>> {
    if !is_theirs(&change, person).await? {
        return Ok(None);
    }
    if is_of_others(&change, person.user, found.values.get(&Field::Picture)).await? {
        found.values.remove(&Field::Picture);
    }
    let row = users::Entity::find_by_id(person.user)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let Some(before) = row else { return Ok(None) };
    let mut provenance = provenance_of(before.provenance.clone())?;
    let mut row = before.clone().into_active_model();
    let mut taken = Vec::new();
    for (field, new) in asked
        .iter()
        .filter_map(|field| Some((*field, found.values.get(field)?)))
    {
        let open = value(&before, field).is_none() || matches!(provenance.origin(field), Origin::Consent { .. });
        if open && !provenance.is_pinned(field) && value(&before, field) != Some(new) {
            set(&mut row, field, Some(new.clone()));
            let email_source = found.email_source.filter(|_| field == Field::Email);
            match is_certain(field) {
                true => provenance.consent(field, (person.data_source, email_source), change.millis()),
                false => provenance.take_now(field, person.data_source, change.millis()),
            }
            taken.push(field);
        }
    }
    if !taken.is_empty() {
        row.provenance = Set(document(&provenance));
        row.updated_at = Set(change.millis());
        users::Entity::update(row).exec(change.transaction()).await?;
        // What somebody may have typed in themselves takes nothing from others.
        let assigned = found.email_source == Some(EmailSource::BizMail) && taken.contains(&Field::Email);
        let email = found.values.get(&Field::Email).filter(|_| assigned);
        share_address(&change, person.user, email.map(String::as_str)).await?;
    }
    let given = note_taken(&change, person.user, asked, &found).await?;
    let record = event(Kind::ConsentGiven, &change, person.user, &given);
    change.commit_as(record).await?;
    Ok(Some(given))
}

/// Notes what came of asking, and returns the fields of which WeCom gave something.
async fn note_taken(change: &Change, user: Uuid, asked: &[Field], found: &Found) -> Result<Vec<Field>, DbErr> {
    let (given, withheld): (Vec<Field>, Vec<Field>) = asked
        .iter()
        .copied()
        .partition(|field| found.values.contains_key(field));
    let (certain, unclear): (Vec<Field>, Vec<Field>) = given.iter().copied().partition(|field| is_certain(*field));
    for (fields, answer) in [
        (certain, Answer::Given),
        (unclear, Answer::Unclear),
        (withheld, Answer::Withheld),
    ] {
        note(change.transaction(), user, &fields, (answer, change.now())).await?;
    }
    Ok(given)
}

/// Whether what WeCom gives was agreed to for certain. A picture of nobody comes also where none was (reference 3.3).
const fn is_certain(field: Field) -> bool {
    !matches!(field, Field::Picture)
}

/// Whether somebody else has this picture, which is nobody's then.
async fn is_of_others(change: &Change, user: Uuid, picture: Option<&String>) -> Result<bool, DbErr> {
    let Some(picture) = picture else { return Ok(false) };
    let others = users::Entity::find()
        .filter(users::Column::Picture.eq(picture.as_str()))
        .filter(users::Column::Id.ne(user));
    Ok(others.count(change.transaction()).await? > 0)
}

/// Whether the member is there still, and this user.
async fn is_theirs(change: &Change, person: &Askable) -> Result<bool, DbErr> {
    // Members before users, as everybody locks them.
    let member = member::Entity::find_by_id(person.member)
        .filter(member::Column::UserId.eq(person.user))
        .filter(member::Column::UseridKey.eq(&person.userid_key))
        .filter(member::Column::State.eq("present"))
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    Ok(member.is_some())
}

/// Takes back what a person gave by consent: the fields that hold it are empty afterwards, and they are not asked for again by themselves. What
/// an admin pinned stays. False: there was nothing.
///
/// # Errors
/// When the database does not take it; nothing has changed then.
pub async fn take_back(change: Change, user: Uuid) -> Result<bool> {
    let row = users::Entity::find_by_id(user)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let Some(before) = row else { return Ok(false) };
    let mut provenance = provenance_of(before.provenance.clone())?;
    let mut fields = by_consent(&provenance, &answers(change.transaction(), user).await?);
    fields.retain(|field| !provenance.is_pinned(*field));
    if fields.is_empty() {
        return Ok(false);
    }
    let mut row = before.into_active_model();
    for field in &fields {
        set(&mut row, *field, None);
        provenance.take_back(*field);
    }
    row.provenance = Set(document(&provenance));
    row.updated_at = Set(change.millis());
    users::Entity::update(row).exec(change.transaction()).await?;
    note(change.transaction(), user, &fields, (Answer::Declined, change.now())).await?;
    let record = event(Kind::ConsentWithdrawn, &change, user, &fields);
    change.commit_as(record).await?;
    Ok(true)
}

/// Forgets of these people what came of asking them, and what they gave but for what an admin pinned: behind their names may be others by now.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_everything<C: ConnectionTrait>(tx: &C, ids: &[Uuid], now: i64) -> Result<(), DbErr> {
    // Who gave something was asked for it.
    let asked = private_field_answer::Entity::find()
        .select_only()
        .column(private_field_answer::Column::UserId);
    let rows = users::Entity::find()
        .filter(users::Column::Id.is_in(ids.iter().copied()))
        .filter(users::Column::Id.in_subquery(asked.into_query()))
        .all(tx)
        .await?;
    for before in rows {
        let mut provenance = provenance_of(before.provenance.clone())?;
        let mut fields = by_consent(&provenance, &answers(tx, before.id).await?);
        fields.retain(|field| !provenance.is_pinned(*field));
        if fields.is_empty() {
            continue;
        }
        let mut row = before.into_active_model();
        for field in &fields {
            set(&mut row, *field, None);
            provenance.take_back(*field);
        }
        row.provenance = Set(document(&provenance));
        row.updated_at = Set(now);
        users::Entity::update(row).exec(tx).await?;
    }
    private_field_answer::Entity::delete_many()
        .filter(private_field_answer::Column::UserId.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The fields of a person whose values came when they were asked, each with whether an admin pinned it since.
///
/// # Errors
/// When the database does not answer.
pub async fn given<C: ConnectionTrait>(
    db: &C,
    user: Uuid,
    answers: &BTreeMap<Field, Answered>,
) -> Result<BTreeMap<Field, bool>, DbErr> {
    let row = users::Entity::find_by_id(user).one(db).await?;
    let provenance = row.map(|row| provenance_of(row.provenance)).transpose()?;
    let provenance = provenance.unwrap_or_default();
    let fields = by_consent(&provenance, answers).into_iter();
    Ok(fields.map(|field| (field, provenance.is_pinned(field))).collect())
}

/// The fields whose values came when the person was asked, whether an admin pinned them since or not.
fn by_consent(provenance: &Provenance, answers: &BTreeMap<Field, Answered>) -> Vec<Field> {
    let unclear = |field: &Field| {
        answers
            .get(field)
            .is_some_and(|answered| answered.answer == Answer::Unclear)
    };
    let fields = ONLY_BY_CONSENT.into_iter();
    fields
        .filter(|field| match provenance.origin(*field) {
            Origin::Consent { .. } => true,
            Origin::Wecom { .. } => unclear(field),
            _ => false,
        })
        .collect()
}

/// An event that names the fields and no value.
fn event(kind: Kind, change: &Change, user: Uuid, fields: &[Field]) -> Record {
    let fields: Vec<&str> = fields.iter().map(|field| field.word()).collect();
    Record {
        kind,
        actor: change.actor().to_owned(),
        subject: format!("user:{user}"),
        reference: None,
        number: None,
        detail: json!({ "private_fields": fields }),
    }
}

const fn value(row: &users::Model, field: Field) -> Option<&String> {
    match field {
        Field::Email => row.email.as_ref(),
        Field::PhoneNumber => row.phone_number.as_ref(),
        Field::Picture => row.picture.as_ref(),
        Field::Gender => row.gender.as_ref(),
        _ => None,
    }
}

/// What is new is verified by nobody.
fn set(row: &mut users::ActiveModel, field: Field, value: Option<String>) {
    match field {
        Field::Email => {
            row.email = Set(value);
            row.email_verified = Set(false);
        }
        Field::PhoneNumber => {
            row.phone_number = Set(value);
            row.phone_verified = Set(false);
        }
        Field::Picture => row.picture = Set(value),
        Field::Gender => row.gender = Set(value),
        _ => {}
    }
}
