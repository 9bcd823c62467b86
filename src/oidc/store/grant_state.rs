//! Grant state (token liveness): the grant, session, person and portal behind an access token, read and cached.

use super::{grant_batches::LiveSession, handle::Store, model::Grant};
use crate::{
    directory::offboarding::model::EndReason,
    gate::facts::{Person, Standing},
    kernel::clock::Timestamp,
    oidc::{store::model::GrantState, terms::GrantTerms},
    store::{About, UniqueRow, database::unreadable},
};
use entity::{data_source, member, oauth_grant, session, users};
use futures_util::future::try_join;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, RelationDef};
use std::sync::Arc;
use uuid::Uuid;

/// A grant joined with its session, the member and their data source.
#[derive(FromQueryResult)]
struct Line {
    user_id: Uuid,
    client_id: Uuid,
    member_id: Option<Uuid>,
    terms: sea_orm::JsonValue,
    doubt: Option<String>,
    doubtful_identity: Option<String>,
    disabled_reason: Option<String>,
}

/// Of a doubt who somebody is: that they go on until an admin has decided.
const CONTINUE: &str = "continue";

fn to_source() -> RelationDef {
    member::Entity::belongs_to(data_source::Entity)
        .from(member::Column::DataSourceId)
        .to(data_source::Column::Id)
        .into()
}

impl Store {
    /// The grant state, unless the grant was revoked, its session ended, its person disabled, past their date or in doubt while that waits,
    /// its portal disabled, or their company deleted the app by which it is connected: of a large one the grants end batch by batch. A session that merely ran out does not end what was granted in it.
    pub(in crate::oidc) async fn find_grant_state(
        &self,
        grant: Uuid,
        now: Timestamp,
    ) -> Result<Option<Arc<GrantState>>, DbErr> {
        let load = || self.read_grant_state(grant);
        let found = self.caches.grant_states.get(&self.database, &grant, load).await?;
        Ok(found.filter(|state| state.person.is_within_access(now)))
    }

    /// Caches the state of a grant just written in a live session, so that its first use need not read it. `version` was taken before
    /// the write: after any change since, also the session's end, nobody takes it from the cache. The grant is written whether this succeeds or not.
    pub(super) async fn cache_grant_state(
        &self,
        version: Option<u64>,
        grant: &Grant,
        LiveSession { member, waits, .. }: LiveSession,
    ) {
        if version.is_none() || waits {
            return;
        }
        let terms = grant.terms.clone();
        if let Ok(Some(grant_state)) = self.assemble_grant_state(grant.user, grant.client, member, terms).await {
            self.caches.grant_states.insert(version, grant.id, grant_state);
        }
    }

    /// Reads the state. Person and portal are cached apart from the grant: one person has many grants, and a portal more.
    async fn read_grant_state(&self, grant: Uuid) -> Result<Option<GrantState>, DbErr> {
        let Some(line) = self.read_grant(grant).await? else {
            return Ok(None);
        };
        if line.doubt.is_some() && line.doubtful_identity.as_deref() != Some(CONTINUE) {
            return Ok(None);
        }
        if line.disabled_reason.as_deref() == Some(EndReason::InstallationCancelled.word()) {
            return Ok(None);
        }
        let terms = serde_json::from_value(line.terms).map_err(|_| unreadable("oauth_grant.terms"))?;
        self.assemble_grant_state(line.user_id, line.client_id, line.member_id, terms)
            .await
    }

    async fn assemble_grant_state(
        &self,
        user: Uuid,
        client: Uuid,
        member: Option<Uuid>,
        terms: GrantTerms,
    ) -> Result<Option<GrantState>, DbErr> {
        let found = try_join(self.find_person(user), self.find_client_by_id(client)).await?;
        let (Some(person), Some(client)) = found else {
            return Ok(None);
        };
        Ok(
            (person.standing == Standing::Active && client.enabled).then_some(GrantState {
                person,
                member,
                client,
                terms,
            }),
        )
    }

    async fn read_grant(&self, grant: Uuid) -> Result<Option<Line>, DbErr> {
        let to_session = oauth_grant::Entity::belongs_to(session::Entity)
            .from(oauth_grant::Column::SessionId)
            .to(session::Column::Id);
        let to_member = session::Entity::belongs_to(member::Entity)
            .from(session::Column::MemberId)
            .to(member::Column::Id);
        oauth_grant::Entity::find_by_id(grant)
            .join(JoinType::InnerJoin, to_session.into())
            .join(JoinType::LeftJoin, to_member.into())
            .join(JoinType::LeftJoin, to_source())
            .filter(oauth_grant::Column::RevokedAt.is_null())
            .filter(session::Column::EndedAt.is_null())
            .select_only()
            .columns([
                oauth_grant::Column::UserId,
                oauth_grant::Column::ClientId,
                oauth_grant::Column::Terms,
            ])
            .column(session::Column::MemberId)
            .column(member::Column::Doubt)
            .column(data_source::Column::DoubtfulIdentity)
            .column(data_source::Column::DisabledReason)
            .into_model::<Line>()
            .unique_row(self.database.reader())
            .await
    }

    /// The [version](crate::store::versions) of what is cached of a person, to be taken before they are read.
    pub(in crate::oidc) async fn version_of(&self, user: Uuid) -> Result<Option<u64>, DbErr> {
        self.database.version(About::Person(user)).await
    }

    /// Caches a person whom the gate has read since this version was taken, so that they need not be read again.
    pub(in crate::oidc) fn seed_person(&self, version: Option<u64>, person: &Person) {
        self.caches.people.seed(version, person.id, person.clone());
    }

    /// The user with this row id, whatever their standing.
    pub(in crate::oidc) async fn find_person(&self, user: Uuid) -> Result<Option<Arc<Person>>, DbErr> {
        let load = || async {
            let row = users::Entity::find_by_id(user)
                .unique_row(self.database.reader())
                .await?;
            row.map(Person::try_from).transpose()
        };
        self.caches.people.get(&self.database, &user, load).await
    }
}
