//! Queries of contacts: reads what a sync has written.

use std::collections::HashMap;

use entity::{department, member, tag};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};
use uuid::Uuid;

use super::model::{DepartmentView, MemberFilter, MemberView, TagView};
use crate::{
    directory::{freshness::checked_at, record_problem, store::members_confirmed},
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
    store::{Database, keyset, pattern::literal},
};

pub(super) async fn members(database: &Database, filter: &MemberFilter, page: Page) -> Result<Listing<MemberView>> {
    let wanted = Condition::all()
        .add_option(filter.data_source.map(|id| member::Column::DataSourceId.eq(id)))
        .add_option(
            filter
                .outcome
                .as_ref()
                .map(|word| member::Column::ImportOutcome.eq(word)),
        )
        .add_option(filter.search.as_deref().map(matching));
    let select = member::Entity::find().filter(wanted);
    let rows = keyset::oldest_first(database.reader(), select, member::Column::Id, page).await?;
    let confirmed = members_confirmed::all(database.reader()).await?;
    Ok(Listing::cut(rows, page, |row| row.id).map(|row| member_view(row, &confirmed)))
}

/// Condition: userid, name or e-mail address contains this text.
fn matching(search: &str) -> Condition {
    let literal = literal(&search.to_lowercase());
    let contains = |column: member::Column| {
        let pattern = LikeExpr::new(format!("%{literal}%")).escape('\\');
        Expr::expr(Func::lower(Expr::col((member::Entity, column)))).like(pattern)
    };
    Condition::any()
        .add(contains(member::Column::UseridKey))
        .add(contains(member::Column::Name))
        .add(contains(member::Column::Email))
}

pub(super) async fn member(database: &Database, id: Uuid) -> Result<Option<MemberView>> {
    let row = member::Entity::find_by_id(id).one(database.reader()).await?;
    let confirmed = members_confirmed::all(database.reader()).await?;
    Ok(row.map(|row| member_view(row, &confirmed)))
}

fn member_view(row: member::Model, confirmed: &HashMap<Uuid, i64>) -> MemberView {
    let everybody = confirmed.get(&row.data_source_id).copied();
    MemberView {
        problem: record_problem::of_member(&row.import_outcome, row.import_reason.as_deref(), row.doubt.is_some()),
        checked_at: checked_at(row.checked_at, row.state == "present", everybody),
        id: row.id,
        data_source_id: row.data_source_id,
        userid: row.userid,
        name: row.name,
        alias: row.alias,
        position: row.position,
        email: row.email,
        mobile: row.mobile,
        avatar: row.avatar,
        main_department: row.main_department,
        departments: row.departments.0,
        status: row.status,
        state: row.state,
        departed_at: row.departed_at,
        user_id: row.user_id,
        import_outcome: row.import_outcome,
        import_reason: row.import_reason,
    }
}

pub(super) async fn departments(
    database: &Database,
    source: Option<Uuid>,
    page: Page,
) -> Result<Listing<DepartmentView>> {
    let wanted = Condition::all().add_option(source.map(|id| department::Column::DataSourceId.eq(id)));
    let select = department::Entity::find().filter(wanted);
    let rows = keyset::oldest_first(database.reader(), select, department::Column::Id, page).await?;
    Ok(Listing::cut(rows, page, |row| row.id).map(department_view))
}

pub(super) async fn department(database: &Database, id: Uuid) -> Result<Option<DepartmentView>> {
    let row = department::Entity::find_by_id(id).one(database.reader()).await?;
    Ok(row.map(department_view))
}

fn department_view(row: department::Model) -> DepartmentView {
    DepartmentView {
        id: row.id,
        data_source_id: row.data_source_id,
        wecom_id: row.wecom_id,
        parent_wecom_id: row.parent_wecom_id,
        name: row.name,
        order: row.sort_order,
        path: row.path,
        updated_at: row.updated_at,
    }
}

pub(super) async fn tags(database: &Database, source: Option<Uuid>, page: Page) -> Result<Listing<TagView>> {
    let wanted = Condition::all().add_option(source.map(|id| tag::Column::DataSourceId.eq(id)));
    let select = tag::Entity::find().filter(wanted);
    let rows = keyset::oldest_first(database.reader(), select, tag::Column::Id, page).await?;
    Ok(Listing::cut(rows, page, |row| row.id).map(|row| TagView {
        id: row.id,
        data_source_id: row.data_source_id,
        wecom_id: row.wecom_id,
        name: row.name,
        updated_at: row.updated_at,
    }))
}
