//! Loads a part of the mirror: some members, and of the users those who can matter to their import. For what is decided about single
//! members, so that nobody waits for a hundred thousand rows.

use std::collections::HashSet;

use entity::{member, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};
use uuid::Uuid;

use super::{
    Stored,
    mirror::{member_row, user_row},
};
use crate::directory::{
    identity::evidence::address,
    importing::{
        decision::ImportDecision,
        template::UsernameTemplate,
    },
    sync::{
        mirror::{MemberRow, Mirror},
        snapshot::{Completeness, Snapshot, key},
        source::Source,
    },
};

/// Values per statement.
const BATCH: usize = 50;

/// Loads these members with what was decided about them, those who share an address or number with them, and the users who have their names,
/// addresses or numbers, or are named in a decision.
pub async fn load<C: ConnectionTrait>(
    connection: &C,
    source: &Source,
    decided: Vec<(Uuid, Option<ImportDecision>)>,
) -> Stored<Mirror> {
    let ids: Vec<Uuid> = decided.iter().map(|(id, _)| *id).collect();
    let wanted = member::Column::Id.is_in(ids.iter().copied());
    let mut members = members(connection, source, Condition::all().add(wanted)).await?;
    let template = UsernameTemplate::parse(&source.import.username_template).unwrap_or_else(UsernameTemplate::by_userid);
    let mut names = HashSet::new();
    let (mut emails, mut mobiles) = (HashSet::new(), HashSet::new());
    for row in &members {
        names.extend([key(&row.person.userid), key(&template.name_of(&row.person).username)]);
        emails.extend(row.person.profile.email.as_deref().and_then(address));
        mobiles.extend(row.person.profile.mobile.clone());
    }
    names.extend(decided.iter().filter_map(|(_, decided)| Some(key(decided.as_ref()?.username()?))));
    let mut found = Found::new(source);
    let linked: Vec<Uuid> = decided.iter().filter_map(|(_, decided)| decided.as_ref()?.user()).collect();
    let own = members.iter().filter_map(|row| row.user_id).chain(linked).collect();
    found.users(connection, by_ids(own)).await?;
    // Few: users with a console role, and those whose number was proven.
    found.users(connection, Condition::all().add(users::Column::ConsoleRole.is_not_null())).await?;
    found.users(connection, Condition::all().add(users::Column::PhoneVerified.eq(true))).await?;
    let names: Vec<String> = names.into_iter().collect();
    for batch in names.chunks(BATCH) {
        found.users(connection, named(batch, &source.corp_id)).await?;
    }
    let emails: Vec<String> = emails.into_iter().collect();
    for batch in emails.chunks(BATCH) {
        let same = Expr::expr(Func::lower(Expr::col(users::Column::Email))).is_in(batch.iter().cloned());
        let proven = Condition::all().add(users::Column::EmailVerified.eq(true)).add(same);
        found.users(connection, proven).await?;
    }
    let mut others: Vec<MemberRow> = Vec::new();
    for batch in emails.chunks(BATCH) {
        let same = Expr::expr(Func::lower(Expr::col(member::Column::Email))).is_in(batch.iter().cloned());
        others.extend(self::members(connection, source, present().add(same)).await?);
    }
    let mobiles: Vec<String> = mobiles.into_iter().collect();
    for batch in mobiles.chunks(BATCH) {
        let same = member::Column::Mobile.is_in(batch.iter().cloned());
        others.extend(self::members(connection, source, present().add(same)).await?);
    }
    let users: Vec<Uuid> = found.mirror.users.iter().map(|user| user.id).collect();
    for batch in users.chunks(BATCH) {
        let theirs = member::Column::UserId.is_in(batch.iter().copied());
        others.extend(self::members(connection, source, Condition::all().add(theirs)).await?);
    }
    let mut known: HashSet<Uuid> = ids.into_iter().collect();
    members.extend(others.into_iter().filter(|row| known.insert(row.id)));
    let decisions = decided.into_iter().filter_map(|(id, decided)| Some((id, decided?)));
    Ok(Mirror {
        members,
        decisions: decisions.collect(),
        ..found.mirror
    })
}

/// WeCom's view of these members as it was last: nobody else is seen, which proves nothing.
pub fn as_held(mirror: &Mirror) -> Snapshot {
    let present = mirror.members.iter().filter(|row| row.present);
    Snapshot {
        members: present.map(|row| (row.key.clone(), row.person.clone())).collect(),
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
                doubtful_continue: source.doubtful_continue,
                whole_corp: source.contacts_secret_sealed.is_some(),
                import: source.import.clone(),
                vouched_domains: source.vouched_domains.clone(),
                ..Mirror::default()
            },
            known: HashSet::new(),
        }
    }

    async fn users<C: ConnectionTrait>(&mut self, connection: &C, wanted: Condition) -> Stored<()> {
        for row in users::Entity::find().filter(wanted).all(connection).await? {
            if self.known.insert(row.id) {
                self.mirror.users.push(user_row(row, self.source));
            }
        }
        Ok(())
    }
}

fn present() -> Condition {
    Condition::all().add(member::Column::State.eq("present"))
}

fn by_ids(ids: Vec<Uuid>) -> Condition {
    Condition::all().add(users::Column::Id.is_in(ids))
}

/// Users of these names, of their numbered forms, and of those with the corp behind.
fn named(names: &[String], corp_id: &str) -> Condition {
    let column = users::Column::UsernameKey;
    let qualified = names.iter().map(|name| key(&format!("{name}@{corp_id}")));
    let exact = column.is_in(names.iter().cloned().chain(qualified));
    names.iter().fold(Condition::any().add(exact), |any, name| {
        let mut literal = String::with_capacity(name.len());
        for c in name.chars() {
            if matches!(c, '%' | '_' | '\\') {
                literal.push('\\');
            }
            literal.push(c);
        }
        any.add(column.like(LikeExpr::new(format!("{literal}-%")).escape('\\')))
    })
}

async fn members<C: ConnectionTrait>(connection: &C, source: &Source, wanted: Condition) -> Stored<Vec<MemberRow>> {
    let rows = member::Entity::find()
        .filter(member::Column::DataSourceId.eq(source.id))
        .filter(wanted)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| member_row(row, source)).collect()
}
