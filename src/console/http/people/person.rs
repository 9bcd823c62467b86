//! A person: who they are, and which portals stand open for them.

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::user::{self, Member, User};
use crate::{
    console::http::{
        checks::{Reason, Remedy, Way},
        frame::{Frame, Section},
        listing::Listing,
        moment::Moment,
        named::{Named, Names},
        names,
        visit::{Reply, Visit, with_query},
    },
    kernel::calendar,
};

/// Fields in the order of the page; those of `profile` that there are follow.
const FIELDS: [&str; 6] = ["username", "display_name", "email", "phone_number", "locale", "picture"];
/// What the page can say was done just now.
const DONE: [&str; 7] = [
    "saved",
    "enabled",
    "disabled",
    "signed-out",
    "appointed",
    "dismissed",
    "ended",
];

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/people/{id}", web::get().to(person));
}

#[derive(Template)]
#[template(path = "console/people/person.html")]
struct PersonPage {
    frame: Frame,
    tab: &'static str,
    user: User,
    done: Option<String>,
    source: Option<String>,
    /// The groups in which they are.
    groups: Vec<Named>,
    /// The last day of access.
    until: Option<String>,
    created: Moment,
    fields: Vec<Field>,
    members: Vec<MemberLine>,
    open: Vec<Portal>,
    closed: Vec<ClosedPortal>,
    more: bool,
}

struct Field {
    place: String,
    value: Option<String>,
    verified: bool,
    origin: Option<user::Origin>,
    /// Who typed it in.
    by: Option<String>,
    at: Option<Moment>,
}

struct MemberLine {
    member: Member,
    source: Option<String>,
    checked: Moment,
}

/// A portal that is closed, with the way that is nearest to open.
struct ClosedPortal {
    portal: Portal,
    /// Why; where there are no remedies of single checks, with the remedy.
    reason: Option<Reason>,
    remedies: Vec<Remedy>,
}

#[derive(Clone, Deserialize)]
struct Portal {
    client: String,
    name: String,
    admitted: bool,
    no_way: Option<Reason>,
    ways: Vec<Way>,
}

impl ClosedPortal {
    fn of(portal: Portal) -> Self {
        let nearest = portal.ways.iter().min_by_key(|way| way.would_let_in.len());
        let (reason, remedies) = match nearest {
            Some(way) => (way.refusal.clone(), way.would_let_in.clone()),
            None => (portal.no_way.clone(), Vec::new()),
        };
        Self {
            portal,
            reason,
            remedies,
        }
    }
}

async fn person(visit: Visit, id: web::Path<String>) -> Reply {
    let user = user::read(&visit, &id).await?;
    let portals: Listing<Portal> = visit
        .get(&format!("{}/access-checks?limit=200&sort=name", user::path(&user.id)))
        .await?;
    let sources: Names = visit.get("data-sources?limit=200").await?;
    let groups = with_query(
        "groups",
        [("user", user.id.as_str()), ("sort", "name"), ("limit", "200")],
    );
    let groups: Names = visit.get(&groups).await?;
    let name = |id: &str| sources.of(id).map(str::to_owned);
    let (open, closed): (Vec<Portal>, Vec<Portal>) = portals.items.into_iter().partition(|portal| portal.admitted);
    let done = visit
        .param("done")
        .filter(|word| DONE.contains(word))
        .map(str::to_owned);
    let frame = visit.frame("console-people-title", Some(Section::People));
    let typists = user.sources.values().filter_map(|origin| origin.actor.as_deref());
    let typists = names::actors(&visit, typists).await;
    Ok(visit.page(&PersonPage {
        tab: "person",
        done,
        source: user.data_source_id.as_deref().and_then(name),
        groups: groups.items,
        until: user.access_until.map(calendar::until),
        created: visit.moment(user.created_at),
        fields: fields(&visit, &user, |actor| names::who(&frame, &typists, actor)),
        members: user
            .members
            .iter()
            .map(|member| MemberLine {
                source: name(&member.data_source_id),
                checked: visit.moment(member.checked_at),
                member: member.clone(),
            })
            .collect(),
        open,
        closed: closed.into_iter().map(ClosedPortal::of).collect(),
        more: portals.next_cursor.is_some(),
        frame: frame.titled(user.name()),
        user,
    }))
}

fn fields(visit: &Visit, user: &User, called: impl Fn(&str) -> String) -> Vec<Field> {
    let claims = user.profile.keys().map(|name| format!("profile.{name}"));
    let emptied = user
        .sources
        .keys()
        .filter(|place| place.starts_with("profile."))
        .cloned();
    let mut places: Vec<String> = FIELDS.map(str::to_owned).into_iter().chain(claims).collect();
    for place in emptied {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let field = |place: String| {
        let origin = user.sources.get(&place).cloned();
        Field {
            value: user.field(&place),
            verified: match place.as_str() {
                "email" => user.email_verified,
                "phone_number" => user.phone_verified,
                _ => false,
            },
            by: origin.as_ref().and_then(|origin| origin.actor.as_deref()).map(&called),
            at: origin.as_ref().and_then(|origin| origin.at).map(|at| visit.moment(at)),
            origin,
            place,
        }
    };
    let fields = places.into_iter().map(field);
    fields
        .filter(|field| field.value.is_some() || field.origin.is_some())
        .collect()
}
