//! One box for everything: a code from a chat opens its trace, an id its page, and any other text is looked for among people, members, departments,
//! groups, portals, data sources and auth sources.

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
    config
        .route("/search", web::get().to(search))
        .route("/search/found", web::get().to(found));
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

/// The same below the search box, as one types: options of a list, no page.
#[derive(Template)]
#[template(path = "console/search/found.html")]
struct FoundList {
    frame: Frame,
    /// The page that the text leads to at once: a code's trace, or the thing with this id.
    at_once: Option<String>,
    search: String,
    groups: Vec<Group>,
    /// The page of all that was found.
    all: String,
}

/// What a text leads to.
enum Answer {
    /// A page: of the code or the id that it is.
    At(String),
    /// What bears such a name, which may be nothing.
    Named(Vec<Group>),
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

/// A data source or an auth source.
#[derive(Deserialize)]
struct Source {
    id: String,
    name: String,
    corp_id: String,
    /// Of a data source: the service provider's app by which the company is connected.
    #[serde(default)]
    suite_id: Option<String>,
}

#[derive(Deserialize)]
struct Department {
    id: String,
    data_source_id: String,
    name: String,
}

async fn search(visit: Visit) -> Reply {
    let search = typed(&visit);
    let groups = match answer(&visit, &search).await? {
        Answer::At(address) => return Ok(see_other(&address)),
        Answer::Named(groups) => groups,
    };
    Ok(visit.page(&SearchPage {
        frame: visit.frame("console-search", None),
        // Many a name has eight letters: only what has a digit as well looks like a code.
        code: reference::typed(&search).filter(|code| code.contains(|letter: char| letter.is_ascii_digit())),
        groups,
        search,
    }))
}

async fn found(visit: Visit) -> Reply {
    let search = typed(&visit);
    let (at_once, groups) = match answer(&visit, &search).await? {
        Answer::At(address) => (Some(address), Vec::new()),
        Answer::Named(groups) => (None, groups),
    };
    Ok(visit.page(&FoundList {
        frame: visit.frame("console-search", None),
        all: with_query("/console/search", [("q", search.as_str())]),
        at_once,
        search,
        groups,
    }))
}

/// What was typed.
fn typed(visit: &Visit) -> String {
    visit.param("q").unwrap_or_default().trim().to_owned()
}

async fn answer(visit: &Visit, search: &str) -> Result<Answer, Refused> {
    if let Some(code) = reference::typed(search) {
        let known: Option<IgnoredAny> = visit.find(&format!("traces/{code}")).await?;
        if known.is_some() {
            return Ok(Answer::At(format!("/console/refusals/{code}")));
        }
    }
    if let Ok(id) = Uuid::parse_str(search)
        && let Some(address) = page_of(visit, id).await?
    {
        return Ok(Answer::At(address));
    }
    if search.is_empty() {
        return Ok(Answer::Named(Vec::new()));
    }
    let mut groups = looked_for(visit, search).await?;
    groups.retain(|group| !group.found.is_empty());
    Ok(Answer::Named(groups))
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
    let addresses = ["users", "members", "departments", "groups", "clients"].map(|of| few_of(of, search));
    let [in_users, in_members, in_departments, in_groups, in_clients] = &addresses;
    // Side by side: a word that nobody bears is looked for among all.
    let (users, members, departments, user_groups, clients, sources, auth_sources) = try_join!(
        visit.get::<Listing<User>>(in_users),
        visit.get::<Listing<Member>>(in_members),
        visit.get::<Listing<Department>>(in_departments),
        visit.get::<Listing<UserGroup>>(in_groups),
        visit.get::<Listing<Client>>(in_clients),
        visit.get::<Listing<Source>>("data-sources?limit=200"),
        visit.get::<Listing<Source>>("auth-sources?limit=200"),
    )?;
    let departments = shown_departments(departments.items, &sources.items);
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
            "console-members-departments",
            "/console/people/members",
            departments.into_iter().map(of_department).collect(),
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
            of_sources(sources.items, search, "/console/wecom"),
        ),
        (
            "console-auth-sources",
            "/console/wecom",
            of_sources(auth_sources.items, search, "/console/wecom/auth-sources"),
        ),
    ];
    let groups = groups.into_iter().map(|(key, list, mut found)| {
        // Of departments there is no list but the tree.
        let listed = key != "console-members-departments";
        let more = (listed && found.len() > FEW).then(|| with_query(list, [("q", search)]));
        found.truncate(FEW);
        Group { key, found, more }
    });
    Ok(groups.collect())
}

/// Where the few that are shown of a collection are read, and one more, which says that there are others.
fn few_of(collection: &str, search: &str) -> String {
    with_query(collection, [("q", search), ("limit", (FEW + 1).to_string().as_str())])
}

/// The departments that may be found. How companies are organised that a service provider connects is seen by their members alone.
fn shown_departments(mut departments: Vec<Department>, sources: &[Source]) -> Vec<Department> {
    let by_suite = |id: &str| sources.iter().any(|one| one.suite_id.is_some() && one.id == id);
    departments.retain(|found| !by_suite(&found.data_source_id));
    departments
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

fn of_department(department: Department) -> Found {
    Found {
        address: with_query("/console/people/members", [("department", department.id.as_str())]),
        name: department.name,
        ..Found::default()
    }
}

/// There are few data sources and auth sources, and the API has no search among them. `below`: where their pages lie.
fn of_sources(sources: Vec<Source>, search: &str, below: &str) -> Vec<Found> {
    let wanted = search.to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&wanted);
    let fitting = sources
        .into_iter()
        .filter(|source| fits(&source.name) || fits(&source.corp_id));
    let found = fitting.map(|source| Found {
        address: format!("{below}/{}", source.id),
        name: source.name,
        beside: source.corp_id,
        ..Found::default()
    });
    found.collect()
}
