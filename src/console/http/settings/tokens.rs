//! API tokens: who may call the API, for what, and when they did last.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::console::http::{
    address::segment,
    choosing, days,
    field::{self, Choice, Field},
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    names::{self, Portal, Source},
    refused::{FieldFault, Problem, Refused},
    ticks::{Chosen, Offer, Ticks},
    visit::{Reply, Visit},
};

const FILTERS: [&str; 5] = ["q", "role", "state", "sort", "cursor"];
/// What of them is exported.
const EXPORTED: [&str; 3] = ["q", "role", "state"];
/// The roles, the least powerful first.
const ROLES: [&str; 6] = ["sync", "portal", "auditor", "operator", "admin", "owner"];

#[derive(Template)]
#[template(path = "console/settings/tokens.html")]
struct TokensPage {
    frame: Frame,
    search: String,
    role: String,
    state: String,
    sort: String,
    export: String,
    by_name: Head,
    by_creation: Head,
    tokens: Vec<Line>,
    next: Option<String>,
    roles: [&'static str; 6],
    fields: Fields,
    problem: Option<Problem>,
}

/// The fields of the form.
struct Fields {
    name: Field,
    role: Field,
    clients: Ticks,
    data_sources: Ticks,
    until: Field,
}

impl TokensPage {
    /// What is wrong and stands at no field.
    fn others(&self) -> Vec<&FieldFault> {
        let Some(problem) = &self.problem else {
            return Vec::new();
        };
        let fields = &self.fields;
        let shown = [
            &fields.name,
            &fields.role,
            &fields.clients.field,
            &fields.data_sources.field,
            &fields.until,
        ];
        field::others(problem, shown)
    }
}

/// The fields of the form, with what was entered and refused.
async fn fields(
    (visit, frame): (&Visit, &Frame),
    (form, problem): (Option<&Form>, Option<&Problem>),
) -> Result<Fields, Refused> {
    let text = |name: &str| form.and_then(|form| form.get(name)).unwrap_or_default().to_owned();
    let role = if form.is_some() {
        text("role")
    } else {
        "auditor".to_owned()
    };
    let given = ROLES.into_iter().filter(|word| *word != "owner" || frame.may("owner"));
    let roles = given.map(|word| Choice {
        value: word.to_owned(),
        label: format!(
            "{} · {}",
            frame.word("console-token-role", word),
            frame.word("console-role-for", word)
        ),
        chosen: word == role,
    });
    let chosen = |boxes: &str| form.map(|form| Chosen::sent(form, boxes)).unwrap_or_default();
    let portals = Offer::of(visit, "clients", chosen("clients")).await?;
    let sources = Offer::of(visit, "data-sources", chosen("data_sources")).await?;
    let of_portals = ("console-tokens-portals", "clients", "scope.clients");
    let of_sources = ("console-tokens-sources", "data_sources", "scope.data_sources");
    let name = Field::new(frame, "console-tokens-name", "name", "line").filled(&text("name"));
    Ok(Fields {
        name: name
            .needed()
            .hinted(frame.t("console-tokens-name-hint"))
            .judged(problem),
        role: Field::new(frame, "console-operators-role", "role", "choice")
            .among(roles.collect())
            .judged(problem),
        clients: portals.field(frame, of_portals, |_| None, problem),
        data_sources: sources.field(frame, of_sources, |_| None, problem),
        until: until_day(frame, &text("expires"), problem),
    })
}

#[derive(Template)]
#[template(path = "console/settings/token.html")]
pub(super) struct TokenPage {
    pub(super) frame: Frame,
    pub(super) name: String,
    /// Shown this once.
    pub(super) token: String,
    pub(super) back: &'static str,
}

#[derive(Template)]
#[template(path = "console/settings/token_revoke.html")]
struct RevokePage {
    frame: Frame,
    line: Line,
}

struct Line {
    token: Token,
    created: Moment,
    used: Option<Moment>,
    expires: Option<Moment>,
    /// `valid`, `expired`, `revoked`.
    state: &'static str,
    /// What it is limited to, by name, each with its page.
    scope: Vec<Reached>,
}

/// A portal or a data source that a token reaches.
struct Reached {
    name: String,
    address: String,
}

#[derive(Deserialize)]
struct Token {
    id: String,
    name: String,
    role: String,
    prefix: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
    scope: Option<Scope>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Scope {
    data_sources: Vec<String>,
    clients: Vec<String>,
}

#[derive(Deserialize)]
struct Created {
    name: String,
    token: String,
}

impl Line {
    fn new(visit: &Visit, (portals, sources): (&[Portal], &[Source]), token: Token) -> Self {
        let over = token.expires_at.is_some_and(|at| at <= visit.operator.now.millis());
        let state = match (token.revoked_at, over) {
            (Some(_), _) => "revoked",
            (None, true) => "expired",
            (None, false) => "valid",
        };
        let portal = |id: &String| Reached {
            name: names::portal_name(portals, id).to_owned(),
            address: format!("/console/portals/{}", segment(id)),
        };
        let source = |id: &String| Reached {
            name: names::source_name(sources, id).to_owned(),
            address: format!("/console/wecom/{}", segment(id)),
        };
        let scope = token.scope.as_ref();
        let sources = scope.into_iter().flat_map(|scope| &scope.data_sources).map(source);
        let portals = scope.into_iter().flat_map(|scope| &scope.clients).map(portal);
        let scope = sources.chain(portals).collect();
        Self {
            created: visit.moment(token.created_at),
            used: token.last_used_at.map(|at| visit.moment(at)),
            expires: token.expires_at.map(|at| visit.moment(at)),
            state,
            scope,
            token,
        }
    }
}

pub(super) async fn list(visit: Visit) -> Reply {
    let page = page(&visit, (None, None)).await?;
    Ok(visit.page(&page))
}

/// What these tokens reach, by name.
async fn reached(visit: &Visit, tokens: &[Token]) -> Result<(Vec<Portal>, Vec<Source>), Refused> {
    let scopes = || tokens.iter().filter_map(|token| token.scope.as_ref());
    let portals = scopes().flat_map(|scope| &scope.clients).map(String::as_str);
    let sources = scopes().flat_map(|scope| &scope.data_sources).map(String::as_str);
    Ok((
        names::portals_and(visit, portals).await?,
        names::sources_and(visit, sources).await?,
    ))
}

async fn page(visit: &Visit, (form, problem): (Option<&Form>, Option<&Problem>)) -> Result<TokensPage, Refused> {
    let tokens: Listing<Token> = visit.get(&visit.passing("api-tokens", &FILTERS)).await?;
    let (portals, sources) = reached(visit, &tokens.items).await?;
    let line = |token| Line::new(visit, (&portals, &sources), token);
    let frame = visit.frame("console-tokens-title", Some(Section::Settings));
    let tokens_shown = tokens.items.into_iter().map(line).collect();
    Ok(TokensPage {
        fields: fields((visit, &frame), (form, problem)).await?,
        problem: problem.cloned(),
        frame,
        search: visit.param("q").unwrap_or_default().to_owned(),
        role: visit.param("role").unwrap_or_default().to_owned(),
        state: visit.param("state").unwrap_or_default().to_owned(),
        sort: visit.param("sort").unwrap_or_default().to_owned(),
        export: visit.passing("/console/settings/tokens.csv", &EXPORTED),
        by_name: Head::of(visit, "name", "created_at"),
        by_creation: Head::of(visit, "-created_at", "created_at"),
        tokens: tokens_shown,
        next: visit.next(tokens.next_cursor),
        roles: ROLES,
    })
}

/// Exactly what the list shows.
pub(super) async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("api-tokens.csv", &EXPORTED)).await
}

