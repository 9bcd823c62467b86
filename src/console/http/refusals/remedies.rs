//! What would let somebody in at a portal, as *who can sign in* explains it.

use serde::Deserialize;

use crate::{
    audit::actor::as_member,
    console::http::{
        address::segment,
        checks::{Reason, Way},
        listing::Listing,
        refused::Refused,
        visit::{Visit, with_query},
    },
};

#[derive(Deserialize)]
struct Explanation {
    people: Vec<Explained>,
}

#[derive(Deserialize)]
struct Explained {
    display_name: Option<String>,
    name: Option<String>,
    username: Option<String>,
    userid: Option<String>,
    user_id: Option<String>,
    admitted: bool,
    no_way: Option<Reason>,
    ways: Vec<Way>,
}

/// Somebody, and what would let them in now.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) user_id: Option<String>,
    pub(super) admitted: bool,
    /// Why there is no way at all.
    pub(super) no_way: Option<Reason>,
    pub(super) ways: Vec<Way>,
}

#[derive(Deserialize)]
struct Source {
    id: String,
    /// `None`: connected by an app of its own.
    suite_id: Option<String>,
}

/// For whoever this user, member or actor of the audit log is; empty: nobody knows who it was, or they are gone.
pub(super) async fn of(
    visit: &Visit,
    client_id: &str,
    (user, member, actor): (Option<&str>, Option<&str>, Option<&str>),
) -> Result<Vec<Person>, Refused> {
    let mut asked = vec![("client_id", client_id.to_owned())];
    match (user, member, actor.and_then(as_member)) {
        (Some(user), ..) => asked.push(("user_id", user.to_owned())),
        (_, Some(member), _) => asked.push(("member_id", member.to_owned())),
        (.., Some(who)) => {
            let sources: Listing<Source> = visit
                .get(&format!("data-sources?corp_id={}", segment(who.corp_id)))
                .await?;
            let in_mode = |source: &Source| source.suite_id.as_deref() == who.suite;
            let Some(source) = sources.items.into_iter().find(in_mode) else {
                return Ok(Vec::new());
            };
            asked.extend([("data_source", source.id), ("userid", who.userid.to_owned())]);
        }
        _ => return Ok(Vec::new()),
    }
    let path = with_query(
        "access-checks",
        asked.iter().map(|(name, value)| (*name, value.as_str())),
    );
    let found: Option<Explanation> = visit.find(&path).await?;
    Ok(found
        .map(|found| found.people.into_iter().map(person).collect())
        .unwrap_or_default())
}

fn person(found: Explained) -> Person {
    let names = [found.display_name, found.name, found.username, found.userid];
    Person {
        name: names
            .into_iter()
            .flatten()
            .find(|name| !name.is_empty())
            .unwrap_or_default(),
        user_id: found.user_id,
        admitted: found.admitted,
        no_way: found.no_way,
        ways: found.ways,
    }
}
