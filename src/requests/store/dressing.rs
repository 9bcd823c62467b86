//! Rows of requests with what else is shown of them: names of data sources, portals, and of members where WeCom told them. A few queries, however
//! many rows.

use std::collections::HashMap;

use entity::{access_request, client, data_source, member};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::portals;
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    notices::{Topic, last_told},
    requests::{
        model::{AccessRequest, LINK_LIFETIME, Portal, subject},
        state::State,
    },
    store::{Database, database::unreadable},
    web::texts::Lang,
};

/// What a member looks like to us.
#[derive(Clone, Debug)]
pub(in crate::requests) struct Face {
    /// Name of their data source.
    pub(in crate::requests) source: String,
    /// Names their corp in its mode; `None`: the data source is gone.
    pub(in crate::requests) corp_key: Option<String>,
    /// Row id, where a sync has read them.
    pub(in crate::requests) member: Option<Uuid>,
    /// Their name, where WeCom told it.
    pub(in crate::requests) name: Option<String>,
}

/// What the member of this userid looks like.
pub(in crate::requests) async fn face(db: &Database, data_source: Uuid, userid: &str) -> Result<Face, DbErr> {
    let source: Option<Source> = data_source::Entity::find_by_id(data_source)
        .select_only()
        .columns([data_source::Column::Name, data_source::Column::CorpKey])
        .into_tuple()
        .one(db.reader())
        .await?;
    let (source, corp_key) = source.unzip();
    let known: Option<Known> = member::Entity::find()
        .select_only()
        .columns([member::Column::Id, member::Column::Name])
        .filter(member::Column::DataSourceId.eq(data_source))
        .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
        .filter(member::Column::State.eq("present"))
        .into_tuple()
        .one(db.reader())
        .await?;
    Ok(Face {
        source: source.unwrap_or_default(),
        corp_key,
        member: known.as_ref().map(|(id, _)| *id),
        name: known.and_then(|(_, name)| telling(name, userid)),
    })
}

/// What names the corp of a data source in its mode; `None`: the data source is gone.
pub(in crate::requests) async fn corp_key(db: &Database, data_source: Uuid) -> Result<Option<String>, DbErr> {
    data_source::Entity::find_by_id(data_source)
        .select_only()
        .column(data_source::Column::CorpKey)
        .into_tuple()
        .one(db.reader())
        .await
}

/// A name that says more than the userid.
fn telling(name: Option<String>, userid: &str) -> Option<String> {
    name.filter(|name| !name.is_empty() && name != userid)
}

/// Name of a data source, and of its corp in its mode.
type Source = (String, String);

/// Row id and name of a member.
type Known = (Uuid, Option<String>);

pub(super) async fn dressed(db: &Database, rows: Vec<access_request::Model>) -> Result<Vec<AccessRequest>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let sources = sources(db, &rows).await?;
    let portals = portals(db, &rows).await?;
    let members = members(db, &rows).await?;
    let told = told(db, &rows).await?;
    let dressed = rows.into_iter().map(|row| {
        let member = row.member_id.and_then(|id| members.get(&id)).cloned();
        let source = sources.get(&row.data_source_id).cloned();
        let portal = row.client_id.and_then(|id| portals.get(&id).cloned());
        let told = told.get(&subject(row.id)).copied();
        request(row, (member.flatten(), told), source, portal)
    });
    Ok(dressed.collect::<Result<_, DbErr>>()?)
}

fn request(
    row: access_request::Model,
    (name, told): (Option<String>, Option<Timestamp>),
    data_source: Option<Source>,
    portal: Option<Portal>,
) -> Result<AccessRequest, DbErr> {
    let (data_source_name, corp_key) = data_source.unzip();
    let decision = row.decision.map(serde_json::from_value).transpose();
    let link_expires_at = Timestamp::from_millis(row.link_expires_at);
    Ok(AccessRequest {
        state: State::of(&row.state).ok_or_else(|| unreadable("access_request.state"))?,
        decision: decision.map_err(|_| unreadable("access_request.decision"))?,
        name: telling(name, &row.userid),
        member: row.member_id,
        id: row.id,
        data_source: row.data_source_id,
        data_source_name: data_source_name.unwrap_or_default(),
        corp_key: corp_key.unwrap_or_else(|| row.corp_id.clone()),
        corp_id: row.corp_id,
        userid: row.userid,
        mode: row.mode,
        portal,
        reason: row.reason,
        created_at: Timestamp::from_millis(row.created_at),
        expires_at: Timestamp::from_millis(row.expires_at),
        decided_at: row.decided_at.map(Timestamp::from_millis),
        decided_by: row.decided_by,
        refusal_reason: row.refusal_reason,
        reason_shown: row.reason_shown,
        user: row.user_id,
        // Its day begins anew when the last of those who are sent it has it: neither quiet hours nor an outage eat it.
        link_expires_at: told.map_or(link_expires_at, |at| link_expires_at.max(at.plus(LINK_LIFETIME))),
        lang: row.language.as_deref().and_then(Lang::of_tag),
        version: row.version,
    })
}

/// When approvers were told last of those that are open.
async fn told(db: &Database, rows: &[access_request::Model]) -> Result<HashMap<String, Timestamp>, DbErr> {
    let open = rows.iter().filter(|row| row.state == State::Open.word());
    let subjects: Vec<String> = open.map(|row| subject(row.id)).collect();
    last_told(db, Topic::AccessRequested, &subjects).await
}

async fn sources(db: &Database, rows: &[access_request::Model]) -> Result<HashMap<Uuid, Source>, DbErr> {
    let found: Vec<(Uuid, String, String)> = data_source::Entity::find()
        .select_only()
        .columns([
            data_source::Column::Id,
            data_source::Column::Name,
            data_source::Column::CorpKey,
        ])
        .filter(data_source::Column::Id.is_in(rows.iter().map(|row| row.data_source_id)))
        .into_tuple()
        .all(db.reader())
        .await?;
    let found = found.into_iter().map(|(id, name, corp_key)| (id, (name, corp_key)));
    Ok(found.collect())
}

async fn portals(db: &Database, rows: &[access_request::Model]) -> Result<HashMap<Uuid, Portal>, DbErr> {
    let found = client::Entity::find()
        .filter(client::Column::Id.is_in(rows.iter().filter_map(|row| row.client_id)))
        .all(db.reader())
        .await?;
    Ok(found.into_iter().map(|row| (row.id, portals::of(row))).collect())
}

/// Names of those who asked. Whoever has the userid now may be somebody else.
async fn members(db: &Database, rows: &[access_request::Model]) -> Result<HashMap<Uuid, Option<String>>, DbErr> {
    let found: Vec<Known> = member::Entity::find()
        .select_only()
        .columns([member::Column::Id, member::Column::Name])
        .filter(member::Column::Id.is_in(rows.iter().filter_map(|row| row.member_id)))
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(found.into_iter().collect())
}
