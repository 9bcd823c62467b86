//! Queries of the account page.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use entity::{auth_source, client, consent, oauth_grant, refresh_token, session};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::{kernel::clock::Timestamp, signin::store::ways_back::entered_at};

/// Most sessions shown; the others can still be ended together.
const MOST_SHOWN: u64 = 100;

/// A valid session.
pub(super) struct SessionRow {
    pub(super) id: Uuid,
    pub(super) auth_source: Option<String>,
    pub(super) amr: Vec<String>,
    pub(super) auth_time: i64,
    pub(super) last_seen: i64,
    pub(super) browser: Option<String>,
    pub(super) network: Option<String>,
}

/// A portal with an unrevoked grant or a consent.
pub(super) struct PortalRow {
    pub(super) id: Uuid,
    pub(super) name: String,
    /// Where a person enters it; none where it is switched off or has no pages.
    pub(super) address: Option<String>,
    /// What the person agreed to; none where nobody asked them.
    pub(super) agreed: Option<Vec<String>>,
    /// Scopes of the grants that still count.
    pub(super) granted: BTreeSet<String>,
    pub(super) since: i64,
    pub(super) used: i64,
}

/// Valid sessions (neither ended, expired nor idle too long), the last used first.
pub(super) async fn sessions(
    connection: &impl ConnectionTrait,
    user: Uuid,
    now: Timestamp,
    idle: Duration,
) -> Result<Vec<SessionRow>, DbErr> {
    let idle = i64::try_from(idle.as_millis()).unwrap_or(i64::MAX);
    let to_auth_source = session::Entity::belongs_to(auth_source::Entity)
        .from(session::Column::AuthSourceId)
        .to(auth_source::Column::Id);
    let rows = session::Entity::find()
        .join(JoinType::LeftJoin, to_auth_source.into())
        .select_also(auth_source::Entity)
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now.millis()))
        .filter(session::Column::LastSeenAt.gt(now.millis().saturating_sub(idle)))
        .order_by_desc(session::Column::LastSeenAt)
        .limit(MOST_SHOWN)
        .all(connection)
        .await?;
    let rows = rows.into_iter().map(|(row, auth_source)| SessionRow {
        id: row.id,
        auth_source: auth_source.map(|auth_source| auth_source.name),
        amr: row.amr.0,
        auth_time: row.auth_time,
        last_seen: row.last_seen_at,
        browser: row.browser,
        network: row.network,
    });
    Ok(rows.collect())
}

/// Every session that was not ended, expired or not.
pub(super) async fn not_ended(connection: &impl ConnectionTrait, user: Uuid) -> Result<Vec<Uuid>, DbErr> {
    session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::EndedAt.is_null())
        .into_tuple()
        .all(connection)
        .await
}

/// The user a session belongs to.
pub(super) async fn owner(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<Uuid>, DbErr> {
    let row = session::Entity::find_by_id(id).one(connection).await?;
    Ok(row.map(|row| row.user_id))
}

/// Portals with an unrevoked grant or a consent, by name.
pub(super) async fn portals(
    connection: &impl ConnectionTrait,
    user: Uuid,
    issuer: &str,
) -> Result<Vec<PortalRow>, DbErr> {
    let mut spans: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    let mut granted = granted(connection, user, &mut spans).await?;
    let to_token = oauth_grant::Entity::belongs_to(refresh_token::Entity)
        .from(oauth_grant::Column::Id)
        .to(refresh_token::Column::GrantId);
    let renewals = lock_live_sessions(user)
        .column(oauth_grant::Column::ClientId)
        .column_as(refresh_token::Column::CreatedAt.max(), "used")
        .join(JoinType::InnerJoin, to_token.into())
        .group_by(oauth_grant::Column::ClientId)
        .into_tuple::<(Uuid, i64)>()
        .all(connection)
        .await?;
    for (portal, used) in renewals {
        widen(&mut spans, portal, (used, used));
    }
    let consents = consent::Entity::find()
        .filter(consent::Column::UserId.eq(user))
        .all(connection)
        .await?;
    let mut agreed = BTreeMap::new();
    for row in consents {
        widen(&mut spans, row.client_id, (row.granted_at, row.granted_at));
        agreed.insert(row.client_id, row.scopes.0);
    }
    let portals = client::Entity::find()
        .filter(client::Column::Id.is_in(spans.keys().copied()))
        .order_by_asc(client::Column::Name)
        .all(connection)
        .await?;
    let rows = portals.into_iter().filter_map(|portal| {
        let (since, used) = *spans.get(&portal.id)?;
        Some(PortalRow {
            id: portal.id,
            address: entered_at(&portal, issuer),
            name: portal.name,
            agreed: agreed.remove(&portal.id),
            granted: granted.remove(&portal.id).unwrap_or_default(),
            since,
            used,
        })
    });
    Ok(rows.collect())
}

/// The scopes of the grants that still count, of each portal; the times of each widen its span.
async fn granted(
    connection: &impl ConnectionTrait,
    user: Uuid,
    spans: &mut BTreeMap<Uuid, (i64, i64)>,
) -> Result<BTreeMap<Uuid, BTreeSet<String>>, DbErr> {
    let mut granted: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    let grants = lock_live_sessions(user)
        .column(oauth_grant::Column::ClientId)
        .column(oauth_grant::Column::Scope)
        .column_as(oauth_grant::Column::CreatedAt.min(), "since")
        .column_as(oauth_grant::Column::CreatedAt.max(), "used")
        .group_by(oauth_grant::Column::ClientId)
        .group_by(oauth_grant::Column::Scope)
        .into_tuple::<(Uuid, String, i64, i64)>()
        .all(connection)
        .await?;
    for (portal, scope, since, used) in grants {
        widen(spans, portal, (since, used));
        let scopes = scope.split_ascii_whitespace().map(str::to_owned);
        granted.entry(portal).or_default().extend(scopes);
    }
    Ok(granted)
}

/// Selects the unrevoked grants of a user. Grants of a session that ended are revoked with it, so this is all that still counts.
fn lock_live_sessions(user: Uuid) -> Select<oauth_grant::Entity> {
    oauth_grant::Entity::find()
        .select_only()
        .filter(oauth_grant::Column::UserId.eq(user))
        .filter(oauth_grant::Column::RevokedAt.is_null())
}

fn widen(spans: &mut BTreeMap<Uuid, (i64, i64)>, portal: Uuid, (since, used): (i64, i64)) {
    let span = spans.entry(portal).or_insert((since, used));
    *span = (span.0.min(since), span.1.max(used));
}
