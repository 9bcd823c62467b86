//! Every column that holds sealed values, and what they are sealed for. `tests/tidy/sealed.rs` holds this list against the entities.

use entity::{
    callback_endpoint, card_event, card_settlement, client, corp_move, data_source, idempotency_key, notice,
    notice_channel, notice_delivery, setting, signing_key, suite_installation, suite_invitation, suite_push, totp,
    wecom_app, wecom_suite,
};
use sea_orm::ColumnTrait;

use super::batches::{Column, Key};

/// A column of sealed values.
pub(in crate::admin::resealing) struct Place {
    pub(in crate::admin::resealing) column: Column,
    sealed_for: SealedFor,
}

/// What the values of a column are sealed for.
enum SealedFor {
    /// Table and column, without the ending `_sealed`.
    Column,
    /// The same of another column of the table, into which a value may move.
    Other(&'static str),
    /// The same and the row.
    Row,
    /// Table and key of the row; only rows with this key hold sealed values.
    Only(&'static str),
}

impl Place {
    fn new<C: ColumnTrait>(key: C, column: C, sealed_for: SealedFor) -> Self {
        Self {
            column: Column::of(key, column),
            sealed_for,
        }
    }

    fn of<C: ColumnTrait>(key: C, column: C) -> Self {
        Self::new(key, column, SealedFor::Column)
    }

    /// Whether the value of this row is a sealed one.
    pub(in crate::admin::resealing) fn holds(&self, key: &Key) -> bool {
        match self.sealed_for {
            SealedFor::Only(only) => key.to_string() == only,
            _ => true,
        }
    }

    /// What the value of this row is sealed for.
    pub(in crate::admin::resealing) fn sealed_for(&self, key: &Key) -> String {
        let Column { table, name, .. } = self.column;
        let name = name.strip_suffix("_sealed").unwrap_or(name);
        match self.sealed_for {
            SealedFor::Column => format!("{table}.{name}"),
            SealedFor::Other(name) => format!("{table}.{name}"),
            SealedFor::Row => format!("{table}.{name}:{key}"),
            SealedFor::Only(_) => format!("{table}.{key}"),
        }
    }
}

/// All of them.
pub(in crate::admin::resealing) fn places() -> Vec<Place> {
    vec![
        Place::of(callback_endpoint::Column::Id, callback_endpoint::Column::TokenSealed),
        Place::of(callback_endpoint::Column::Id, callback_endpoint::Column::AesKeySealed),
        Place::of(card_event::Column::Id, card_event::Column::ResponseCodeSealed),
        Place::of(card_settlement::Column::Subject, card_settlement::Column::Content),
        Place::of(client::Column::Id, client::Column::SecretSealed),
        Place::of(corp_move::Column::Id, corp_move::Column::AppSecretSealed),
        Place::of(corp_move::Column::Id, corp_move::Column::ContactsSecretSealed),
        Place::of(data_source::Column::Id, data_source::Column::ContactsSecretSealed),
        Place::of(data_source::Column::Id, data_source::Column::CustomerSecretSealed),
        Place::new(
            idempotency_key::Column::Id,
            idempotency_key::Column::Reply,
            SealedFor::Row,
        ),
        Place::of(notice::Column::Id, notice::Column::Content),
        Place::of(notice_channel::Column::Id, notice_channel::Column::Secret),
        Place::of(notice_delivery::Column::Id, notice_delivery::Column::ResponseCode),
        Place::new(
            setting::Column::Name,
            setting::Column::Value,
            SealedFor::Only("subject_salt"),
        ),
        Place::of(signing_key::Column::Kid, signing_key::Column::PrivateSealed),
        Place::of(
            suite_installation::Column::Id,
            suite_installation::Column::PermanentCodeSealed,
        ),
        Place::new(
            suite_installation::Column::Id,
            suite_installation::Column::CandidateSealed,
            SealedFor::Other("permanent_code"),
        ),
        Place::of(suite_invitation::Column::Id, suite_invitation::Column::QrSealed),
        Place::of(suite_invitation::Column::Id, suite_invitation::Column::AuthCodeSealed),
        Place::of(suite_push::Column::Id, suite_push::Column::AuthCodeSealed),
        Place::of(totp::Column::UserId, totp::Column::SecretSealed),
        Place::of(wecom_app::Column::Id, wecom_app::Column::SecretSealed),
        Place::of(wecom_suite::Column::Id, wecom_suite::Column::SecretSealed),
        Place::of(wecom_suite::Column::Id, wecom_suite::Column::TokenSealed),
        Place::of(wecom_suite::Column::Id, wecom_suite::Column::AesKeySealed),
        Place::of(wecom_suite::Column::Id, wecom_suite::Column::ProviderSecretSealed),
        Place::of(wecom_suite::Column::Id, wecom_suite::Column::TicketSealed),
    ]
}
