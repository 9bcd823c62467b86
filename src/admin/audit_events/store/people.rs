//! Queries of whom an audit filter names.

use entity::{data_source, member, users};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{admin::audit_events::model::Person, audit::actor, store::Database};

/// The person of this name: id of a user, username, or userid@corp, whichever fits. Of a user who was deleted the id still finds what was
/// written about them.
pub(in crate::admin::audit_events) async fn person(database: &Database, name: &str) -> Result<Person, DbErr> {
    let mut users = by_username(database, name).await?;
    // A username may look like an id.
    users.extend(Uuid::parse_str(name));
    let as_member = name.rsplit_once('@').map(|(userid, corp)| {
        Condition::all()
            .add(member::Column::UseridKey.eq(userid.to_lowercase()))
            .add(data_source::Column::CorpId.eq(corp))
    });
    let wanted = Condition::any()
        .add(member::Column::UserId.is_in(users.iter().copied()))
        .add_option(as_member);
    let to_source = member::Entity::belongs_to(data_source::Entity)
        .from(member::Column::DataSourceId)
        .to(data_source::Column::Id);
    let found = member::Entity::find()
        .select_only()
        .columns([member::Column::Id, member::Column::Userid, member::Column::UserId])
        .column(data_source::Column::CorpKey)
        .join(JoinType::InnerJoin, to_source.into())
        .filter(wanted)
        .into_tuple::<(Uuid, String, Option<Uuid>, String)>()
        .all(database.reader())
        .await?;
    let (mut members, mut actors) = (Vec::new(), Vec::new());
    for (id, userid, user, corp_key) in found {
        members.push(id);
        actors.push(actor::member(&corp_key, &userid));
        users.extend(user);
    }
    users.sort_unstable();
    users.dedup();
    Ok(Person { users, members, actors })
}

async fn by_username(database: &Database, name: &str) -> Result<Vec<Uuid>, DbErr> {
    users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(users::Column::UsernameKey.eq(name.to_lowercase()))
        .into_tuple()
        .all(database.reader())
        .await
}

/// The actors of this name: an actor as the log has it, or without a colon whoever is called so, and the API token of this name.
pub(in crate::admin::audit_events) async fn actors(database: &Database, name: &str) -> Result<Vec<String>, DbErr> {
    if name.contains(':') {
        return Ok(vec![name.to_owned()]);
    }
    let person = person(database, name).await?;
    let users = person.users.iter().map(|id| format!("user:{id}"));
    let words = [name.to_owned(), format!("token:{name}")];
    Ok(words.into_iter().chain(users).chain(person.actors).collect())
}
