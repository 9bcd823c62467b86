//! Queries of offboarding reports.

use std::collections::{BTreeMap, HashMap};

use entity::{client, logout_delivery, offboarding, users_search};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

use super::model::{
    DeliveryLine, ReportFilter, ReportLine, ReportSummary, ReportView, Sent, SlowestDelivery, Unheard, count, portals,
};
use crate::{
    directory::{offboarding::model::RevokedGrant, record_problem, store::people_search::user_contains},
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    store::{Database, database::unreadable, keyset, pattern::contains},
};

pub(super) async fn list(
    database: &Database,
    filter: &ReportFilter,
    page: &SortedPage,
) -> Result<SortedListing<ReportLine>> {
    use offboarding::Column;
    let wanted = Condition::all()
        .add_option(filter.user.map(|id| Column::UserId.eq(id)))
        .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)))
        .add_option(filter.reason.map(|reason| Column::Reason.eq(reason.word())))
        .add_option(filter.search.as_deref().map(called))
        .add_option(
            filter
                .unheard
                .map(|unheard| Column::Id.in_subquery(unheard_by_a_portal(unheard))),
        )
        .add_option(filter.since.map(|since| Column::At.gte(since)))
        .add_option(filter.until.map(|until| Column::At.lt(until)));
    let select = offboarding::Entity::find().filter(wanted);
    let rows = keyset::sorted(database.reader(), select, (Column::Id, Column::Id), page).await?;
    let cut = page.cut_by_id(rows, |row| row.id);
    Ok(SortedListing {
        items: views(database, cut.items)
            .await?
            .into_iter()
            .map(|view| view.line)
            .collect(),
        next_cursor: cut.next_cursor,
    })
}

/// Whose username or userid contained this text, or whose name does.
fn called(text: &str) -> Condition {
    use offboarding::Column;
    let now = users_search::Entity::find()
        .select_only()
        .column(users_search::Column::Id)
        .filter(user_contains(text));
    Condition::any()
        .add(contains(Expr::col(Column::Username), text))
        .add(contains(Expr::col(Column::Userid), text))
        .add(Column::UserId.in_subquery(now.into_query()))
}

/// The reports with a logout like that.
fn unheard_by_a_portal(unheard: Unheard) -> SelectStatement {
    use logout_delivery::Column;
    logout_delivery::Entity::find()
        .select_only()
        .column(Column::OffboardingId)
        .filter(Column::OffboardingId.is_not_null())
        .filter(Column::State.is_in(unheard.states().iter().copied()))
        .into_query()
}