/// The field of the last day, whose end is that of the viewer's zone.
pub(super) fn until_day(frame: &Frame, entered: &str, problem: Option<&Problem>) -> Field {
    let field = Field::new(frame, "console-tokens-expires-label", "expires", "day").filled(entered);
    let hint = frame.with("console-tokens-expires-zone", "zone", frame.zone());
    field.hinted(hint).judged_as("expires_at", problem)
}

/// The end of a day as a form has it, for a token; what is no day is handed on, and the API refuses it.
pub(super) fn expiry(visit: &Visit, form: &Form) -> Value {
    match form.get("expires") {
        None => Value::Null,
        Some(text) => days::end(visit, text, form.get("zone")).map_or_else(|| json!(text), |moment| json!(moment)),
    }
}

pub(super) async fn create(visit: Visit, form: Form) -> Reply {
    if choosing::looks(&form) {
        let page = page(&visit, (Some(&form), None)).await?;
        return Ok(visit.page(&page));
    }
    let mut body = json!({ "name": form.get("name"), "role": form.get("role"), "expires_at": expiry(&visit, &form) });
    let chosen = |name| form.all(name).filter(|value| !value.is_empty()).collect::<Vec<_>>();
    let scope = match form.get("role") {
        Some("sync") if !chosen("data_sources").is_empty() => Some(json!({ "data_sources": chosen("data_sources") })),
        Some("portal") => Some(json!({ "clients": chosen("clients") })),
        _ => None,
    };
    if let (Some(scope), Some(body)) = (scope, body.as_object_mut()) {
        body.insert("scope".to_owned(), scope);
    }
    match visit.make_once(&form, "api-tokens", Some(&body)).await {
        Ok(answer) => {
            let created: Created = visit.read(&answer)?;
            Ok(visit.page(&TokenPage {
                frame: visit.frame("console-token-title", Some(Section::Settings)),
                name: created.name,
                token: created.token,
                back: "/console/settings/tokens",
            }))
        }
        Err(refused) => {
            let page = page(&visit, (Some(&form), Some(refused.problem()))).await?;
            Ok(refused.on(&page))
        }
    }
}

pub(super) async fn before_revoke(visit: Visit, token: Path<String>) -> Reply {
    let token: Token = visit.get(&format!("api-tokens/{}", segment(&token))).await?;
    let (portals, sources) = reached(&visit, std::slice::from_ref(&token)).await?;
    Ok(visit.page(&RevokePage {
        frame: visit.frame("console-token-revoke-title", Some(Section::Settings)),
        line: Line::new(&visit, (&portals, &sources), token),
    }))
}

pub(super) async fn revoke(visit: Visit, token: Path<String>, _: Form) -> Reply {
    visit
        .send(Method::DELETE, &format!("api-tokens/{}", segment(&token)), None)
        .await?;
    Ok(see_other("/console/settings/tokens?done=revoked"))
}
