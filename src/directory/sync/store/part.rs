//! Loads a part of the mirror: some members, and of the users those who can matter to their import. For what is decided about single
//! members, so that nobody waits for a hundred thousand rows.

use std::{collections::HashSet, sync::Arc};

use entity::{member, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Func, IntoColumnRef, LikeExpr},
};
use uuid::Uuid;

use super::{Stored, rows};
use crate::directory::{
    identity::contact_forms::address,
    importing::{decision::ImportDecision, template::UsernameTemplate},
    sync::{
        mirror::{MemberRow, Mirror, UserRow},
        snapshot::{Completeness, Snapshot, key},
        source::Source,
    },
};
use crate::store::pattern::literal;

/// Values per statement.
const BATCH: usize = 50;

/// Loads these members with what was decided about them, those who share an address, a number or a name with them, and the users who have
/// their names, addresses or numbers, or are named in a decision.
pub async fn load<C: ConnectionTrait>(
    connection: &C,
    source: &Source,
    decided: Vec<(Uuid, Option<ImportDecision>)>,
) -> Stored<Mirror> {
    let ids: Vec<Uuid> = decided.iter().map(|(id, _)| *id).collect();
    let wanted = member::Column::Id.is_in(ids.iter().copied());
    let mut members = members(connection, source, Condition::all().add(wanted)).await?;
    let clues = Clues::of(source, &members, &decided);
    let mut found = Found::new(source);
    found.by_clues(connection, &clues).await?;
    let others = others(connection, source, &clues, &found.mirror.users).await?;
    let mut known: HashSet<Uuid> = ids.into_iter().collect();
    members.extend(others.into_iter().filter(|row| known.insert(row.id)));
    let decisions = decided.into_iter().filter_map(|(id, decided)| Some((id, decided?)));
    Ok(Mirror {
        members,
        decisions: decisions.collect(),
        ..found.mirror
    })
}

/// By what those who matter are found.
struct Clues {
    users: Vec<Uuid>,
    names: Vec<String>,
    emails: Vec<String>,
    mobiles: Vec<String>,
}

impl Clues {
    fn of(source: &Source, members: &[MemberRow], decided: &[(Uuid, Option<ImportDecision>)]) -> Self {
        let template = UsernameTemplate::parse(&source.import.username_template);
        let template = template.unwrap_or_else(UsernameTemplate::by_userid);
        let mut names = HashSet::new();
        let (mut emails, mut mobiles) = (HashSet::new(), HashSet::new());
        for row in members {
            names.extend([key(&row.person.userid), key(&template.name_of(&row.person).username)]);
            emails.extend(row.person.profile.email.as_deref().and_then(address));
            mobiles.extend(row.person.profile.mobile.clone());
        }
        let decisions = || decided.iter().filter_map(|(_, decided)| decided.as_ref());
        names.extend(decisions().filter_map(|decided| Some(key(decided.username()?))));
        let linked = decisions().filter_map(ImportDecision::user);
        Self {
            users: members.iter().filter_map(|row| row.user_id).chain(linked).collect(),
            names: names.into_iter().collect(),
            emails: emails.into_iter().collect(),
            mobiles: mobiles.into_iter().collect(),
        }
    }
}

/// Members who share an address or number, those who are one of these users, and those whose userid is one of their names.
async fn others<C: ConnectionTrait>(
    connection: &C,
    source: &Source,
    clues: &Clues,
    users: &[UserRow],
) -> Stored<Vec<MemberRow>> {
    let mut found = Vec::new();
    for batch in clues.emails.chunks(BATCH) {
        let same = lower(member::Column::Email).is_in(batch.iter().cloned());
        found.extend(members(connection, source, present().add(same)).await?);
    }
    for batch in clues.mobiles.chunks(BATCH) {
        let same = member::Column::Mobile.is_in(batch.iter().cloned());
        found.extend(members(connection, source, present().add(same)).await?);
    }
    for batch in users.chunks(BATCH) {
        let theirs = member::Column::UserId.is_in(batch.iter().map(|user| user.id));
        let named = member::Column::UseridKey.is_in(batch.iter().map(|user| user.username_key.clone()));
        let wanted = Condition::any().add(theirs).add(present().add(named));
        found.extend(members(connection, source, wanted).await?);
    }
    Ok(found)
}

