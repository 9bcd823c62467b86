//! Queries of contacts: reads what a sync has written.

use std::collections::HashMap;

use entity::{department, member, member_search, tag};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::model::{DepartmentPlace, DepartmentView, MemberFilter, MemberView, NamedFilter, TagView};
use crate::{
    directory::{
        freshness::checked_at,
        record_problem,
        store::{
            members_confirmed,
            people_search::{member_contains, member_is_in, of_member},
        },
    },
    kernel::{
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, keyset, pattern::contains},
};

pub(super) async fn members(
    database: &Database,
    filter: &MemberFilter,
    page: &SortedPage,
) -> Result<SortedListing<MemberView>> {
    use member::Column;
    let reader = database.reader();
    let wanted = match filter.search.is_some() || filter.department.is_some() {
        false => Condition::all()
            .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)))
            .add_option(filter.state.as_ref().map(|word| Column::State.eq(word)))
            .add_option(of_row(filter)),
        true => {
            let found = member_search::Entity::find()
                .filter(looked_for(database, filter).await?)
                .filter(Condition::all().add_option(of_row(filter).map(of_member)));
            let ids = keyset::ids(found, member_search::Column::Id, page);
            Condition::all().add(Column::Id.in_subquery(ids))
        }
    };
    let select = member::Entity::find().filter(wanted);
    let rows = keyset::sorted(reader, select, (Column::Id, Column::UseridKey), page).await?;
    let confirmed = members_confirmed::all(database.reader()).await?;
    let cut = page.cut(rows, |row, by| {
        let value = match by {
            "userid" => SortValue::Text(row.userid_key.clone()),
            _ => SortValue::Id,
        };
        Position { value, id: row.id }
    });
    Ok(cut.map(|row| member_view(row, &confirmed)))
}

/// What a filter asks that the narrow table tells.
async fn looked_for(database: &Database, filter: &MemberFilter) -> Result<Condition> {
    use member_search::Column;
    let in_department = match filter.department {
        Some(id) => Some(in_department(database, id).await?),
        None => None,
    };
    Ok(Condition::all()
        .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)))
        .add_option(filter.state.as_ref().map(|word| Column::State.eq(word)))
        .add_option(in_department)
        .add_option(filter.search.as_deref().map(member_contains)))
}

/// What a filter asks that only a member's own row tells.
fn of_row(filter: &MemberFilter) -> Option<Condition> {
    let outcome = filter.outcome.as_ref()?;
    Some(Condition::all().add(member::Column::ImportOutcome.eq(outcome)))
}

/// Whether a member is in this department.
async fn in_department(database: &Database, id: Uuid) -> Result<Condition> {
    let found = department::Entity::find_by_id(id).one(database.reader()).await?;
    let Some(found) = found else {
        return Ok(Condition::all().add(Expr::value(false)));
    };
    Ok(Condition::all()
        .add(member_search::Column::DataSourceId.eq(found.data_source_id))
        .add(member_is_in(found.wecom_id)))
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
    (filter, place): (&NamedFilter, Option<DepartmentPlace>),
    page: &SortedPage,
) -> Result<SortedListing<DepartmentView>> {
    use department::Column;
    let at_place = match place {
        Some(place) => Some(at(database, place).await?),
        None => None,
    };
    let wanted = Condition::all()
        .add_option(at_place)
        .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)))
        .add_option(
            filter
                .search
                .as_deref()
                .map(|text| contains(Column::Name.into_expr(), text)),
        );
    let by = match page.sort.by {
        "name" => Column::Name,
        _ => Column::WecomId,
    };
    let select = department::Entity::find().filter(wanted);
    let rows = keyset::sorted(database.reader(), select, (Column::Id, by), page).await?;
    let cut = page.cut(rows, |row, by| named(by, row.id, &row.name, row.wecom_id));
    Ok(cut.map(department_view))
}

/// Whether a department lies there.
async fn at(database: &Database, place: DepartmentPlace) -> Result<Condition> {
    use department::Column;
    let (id, is_lineage) = match place {
        // The path of a department begins with the topmost one above it that is known.
        DepartmentPlace::Top => return Ok(Condition::all().add(Column::Path.not_like("/%/%/"))),
        DepartmentPlace::Below(id) => (id, false),
        DepartmentPlace::Lineage(id) => (id, true),
    };
    let found = department::Entity::find_by_id(id).one(database.reader()).await?;
    let Some(found) = found else {
        return Ok(Condition::all().add(Expr::value(false)));
    };
    let lies_there = match is_lineage {
        true => Column::WecomId.is_in(found.path.split('/').filter_map(|id| id.parse::<i64>().ok())),
        false => Column::ParentWecomId.eq(found.wecom_id),
    };
    Ok(Condition::all()
        .add(Column::DataSourceId.eq(found.data_source_id))
        .add(lies_there))
}

fn named(by: &'static str, id: Uuid, name: &str, wecom_id: i64) -> Position {
    let value = match by {
        "name" => SortValue::Text(name.to_owned()),
        "wecom_id" => SortValue::Number(wecom_id),
        _ => SortValue::Id,
    };
    Position { value, id }
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

pub(super) async fn tags(
    database: &Database,
    filter: &NamedFilter,
    page: &SortedPage,
) -> Result<SortedListing<TagView>> {
    use tag::Column;
    let wanted = Condition::all()
        .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)))
        .add_option(
            filter
                .search
                .as_deref()
                .map(|text| contains(Column::Name.into_expr(), text)),
        );
    let by = match page.sort.by {
        "name" => Column::Name,
        _ => Column::WecomId,
    };
    let select = tag::Entity::find().filter(wanted);
    let rows = keyset::sorted(database.reader(), select, (Column::Id, by), page).await?;
    let cut = page.cut(rows, |row, by| named(by, row.id, &row.name, row.wecom_id));
    Ok(cut.map(|row| TagView {
        id: row.id,
        data_source_id: row.data_source_id,
        wecom_id: row.wecom_id,
        name: row.name,
        updated_at: row.updated_at,
    }))
}
