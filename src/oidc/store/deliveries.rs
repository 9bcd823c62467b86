//! Queries of the back-channel logout outbox. A row is leased by one conditional update before it is sent, and is due again by itself when
//! its sender dies.

use entity::{client, logout_delivery, oauth_grant};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{clients::client_of, handle::Store};
use crate::{
    audit::Record,
    directory::record_problem,
    kernel::{
        clock::Timestamp,
        sorting::{SortedListing, SortedPage},
    },
    oidc::{
        client::Client,
        logout::model::{Delivery, DeliveryAttempt, DeliveryFilter, DeliveryView, Due, State},
    },
    store::{AnyRow, keyset},
};

use logout_delivery::Column;

fn delivery_of(row: logout_delivery::Model) -> Delivery {
    Delivery {
        id: row.id,
        session: row.session_id,
        user: row.user_id,
        client: row.client_id,
        attempts: row.attempts,
        next_at: Timestamp::from_millis(row.next_at),
        deadline: Timestamp::from_millis(row.deadline),
    }
}

fn due(now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::State.eq(State::Pending.word()))
        .add(Column::NextAt.lte(now.millis()))
}

fn set(
    column: Column,
    value: impl Into<sea_orm::Value>,
    update: UpdateMany<logout_delivery::Entity>,
) -> UpdateMany<logout_delivery::Entity> {
    update.col_expr(column, Expr::value(value))
}

/// Whether a delivery is due.
pub(in crate::oidc) fn any_due(now: Timestamp) -> AnyRow {
    AnyRow::of(logout_delivery::Entity::find().filter(due(now)))
}

impl Store {
    /// Portals with due deliveries, the longest waiting first.
    pub(in crate::oidc) async fn portals_with_due(
        &self,
        now: Timestamp,
        of: Due,
        limit: usize,
    ) -> Result<Vec<Uuid>, DbErr> {
        let of = match of {
            Due::Besides(portals) => Column::ClientId.is_not_in(portals),
            Due::Among(portals) => Column::ClientId.is_in(portals),
        };
        logout_delivery::Entity::find()
            .select_only()
            .column(Column::ClientId)
            .filter(due(now))
            .filter(of)
            .group_by(Column::ClientId)
            .order_by_asc(Column::NextAt.min())
            .limit(u64::try_from(limit).unwrap_or(u64::MAX))
            .into_tuple()
            .all(self.database.reader())
            .await
    }

    /// Counts the deliveries that are pending.
    pub(in crate::oidc) async fn count_pending(&self) -> Result<u64, DbErr> {
        logout_delivery::Entity::find()
            .filter(Column::State.eq(State::Pending.word()))
            .count(self.database.reader())
            .await
    }

