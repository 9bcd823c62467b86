//! One box for everything: a code from a chat opens its trace, an id its page, and any other text is looked for among people, members,
//! groups, portals and data sources.

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use futures_util::try_join;
use serde::{Deserialize, de::IgnoredAny};
use uuid::Uuid;

use super::{
    form::see_other,
    frame::Frame,
    listing::Listing,
    refused::Refused,
    visit::{Reply, Visit, with_query},
};
use crate::web::reference;

/// How many of each are shown.
const FEW: usize = 5;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/search", web::get().to(search));
}

#[derive(Template)]
#[template(path = "console/search/page.html")]
struct SearchPage {
    frame: Frame,
    search: String,
    /// A text in the shape of a code that is none of ours.
    code: Option<String>,
    groups: Vec<Group>,
}

/// What was found of one kind.
struct Group {
    /// Key of its heading.
    key: &'static str,
    found: Vec<Found>,
    /// Where all of them stand, if these are not all.
    more: Option<String>,
}

#[derive(Default)]
struct Found {
    name: String,
    beside: String,
    address: String,
    /// Row id, where it is a user.
    user: Option<String>,
    /// Data source and userid, where it is a member without a name.
    member: Option<(String, String)>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    userid: String,
    data_source_id: String,
    name: Option<String>,
    user_id: Option<String>,
}

#[derive(Deserialize)]
struct UserGroup {
    id: String,
    name: String,
    description: String,
}

#[derive(Deserialize)]
struct Client {
    id: String,
    client_id: String,
    name: String,
}

#[derive(Deserialize)]
struct Source {
    id: String,
    name: String,
    corp_id: String,
}

async fn search(visit: Visit) -> Reply {
    let search = visit.param("q").unwrap_or_default().trim().to_owned();
    let code = reference::typed(&search);
    if let Some(code) = &code {
        let known: Option<IgnoredAny> = visit.find(&format!("traces/{code}")).await?;
        if known.is_some() {
            return Ok(see_other(&format!("/console/refusals/{code}")));
        }
    }
    if let Ok(id) = Uuid::parse_str(&search)
        && let Some(address) = page_of(&visit, id).await?
    {
        return Ok(see_other(&address));
    }
    let groups = match search.is_empty() {
        true => Vec::new(),
        false => looked_for(&visit, &search).await?,
    };
    let frame = visit.frame("console-search", None);
    Ok(visit.page(&SearchPage {
        frame,
        // Many a name has eight letters: only what has a digit as well looks like a code.
        code: code.filter(|code| code.contains(|letter: char| letter.is_ascii_digit())),
        groups: groups.into_iter().filter(|group| !group.found.is_empty()).collect(),
        search,
    }))
}

/// The page of the thing that has this row id.
async fn page_of(visit: &Visit, id: Uuid) -> Result<Option<String>, Refused> {
    for (collection, section) in [
        ("users", "people"),
        ("groups", "people/groups"),
        ("clients", "portals"),
        ("sync-runs", "sync"),
        ("offboardings", "leaving"),
    ] {
        let known: Option<IgnoredAny> = visit.find(&format!("{collection}/{id}")).await?;
        if known.is_some() {
            return Ok(Some(format!("/console/{section}/{id}")));
        }
    }
    Ok(None)
}

async fn looked_for(visit: &Visit, search: &str) -> Result<Vec<Group>, Refused> {
    let limit = (FEW + 1).to_string();
    let path = |collection: &str| with_query(collection, [("q", search), ("limit", limit.as_str())]);
    let addresses = ["users", "members", "groups", "clients"].map(path);
    let [in_users, in_members, in_groups, in_clients] = &addresses;
    // Side by side: a word that nobody bears is looked for among all.
    let (users, members, user_groups, clients, sources) = try_join!(
        visit.get::<Listing<User>>(in_users),
        visit.get::<Listing<Member>>(in_members),
        visit.get::<Listing<UserGroup>>(in_groups),
        visit.get::<Listing<Client>>(in_clients),
        visit.get::<Listing<Source>>("data-sources?limit=200"),
    )?;
    let groups = [
        (
            "console-people",
            "/console/people",
            users.items.into_iter().map(of_user).collect::<Vec<_>>(),
        ),
        (
            "console-people-members",
            "/console/people/members",
            members.items.into_iter().map(of_member).collect(),
        ),
        (
            "console-people-groups",
            "/console/people/groups",
            user_groups.items.into_iter().map(of_group).collect(),
        ),
        (
            "console-portals",
            "/console/portals",
            clients.items.into_iter().map(of_client).collect(),
        ),
        (
            "console-search-sources",
            "/console/wecom",
            of_sources(sources.items, search),
        ),
    ];
    let groups = groups.into_iter().map(|(key, list, mut found)| {
        let more = (found.len() > FEW).then(|| with_query(list, [("q", search)]));
        found.truncate(FEW);
        Group { key, found, more }
    });
    Ok(groups.collect())
}

fn of_user(user: User) -> Found {
    Found {
        address: format!("/console/people/{}", user.id),
        name: user.display_name.unwrap_or_else(|| user.username.clone()),
        beside: user.username,
        user: Some(user.id),
        member: None,
    }
}

fn of_member(member: Member) -> Found {
    let userid = [("q", member.userid.as_str())];
    Found {
        address: match &member.user_id {
            Some(id) => format!("/console/people/{id}"),
            None => with_query("/console/people/members", userid),
        },
        member: match member.name {
            Some(_) => None,
            None => Some((member.data_source_id, member.userid.clone())),
        },
        name: member.name.unwrap_or_else(|| member.userid.clone()),
        beside: member.userid,
        user: None,
    }
}

fn of_group(group: UserGroup) -> Found {
    Found {
        address: format!("/console/people/groups/{}", group.id),
        name: group.name,
        beside: group.description,
        ..Found::default()
    }
}

fn of_client(client: Client) -> Found {
    Found {
        address: format!("/console/portals/{}", client.id),
        name: client.name,
        beside: client.client_id,
        ..Found::default()
    }
}

/// There are few data sources, and the API has no search among them.
fn of_sources(sources: Vec<Source>, search: &str) -> Vec<Found> {
    let wanted = search.to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&wanted);
    let fitting = sources
        .into_iter()
        .filter(|source| fits(&source.name) || fits(&source.corp_id));
    let found = fitting.map(|source| Found {
        address: format!("/console/wecom/{}", source.id),
        name: source.name,
        beside: source.corp_id,
        ..Found::default()
    });
    found.collect()
}
