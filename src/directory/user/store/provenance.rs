//! Provenance in the rows of users: kept up with edits, and shown with what WeCom has.

use std::collections::{BTreeMap, BTreeSet};

use entity::{member, users};
use sea_orm::{ActiveValue::Set, DbErr, TryIntoModel};
use serde_json::Value;

use super::documents::{document, provenance_of, standard_claims_of};
use crate::directory::{
    store::audited_transaction::Change,
    user::{
        provenance::{Edit, Field},
        view::FieldSource,
    },
};

/// Writes into a row whose values are set what is to be told of the edit; `before`: the row as it was, `pinned`: what the admin says is pinned.
pub(super) fn keep_up(
    row: &mut users::ActiveModel,
    before: Option<&users::Model>,
    change: &Change,
    pinned: Option<&BTreeSet<Field>>,
) -> Result<(), DbErr> {
    let after: users::Model = row.clone().try_into_model()?;
    let old = before.map(values).transpose()?.unwrap_or_default();
    let new = values(&after)?;
    let changed = Field::ALL
        .into_iter()
        .filter(|field| old.get(field) != new.get(field))
        .collect();
    let mut provenance = provenance_of(after.provenance)?;
    provenance.edit(Edit {
        actor: change.actor(),
        at: change.millis(),
        changed: &changed,
        pinned,
    });
    row.provenance = Set(document(&provenance));
    Ok(())
}

/// The fields that have a value.
fn values(row: &users::Model) -> Result<BTreeMap<Field, Value>, DbErr> {
    let claims = serde_json::to_value(standard_claims_of(row)?).unwrap_or_default();
    let value = |field: Field| match field {
        Field::DisplayName => row.display_name.clone().map(Value::from),
        Field::Email => row.email.clone().map(Value::from),
        Field::PhoneNumber => row.phone_number.clone().map(Value::from),
        Field::Picture => row.picture.clone().map(Value::from),
        Field::Locale => row.locale.clone().map(Value::from),
        named => named.claim().and_then(|claim| claims.get(claim)).cloned(),
    };
    let fields = Field::ALL.into_iter();
    Ok(fields.filter_map(|field| Some((field, value(field)?))).collect())
}

/// Where each field came from that has a value, was emptied by hand or is pinned; `member`: whom WeCom shows as this user.
pub(super) fn sources(
    row: &users::Model,
    member: Option<&member::Model>,
) -> Result<BTreeMap<&'static str, FieldSource>, DbErr> {
    let provenance = provenance_of(row.provenance.clone())?;
    let values = values(row)?;
    let source = |field: Field| FieldSource {
        origin: provenance.origin(field).clone(),
        at: provenance.since(field),
        pinned: provenance.is_pinned(field),
        wecom_value: member
            .and_then(|member| given(member, field))
            .filter(|given| values.get(&field).and_then(Value::as_str) != Some(given.as_str()))
            .cloned(),
    };
    let told = Field::ALL
        .into_iter()
        .filter(|field| values.contains_key(field) || provenance.tells_of(*field));
    Ok(told.map(|field| (field.word(), source(field))).collect())
}

/// What WeCom gave last of a field.
const fn given(member: &member::Model, field: Field) -> Option<&String> {
    match field {
        Field::DisplayName => member.name.as_ref(),
        Field::Email => member.email.as_ref(),
        Field::PhoneNumber => member.mobile.as_ref(),
        Field::Picture => member.avatar.as_ref(),
        Field::Nickname => member.alias.as_ref(),
        Field::Gender => member.gender.as_ref(),
        _ => None,
    }
}
