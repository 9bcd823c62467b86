//! API tokens: who may call the API, for what, and when they did last.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::console::http::{
    address::segment,
    days,
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    names::{self, Portal, Source},
    refused::{Problem, Refused},
    visit::{Reply, Visit},
};

const FILTERS: [&str; 4] = ["role", "state", "sort", "cursor"];
/// The roles, the least powerful first.
const ROLES: [&str; 6] = ["sync", "portal", "auditor", "operator", "admin", "owner"];

#[derive(Template)]
#[template(path = "console/settings/tokens.html")]
struct TokensPage {
    frame: Frame,
    state: String,
    sort: String,
    by_name: Head,
    by_creation: Head,
    tokens: Vec<Line>,
    next: Option<String>,
    roles: [&'static str; 6],
    portals: Vec<Portal>,
    sources: Vec<Source>,
    sent: Option<Sent>,
}

/// What was typed and refused.
struct Sent {
    name: String,
    role: String,
    expires: String,
    problem: Problem,
}

impl TokensPage {
    fn problem(&self) -> Option<&Problem> {
        self.sent.as_ref().map(|sent| &sent.problem)
    }

    /// Whether this role was chosen, or is the one to begin with.
    fn is_role(&self, role: &str) -> bool {
        self.sent.as_ref().map_or("auditor", |sent| &sent.role) == role
    }
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
    /// What it is limited to.
    scope: String,
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
    scope: Option<Value>,
}

#[derive(Deserialize)]
struct Created {
    name: String,
    token: String,
}

impl Line {
    fn new(visit: &Visit, token: Token) -> Self {
        let over = token.expires_at.is_some_and(|at| at <= visit.operator.now.millis());
        let state = match (token.revoked_at, over) {
            (Some(_), _) => "revoked",
            (None, true) => "expired",
            (None, false) => "valid",
        };
        let scope = token.scope.as_ref().and_then(Value::as_object);
        let limited = scope
            .into_iter()
            .flat_map(Map::values)
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_str);
        Self {
            created: visit.moment(token.created_at),
            used: token.last_used_at.map(|at| visit.moment(at)),
            expires: token.expires_at.map(|at| visit.moment(at)),
            state,
            scope: limited.collect::<Vec<_>>().join(", "),
            token,
        }
    }
}

pub(super) async fn list(visit: Visit) -> Reply {
    let page = page(&visit, None).await?;
    Ok(visit.page(&page))
}

async fn page(visit: &Visit, sent: Option<Sent>) -> Result<TokensPage, Refused> {
    let tokens: Listing<Token> = visit.get(&visit.passing("api-tokens", &FILTERS)).await?;
    Ok(TokensPage {
        frame: visit.frame("console-tokens-title", Some(Section::Settings)),
        state: visit.param("state").unwrap_or_default().to_owned(),
        sort: visit.param("sort").unwrap_or_default().to_owned(),
        by_name: Head::of(visit, "name", "created_at"),
        by_creation: Head::of(visit, "-created_at", "created_at"),
        tokens: tokens.items.into_iter().map(|token| Line::new(visit, token)).collect(),
        next: visit.next(tokens.next_cursor),
        roles: ROLES,
        portals: names::portals(visit).await?,
        sources: names::sources(visit).await?,
        sent,
    })
}

/// The end of a day as a form has it, for a token; what is no day is handed on, and the API refuses it.
pub(super) fn expiry(form: &Form) -> Value {
    match form.get("expires") {
        None => Value::Null,
        Some(text) => days::end(text, form.get("zone")).map_or_else(|| json!(text), |moment| json!(moment)),
    }
}

pub(super) async fn create(visit: Visit, form: Form) -> Reply {
    let mut body = json!({ "name": form.get("name"), "role": form.get("role"), "expires_at": expiry(&form) });
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
        Err(refused) => again(&visit, &form, &refused).await,
    }
}

async fn again(visit: &Visit, form: &Form, refused: &Refused) -> Reply {
    let text = |name| form.get(name).unwrap_or_default().to_owned();
    let sent = Sent {
        name: text("name"),
        role: text("role"),
        expires: text("expires"),
        problem: refused.problem().clone(),
    };
    let page = page(visit, Some(sent)).await?;
    Ok(refused.on(&page))
}

pub(super) async fn before_revoke(visit: Visit, token: Path<String>) -> Reply {
    let token: Token = visit.get(&format!("api-tokens/{}", segment(&token))).await?;
    Ok(visit.page(&RevokePage {
        frame: visit.frame("console-token-revoke-title", Some(Section::Settings)),
        line: Line::new(&visit, token),
    }))
}

pub(super) async fn revoke(visit: Visit, token: Path<String>, _: Form) -> Reply {
    visit
        .send(Method::DELETE, &format!("api-tokens/{}", segment(&token)), None)
        .await?;
    Ok(see_other("/console/settings/tokens"))
}