    /// Due deliveries of one portal, the oldest first.
    pub(in crate::oidc) async fn due_for(
        &self,
        client: Uuid,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Delivery>, DbErr> {
        let rows = logout_delivery::Entity::find()
            .filter(due(now))
            .filter(Column::ClientId.eq(client))
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(self.database.reader())
            .await?;
        Ok(rows.into_iter().map(delivery_of).collect())
    }

    /// Leases a due row for sending until `until`; false when another replica took it since it was read. The update names what was read, so
    /// of any number of replicas one changes the row.
    pub(in crate::oidc) async fn lease_delivery(&self, delivery: &Delivery, until: Timestamp) -> Result<bool, DbErr> {
        let update = logout_delivery::Entity::update_many();
        let update = set(Column::Attempts, delivery.attempts.saturating_add(1), update);
        let leased = set(Column::NextAt, until.millis(), update)
            .filter(Column::Id.eq(delivery.id))
            .filter(Column::State.eq(State::Pending.word()))
            .filter(Column::Attempts.eq(delivery.attempts))
            .filter(Column::NextAt.eq(delivery.next_at.millis()))
            .exec(self.database.writer())
            .await?;
        Ok(leased.rows_affected == 1)
    }

    /// Writes the result of a delivery attempt. A sender whose lease ran out changes nothing any more, unless the portal did accept it.
    pub(in crate::oidc) async fn note_try(
        &self,
        delivery: &Delivery,
        tried: &DeliveryAttempt,
        now: Timestamp,
        event: Option<Record>,
    ) -> Result<(), DbErr> {
        let transaction = self.database.begin().await?;
        let update = logout_delivery::Entity::update_many().filter(Column::Id.eq(delivery.id));
        let update = set(Column::LastStatus, tried.status, update);
        let update = set(Column::LastError, tried.error.clone(), update);
        let update = set(Column::State, tried.state.word(), update);
        let update = match tried.state {
            State::Delivered => set(Column::DeliveredAt, now.millis(), update),
            _ => set(Column::NextAt, tried.next_at.millis(), update)
                .filter(Column::State.eq(State::Pending.word()))
                .filter(Column::Attempts.eq(delivery.attempts.saturating_add(1))),
        };
        let written = update.exec(&transaction).await?;
        if let (1, Some(event)) = (written.rows_affected, event) {
            self.record(&transaction, now, event).await?;
        }
        transaction.commit().await
    }

    /// Makes a row due at once, with no attempts counted and a new deadline; false when it was delivered or is gone.
    pub(in crate::oidc) async fn retry_delivery(
        &self,
        id: Uuid,
        now: Timestamp,
        deadline: Timestamp,
    ) -> Result<bool, DbErr> {
        let update = logout_delivery::Entity::update_many().filter(Column::Id.eq(id));
        let update = set(Column::State, State::Pending.word(), update);
        let update = set(Column::Attempts, 0, update);
        let update = set(Column::NextAt, now.millis(), update);
        let again = set(Column::Deadline, deadline.millis(), update)
            .filter(Column::State.ne(State::Delivered.word()))
            .exec(self.database.writer())
            .await?;
        Ok(again.rows_affected == 1)
    }

    /// One row as the API shows it.
    pub(in crate::oidc) async fn find_delivery(&self, id: Uuid) -> Result<Option<DeliveryView>, DbErr> {
        let row = logout_delivery::Entity::find_by_id(id)
            .one(self.database.reader())
            .await?;
        let views = self.views(row.into_iter().collect()).await?;
        Ok(views.into_iter().next())
    }

    /// The wanted rows.
    pub(in crate::oidc) async fn list_deliveries(
        &self,
        filter: &DeliveryFilter,
        page: &SortedPage,
    ) -> Result<SortedListing<DeliveryView>, DbErr> {
        let wanted = Condition::all()
            .add_option(filter.client.map(|id| Column::ClientId.eq(id)))
            .add_option(filter.among.clone().map(|ids| Column::ClientId.is_in(ids)))
            .add_option(filter.session.map(|id| Column::SessionId.eq(id)))
            .add_option(filter.user.map(|id| Column::UserId.eq(id)))
            .add_option(filter.state.map(|state| Column::State.eq(state.word())));
        let select = logout_delivery::Entity::find().filter(wanted);
        let rows = keyset::sorted(self.database.reader(), select, (Column::Id, Column::Id), page).await?;
        let cut = page.cut_by_id(rows, |row| row.id);
        Ok(SortedListing {
            items: self.views(cut.items).await?,
            next_cursor: cut.next_cursor,
        })
    }

    async fn views(&self, rows: Vec<logout_delivery::Model>) -> Result<Vec<DeliveryView>, DbErr> {
        let names: Vec<(Uuid, String)> = client::Entity::find()
            .select_only()
            .column(client::Column::Id)
            .column(client::Column::ClientId)
            .filter(client::Column::Id.is_in(rows.iter().map(|row| row.client_id)))
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let name = |id: Uuid| {
            names
                .iter()
                .find(|(known, _)| *known == id)
                .map(|(_, name)| name.clone())
        };
        Ok(rows
            .into_iter()
            .map(|row| DeliveryView {
                problem: record_problem::of_delivery(&row.state, row.last_status, row.last_error.as_deref()),
                id: row.id,
                session_id: row.session_id,
                user_id: row.user_id,
                client: row.client_id,
                client_id: name(row.client_id),
                reason: row.reason,
                next_at: (row.state == State::Pending.word()).then_some(row.next_at),
                state: row.state,
                attempts: row.attempts,
                last_status: row.last_status,
                last_error: row.last_error,
                created_at: row.created_at,
                delivered_at: row.delivered_at,
            })
            .collect())
    }

    /// Sweeps settled rows created before `then`. Reads first, so that the one writer is not held for nothing.
    pub(in crate::oidc) async fn sweep_deliveries(&self, then: Timestamp) -> Result<(), DbErr> {
        let old = Condition::all()
            .add(Column::State.ne(State::Pending.word()))
            // What proves an offboarding stays as long as its report.
            .add(Column::OffboardingId.is_null())
            .add(Column::CreatedAt.lt(then.millis()));
        let oldest = logout_delivery::Entity::find()
            .order_by_asc(Column::Id)
            .filter(old.clone())
            .one(self.database.reader());
        if oldest.await?.is_some() {
            logout_delivery::Entity::delete_many()
                .filter(old)
                .exec(self.database.writer())
                .await?;
        }
        Ok(())
    }

    /// The sessions, each with its user, in which this client got something on a proof of this second.
    pub(in crate::oidc) async fn sessions_entered(
        &self,
        client: Uuid,
        auth_time: i64,
    ) -> Result<Vec<(Uuid, Uuid)>, DbErr> {
        let from = auth_time.saturating_mul(1000);
        oauth_grant::Entity::find()
            .select_only()
            .column(oauth_grant::Column::SessionId)
            .column(oauth_grant::Column::UserId)
            .distinct()
            .filter(oauth_grant::Column::ClientId.eq(client))
            .filter(oauth_grant::Column::AuthTime.between(from, from.saturating_add(999)))
            .into_tuple()
            .all(self.database.reader())
            .await
    }

    /// The portals that got grants in these sessions, each with the session.
    pub(in crate::oidc) async fn portals_entered(&self, sessions: &[Uuid]) -> Result<Vec<(Client, Uuid)>, DbErr> {
        let entered: Vec<(Uuid, Uuid)> = oauth_grant::Entity::find()
            .select_only()
            .column(oauth_grant::Column::ClientId)
            .column(oauth_grant::Column::SessionId)
            .distinct()
            .filter(oauth_grant::Column::SessionId.is_in(sessions.iter().copied()))
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let rows = client::Entity::find()
            .filter(client::Column::Id.is_in(entered.iter().map(|(client, _)| *client)))
            .order_by_asc(client::Column::Id)
            .all(self.database.reader())
            .await?;
        let mut portals = Vec::new();
        for row in rows {
            let client = client_of(row)?;
            let sessions = entered.iter().filter(|(id, _)| *id == client.id);
            portals.extend(sessions.map(|(_, session)| (client.clone(), *session)));
        }
        Ok(portals)
    }
}
