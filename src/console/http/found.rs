//! What bears a name that somebody looks for, of each kind a few. A page of the search box shows it.

use futures_util::try_join;
use serde::Deserialize;

use super::{
    listing::Listing,
    refused::Refused,
    visit::{Visit, with_query},
};

/// How many of each are shown.
const FEW: usize = 5;

/// What was found of one kind.
pub(super) struct Group {
    /// Key of its heading.
    pub(super) key: &'static str,
    pub(super) found: Vec<Found>,
    /// Where all of them stand, if these are not all.
    pub(super) more: Option<String>,
}

#[derive(Default)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) beside: String,
    pub(super) address: String,
    /// Row id, where it is a user.
    pub(super) user: Option<String>,
    /// Data source and userid, where it is a member without a name.
    pub(super) member: Option<(String, String)>,
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

/// An app of WeCom.
#[derive(Deserialize)]
struct App {
    id: String,
    agent_id: i64,
    corp_id: String,
    name: String,
}

/// An app of the service provider.
#[derive(Deserialize)]
struct Suite {
    id: String,
    name: String,
    suite_id: String,
}

/// A company that installed an app of the service provider.
#[derive(Deserialize)]
struct Installation {
    id: String,
    corp_name: Option<String>,
    corp_id: String,
    app_name: Option<String>,
}

/// An access request.
#[derive(Deserialize)]
struct Request {
    id: String,
    data_source_id: String,
    userid: String,
    name: Option<String>,
}

/// A kind of things, by the key of its heading; the list in which all of them stand; and what was found.
type Kind = (&'static str, Option<&'static str>, Vec<Found>);

/// All that bears such a name, kind by kind.
///
/// # Errors
/// The problem that the API answered.
pub(super) async fn looked_for(visit: &Visit, search: &str) -> Result<Vec<Group>, Refused> {
    // Side by side: a word that nobody bears is looked for among all.
    let (sources, people, portals, apps) = try_join!(
        visit.get::<Listing<Source>>("data-sources?limit=200"),
        people(visit, search),
        portals(visit, search),
        apps(visit, search),
    )?;
    let (mut kinds, departments) = people;
    let departments = shown_departments(departments, &sources.items);
    let departments = departments.into_iter().map(of_department).collect();
    // Of departments there is no list but the tree.
    kinds.push(("console-members-departments", None, departments));
    kinds.extend(portals);
    let sources = of_sources(sources.items, search, "/console/wecom");
    kinds.push(("console-search-sources", Some("/console/wecom"), sources));
    kinds.extend(apps);
    let groups = kinds.into_iter().map(|(key, list, mut found)| {
        let parameter = if key == "console-requests" { "userid" } else { "q" };
        let list = list.filter(|_| found.len() > FEW);
        let more = list.map(|list| with_query(list, [(parameter, search)]));
        found.truncate(FEW);
        Group { key, found, more }
    });
    Ok(groups.collect())
}

/// People as users and as members, and departments.
async fn people(visit: &Visit, search: &str) -> Result<(Vec<Kind>, Vec<Department>), Refused> {
    let [in_users, in_members, in_departments] = ["users", "members", "departments"].map(|of| few_of(of, search));
    let (users, members, departments) = try_join!(
        visit.get::<Listing<User>>(&in_users),
        visit.get::<Listing<Member>>(&in_members),
        visit.get::<Listing<Department>>(&in_departments),
    )?;
    let users = users.items.into_iter().map(of_user).collect();
    let members = members.items.into_iter().map(of_member).collect();
    let kinds = vec![
        ("console-people", Some("/console/people"), users),
        ("console-people-members", Some("/console/people/members"), members),
    ];
    Ok((kinds, departments.items))
}

/// Groups and portals.
async fn portals(visit: &Visit, search: &str) -> Result<Vec<Kind>, Refused> {
    let [in_groups, in_clients] = ["groups", "clients"].map(|of| few_of(of, search));
    let (groups, clients) = try_join!(
        visit.get::<Listing<UserGroup>>(&in_groups),
        visit.get::<Listing<Client>>(&in_clients),
    )?;
    let groups = groups.items.into_iter().map(of_group).collect();
    let clients = clients.items.into_iter().map(of_client).collect();
    Ok(vec![
        ("console-people-groups", Some("/console/people/groups"), groups),
        ("console-portals", Some("/console/portals"), clients),
    ])
}

/// What connects companies, and access requests.
async fn apps(visit: &Visit, search: &str) -> Result<Vec<Kind>, Refused> {
    let few = (FEW + 1).to_string();
    let in_requests = with_query("access-requests", [("userid", search), ("limit", few.as_str())]);
    let in_installations = few_of("installations", search);
    let (auth_sources, apps, suites, installations, requests) = try_join!(
        visit.get::<Listing<Source>>("auth-sources?limit=200"),
        visit.get::<Listing<App>>("wecom-apps?limit=200"),
        visit.get::<Listing<Suite>>("suites?limit=200"),
        visit.get::<Listing<Installation>>(&in_installations),
        visit.get::<Listing<Request>>(&in_requests),
    )?;
    let auth_sources = of_sources(auth_sources.items, search, "/console/wecom/auth-sources");
    let installations = installations.items.into_iter().map(of_installation).collect();
    let requests = requests.items.into_iter().map(of_request).collect();
    let (wecom, every_request) = (Some("/console/wecom"), Some("/console/requests"));
    Ok(vec![
        ("console-auth-sources", wecom, auth_sources),
        ("console-search-apps", wecom, of_apps(apps.items, search)),
        (
            "console-suites",
            Some("/console/suites"),
            of_suites(suites.items, search),
        ),
        ("console-installations", Some("/console/installations"), installations),
        ("console-requests", every_request, requests),
    ])
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

/// Those with this name or AgentId; the API has no search among them.
fn of_apps(apps: Vec<App>, search: &str) -> Vec<Found> {
    let wanted = search.to_lowercase();
    let fits = |app: &App| app.name.to_lowercase().contains(&wanted) || app.agent_id.to_string() == wanted;
    let found = apps.into_iter().filter(fits).map(|app| Found {
        address: format!("/console/wecom/apps/{}", app.id),
        beside: format!("{} · {}", app.agent_id, app.corp_id),
        name: app.name,
        ..Found::default()
    });
    found.collect()
}

/// Those with this name or id of WeCom; the API has no search among them.
fn of_suites(suites: Vec<Suite>, search: &str) -> Vec<Found> {
    let wanted = search.to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&wanted);
    let fitting = suites
        .into_iter()
        .filter(|suite| fits(&suite.name) || fits(&suite.suite_id));
    let found = fitting.map(|suite| Found {
        address: format!("/console/suites/{}", suite.id),
        name: suite.name,
        beside: suite.suite_id,
        ..Found::default()
    });
    found.collect()
}

fn of_request(request: Request) -> Found {
    Found {
        address: format!("/console/requests/{}", request.id),
        member: match request.name {
            Some(_) => None,
            None => Some((request.data_source_id, request.userid.clone())),
        },
        name: request.name.unwrap_or_else(|| request.userid.clone()),
        beside: request.userid,
        user: None,
    }
}

fn of_installation(one: Installation) -> Found {
    Found {
        address: format!("/console/installations/{}", one.id),
        name: one.corp_name.unwrap_or(one.corp_id),
        beside: one.app_name.unwrap_or_default(),
        ..Found::default()
    }
}
