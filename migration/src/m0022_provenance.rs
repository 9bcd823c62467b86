//! Where the values of users came from, and which an admin pinned. Written once for SQLite and PostgreSQL; never edited after a release.

use std::collections::HashMap;

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, FromQueryResult, JsonValue, Statement, prelude::Uuid},
};

use crate::table::{add_json, add_text_null, drop_column};

/// Users per statement.
const PAGE: u64 = 1000;

/// Provenance, which the origin of addresses becomes a part of.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_json(manager, "users", "provenance").await?;
        let mut last = Uuid::nil();
        loop {
            let page = page(manager, last).await?;
            let Some(end) = page.last() else { break };
            last = end.id;
            write(manager, &page).await?;
        }
        drop_column(manager, "users", "email_origin").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_text_null(manager, "users", "email_origin").await?;
        drop_column(manager, "users", "provenance").await
    }
}

/// A user, and what WeCom gave last of the member they are.
#[derive(FromQueryResult)]
struct Held {
    id: Uuid,
    data_source_id: Option<Uuid>,
    corp_id: Option<String>,
    email: Option<String>,
    email_origin: Option<String>,
    display_name: Option<String>,
    phone_number: Option<String>,
    picture: Option<String>,
    nickname: Option<String>,
    gender: Option<String>,
    name: Option<String>,
    mobile: Option<String>,
    avatar: Option<String>,
    alias: Option<String>,
    wecom_gender: Option<String>,
}

async fn page(manager: &SchemaManager<'_>, after: Uuid) -> Result<Vec<Held>, DbErr> {
    let connection = manager.get_connection();
    let (users, member) = (Alias::new("users"), Alias::new("member"));
    let mut select = Query::select();
    for column in [
        "id",
        "data_source_id",
        "corp_id",
        "email",
        "email_origin",
        "display_name",
        "phone_number",
        "picture",
        "nickname",
        "gender",
    ] {
        select.column((users.clone(), Alias::new(column)));
    }
    for (column, name) in [
        ("name", "name"),
        ("mobile", "mobile"),
        ("avatar", "avatar"),
        ("alias", "alias"),
        ("gender", "wecom_gender"),
    ] {
        select.expr_as(Expr::col((member.clone(), Alias::new(column))), Alias::new(name));
    }
    let linked = |column: &'static str| {
        let theirs = Expr::col((member.clone(), Alias::new(column)));
        theirs.equals((
            users.clone(),
            Alias::new(if column == "user_id" { "id" } else { column }),
        ))
    };
    let present = Expr::col((member.clone(), Alias::new("state"))).eq("present");
    select
        .from(users.clone())
        .left_join(
            member.clone(),
            Condition::all()
                .add(linked("user_id"))
                .add(linked("data_source_id"))
                .add(present),
        )
        .and_where(Expr::col((users.clone(), Alias::new("id"))).gt(after))
        .order_by((users, Alias::new("id")), Order::Asc)
        .limit(PAGE);
    let statement: Statement = connection.get_database_backend().build(&select);
    Held::find_by_statement(statement).all(connection).await
}

/// Writes the provenance of these users; those with the same one share a statement.
async fn write(manager: &SchemaManager<'_>, page: &[Held]) -> Result<(), DbErr> {
    let mut alike: HashMap<JsonValue, Vec<Uuid>> = HashMap::new();
    for held in page {
        alike.entry(provenance(held)).or_default().push(held.id);
    }
    for (document, ids) in alike {
        let update = Query::update()
            .table(Alias::new("users"))
            .value(Alias::new("provenance"), document)
            .and_where(Expr::col(Alias::new("id")).is_in(ids))
            .to_owned();
        manager.get_connection().execute(&update).await?;
    }
    Ok(())
}

/// What is known: WeCom's is what equals WeCom's; who never was any corp's has what was typed in. The rest is of unknown origin.
fn provenance(held: &Held) -> JsonValue {
    let wecoms = [
        ("display_name", &held.display_name, &held.name),
        ("phone_number", &held.phone_number, &held.mobile),
        ("picture", &held.picture, &held.avatar),
        ("profile.nickname", &held.nickname, &held.alias),
        ("profile.gender", &held.gender, &held.wecom_gender),
    ];
    let mut came = Vec::new();
    if held.corp_id.is_none() && held.data_source_id.is_none() {
        let typed = wecoms.into_iter().map(|(field, value, _)| (field, value));
        let typed = typed
            .chain([("email", &held.email)])
            .filter(|(_, value)| value.is_some());
        let origin = object([("from", "admin".into()), ("actor", JsonValue::Null)]);
        came.extend(together(origin, typed.map(|(field, _)| field).collect()));
    } else {
        let same = wecoms
            .into_iter()
            .filter(|(_, value, given)| value.is_some() && value == given);
        let mut fields: Vec<&str> = same.map(|(field, ..)| field).collect();
        match held.email_origin.as_deref() {
            Some("wecom") => fields.push("email"),
            Some("template") => came.extend(together(object([("from", "template".into())]), vec!["email"])),
            _ => {}
        }
        let source = held.data_source_id.map_or(JsonValue::Null, |id| id.to_string().into());
        came.extend(together(
            object([("from", "wecom".into()), ("data_source_id", source)]),
            fields,
        ));
    }
    object([("edits", 0.into()), ("came", came.into())])
}

fn together(origin: JsonValue, mut fields: Vec<&str>) -> Option<JsonValue> {
    fields.sort_unstable();
    let fields: JsonValue = fields.into();
    let some = fields.as_array().is_some_and(|fields| !fields.is_empty());
    some.then(|| object([("origin", origin), ("at", JsonValue::Null), ("fields", fields)]))
}

fn object<const N: usize>(members: [(&str, JsonValue); N]) -> JsonValue {
    members.into_iter().collect()
}