pub(super) async fn find(database: &Database, id: Uuid) -> Result<Option<ReportView>> {
    let row = offboarding::Entity::find_by_id(id).one(database.reader()).await?;
    let views = views(database, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}

pub(super) async fn summary(database: &Database, since: i64) -> Result<ReportSummary> {
    use logout_delivery::Column as Sent;
    let reader = database.reader();
    let people = offboarding::Entity::find()
        .select_only()
        .column(offboarding::Column::UserId)
        .distinct()
        .filter(offboarding::Column::At.gte(since))
        .filter(offboarding::Column::ReadmittedAt.is_null())
        .count(reader)
        .await?;
    let sent = || {
        let to_report = logout_delivery::Entity::belongs_to(offboarding::Entity)
            .from(Sent::OffboardingId)
            .to(offboarding::Column::Id);
        let sent = logout_delivery::Entity::find().select_only();
        sent.join(JoinType::InnerJoin, to_report.into())
            .filter(offboarding::Column::At.gte(since))
    };
    let states: Vec<(String, i64)> = sent()
        .column(Sent::State)
        .column_as(Sent::Id.count(), "many")
        .group_by(Sent::State)
        .into_tuple()
        .all(reader)
        .await?;
    let many = |wanted: &[&str]| {
        let found = states.iter().filter(|(state, _)| wanted.contains(&state.as_str()));
        u64::try_from(found.map(|(_, many)| *many).sum::<i64>()).unwrap_or_default()
    };
    Ok(ReportSummary {
        since,
        people,
        delivered: many(&["delivered"]),
        pending: many(&["pending"]),
        failed: many(&["failed", "abandoned"]),
        slowest: slowest(database, sent()).await?,
    })
}

/// The one of these deliveries that took longest.
async fn slowest(database: &Database, sent: Select<logout_delivery::Entity>) -> Result<Option<SlowestDelivery>, DbErr> {
    use logout_delivery::Column as Sent;
    let reader = database.reader();
    let lasted = Expr::cust("logout_delivery.delivered_at - logout_delivery.created_at");
    let slowest: Option<(Uuid, Uuid, String, Uuid, i64)> = sent
        .column(Sent::OffboardingId)
        .columns([offboarding::Column::UserId, offboarding::Column::Username])
        .column(Sent::ClientId)
        .column_as(lasted.clone(), "lasted")
        .filter(Sent::DeliveredAt.is_not_null())
        .order_by_desc(lasted)
        .into_tuple()
        .one(reader)
        .await?;
    Ok(match slowest {
        Some((offboarding_id, user_id, username, client, milliseconds)) => {
            let (client_id, client_name) = called_portal(database, client).await?.unzip();
            Some(SlowestDelivery {
                offboarding_id,
                user_id,
                username,
                client,
                client_id,
                client_name,
                milliseconds,
            })
        }
        None => None,
    })
}

/// `client_id` and name of a portal.
async fn called_portal(database: &Database, client: Uuid) -> Result<Option<(String, String)>, DbErr> {
    let name = client::Entity::find_by_id(client)
        .select_only()
        .columns([client::Column::ClientId, client::Column::Name]);
    name.into_tuple().one(database.reader()).await
}

async fn views(database: &Database, rows: Vec<offboarding::Model>) -> Result<Vec<ReportView>, DbErr> {
    let mut sent: HashMap<Uuid, Vec<Sent>> = HashMap::new();
    let deliveries = logout_delivery::Entity::find()
        .filter(logout_delivery::Column::OffboardingId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(logout_delivery::Column::Id)
        .all(database.reader())
        .await?;
    for row in deliveries {
        if let Some(report) = row.offboarding_id {
            sent.entry(report).or_default().push(delivery(row));
        }
    }
    let names: BTreeMap<Uuid, (String, String)> = client::Entity::find()
        .select_only()
        .columns([client::Column::Id, client::Column::ClientId, client::Column::Name])
        .into_tuple::<(Uuid, String, String)>()
        .all(database.reader())
        .await?
        .into_iter()
        .map(|(id, client_id, name)| (id, (client_id, name)))
        .collect();
    let views = rows.into_iter().map(|row| {
        let sent = sent.remove(&row.id).unwrap_or_default();
        view(row, sent, &names)
    });
    views.collect()
}

fn view(
    row: offboarding::Model,
    sent: Vec<Sent>,
    names: &BTreeMap<Uuid, (String, String)>,
) -> Result<ReportView, DbErr> {
    let grants: Vec<RevokedGrant> = serde_json::from_value(row.grants).map_err(|_| unreadable("offboarding.grants"))?;
    let sessions = serde_json::from_value(row.sessions).map_err(|_| unreadable("offboarding.sessions"))?;
    let portals = portals(&grants, sent, names);
    Ok(ReportView {
        line: ReportLine {
            id: row.id,
            at: row.at,
            user_id: row.user_id,
            username: row.username,
            userid: row.userid,
            member_id: row.member_id,
            data_source_id: row.data_source_id,
            reason: row.reason,
            learned_by: row.learned_by,
            evidence: row.evidence,
            app_id: row.app_id,
            user_disabled: row.user_disabled,
            readmitted_at: row.readmitted_at,
            portal_counts: count(&portals),
        },
        sessions,
        grants,
        portals,
    })
}

fn delivery(row: logout_delivery::Model) -> Sent {
    let line = DeliveryLine {
        problem: record_problem::of_delivery(&row.state, row.last_status, row.last_error.as_deref()),
        id: row.id,
        session_id: row.session_id,
        state: row.state,
        attempts: row.attempts,
        last_status: row.last_status,
        last_error: row.last_error,
        delivered_at: row.delivered_at,
    };
    (row.client_id, line)
}