/// A column in lower case, as addresses are compared.
fn lower<T: IntoColumnRef>(column: T) -> Expr {
    Expr::expr(Func::lower(Expr::col(column)))
}

/// WeCom's view of these members as it was last: nobody else is seen, which proves nothing.
pub fn as_held(mirror: &Mirror) -> Snapshot {
    let present = mirror.members.iter().filter(|row| row.present);
    Snapshot {
        members: present
            .map(|row| (row.key.clone(), Arc::new(row.person.clone())))
            .collect(),
        completeness: Completeness::Partial {
            reasons: vec!["single members".to_owned()],
        },
        ..Snapshot::default()
    }
}

struct Found<'a> {
    source: &'a Source,
    mirror: Mirror,
    known: HashSet<Uuid>,
}

impl<'a> Found<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            mirror: Mirror {
                data_source_id: source.id,
                corp_id: source.corp_id.clone(),
                corp_key: source.corp_key.clone(),
                doubtful_continue: source.doubtful_continue,
                whole_corp: source.contacts_secret_sealed.is_some(),
                import: source.import.clone(),
                vouched_domains: source.vouched_domains.clone(),
                ..Mirror::default()
            },
            known: HashSet::new(),
        }
    }

    async fn by_clues<C: ConnectionTrait>(&mut self, connection: &C, clues: &Clues) -> Stored<()> {
        let own = users::Column::Id.is_in(clues.users.iter().copied());
        self.users(connection, Condition::all().add(own)).await?;
        // Few: users with a console role, and those whose number was proven.
        let console = users::Column::ConsoleRole.is_not_null();
        self.users(connection, Condition::all().add(console)).await?;
        // As the index of them has it.
        let proven = Expr::cust("users.phone_verified");
        self.users(connection, Condition::all().add(proven)).await?;
        for batch in clues.names.chunks(BATCH) {
            self.users(
                connection,
                named(connection.get_database_backend(), batch, &self.source.corp_id),
            )
            .await?;
        }
        for batch in clues.emails.chunks(BATCH) {
            let same = lower(users::Column::Email).is_in(batch.iter().cloned());
            let proven = Condition::all().add(users::Column::EmailVerified.eq(true)).add(same);
            self.users(connection, proven).await?;
        }
        Ok(())
    }

    async fn users<C: ConnectionTrait>(&mut self, connection: &C, wanted: Condition) -> Stored<()> {
        for row in rows::users(connection, users::Entity::find().filter(wanted), self.source).await? {
            if self.known.insert(row.id) {
                self.mirror.users.push(row);
            }
        }
        Ok(())
    }
}

fn present() -> Condition {
    Condition::all().add(member::Column::State.eq("present"))
}

/// Users of these names, of their numbered forms, and of those with the corp behind.
fn named(backend: DbBackend, names: &[String], corp_id: &str) -> Condition {
    let column = users::Column::UsernameKey;
    let qualified = names.iter().map(|name| key(&format!("{name}@{corp_id}")));
    let exact = column.is_in(names.iter().cloned().chain(qualified));
    names
        .iter()
        .fold(Condition::any().add(exact), |any, name| match backend {
            DbBackend::Postgres => any.add(column.like(LikeExpr::new(format!("{}-%", literal(name))).escape('\\'))),
            // SQLite looks up a span of its index, but no beginning. The dot follows the hyphen.
            _ => any.add(column.gte(format!("{name}-")).and(column.lt(format!("{name}.")))),
        })
}

async fn members<C: ConnectionTrait>(connection: &C, source: &Source, wanted: Condition) -> Stored<Vec<MemberRow>> {
    let selected = member::Entity::find()
        .filter(member::Column::DataSourceId.eq(source.id))
        .filter(wanted);
    rows::members(connection, selected, source).await
}
