//! Who has a console role, and by which ways they get in.

use actix_web::{
    http::{Method, StatusCode},
    web::Path,
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{self, Frame, Section},
    listing::Listing,
    moment::Moment,
    refused::{Problem, Refused},
    visit::{Reply, Visit, with_query},
};

const FILTERS: [&str; 2] = ["role", "cursor"];
/// The entity tag of nothing.
const CHANGED: &str = "\"changed\"";

#[derive(Template)]
#[template(path = "console/settings/operators.html")]
struct OperatorsPage {
    frame: Frame,
    operators: Vec<Operator>,
    next: Option<String>,
    /// What was typed and refused.
    sent: Option<Sent>,
    /// Browsers have passkeys here.
    passkeys: bool,
}

struct Sent {
    username: String,
    /// Nobody has this username.
    unknown: bool,
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "console/settings/operator_remove.html")]
struct RemovePage {
    frame: Frame,
    operator: Operator,
    /// Entity tag of what the page was made from.
    version: String,
}

#[derive(Template)]
#[template(path = "console/settings/link.html")]
struct LinkPage {
    frame: Frame,
    name: String,
    url: String,
    expires: Moment,
    totp: bool,
}

#[derive(Deserialize)]
struct Operator {
    user_id: String,
    username: String,
    display_name: Option<String>,
    role: String,
    status: String,
    password_set: bool,
    totp_set: bool,
    passkey_set: bool,
    data_source_id: Option<String>,
}

impl Operator {
    fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.username)
    }
}

#[derive(Deserialize)]
struct User {
    id: String,
}

#[derive(Deserialize)]
struct OneTimeLink {
    expires_at: i64,
    url: String,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let page = page(&visit, None).await?;
    Ok(visit.page(&page))
}

async fn page(visit: &Visit, sent: Option<Sent>) -> Result<OperatorsPage, Refused> {
    let operators: Listing<Operator> = visit.get(&visit.passing("operators", &FILTERS)).await?;
    Ok(OperatorsPage {
        frame: visit.frame("console-operators-title", Some(Section::Settings)),
        next: visit.next(operators.next_cursor),
        operators: operators.items,
        sent,
        passkeys: visit.passkeys,
    })
}

/// Gives somebody a role, by their username.
pub(super) async fn appoint(visit: Visit, form: Form) -> Reply {
    let username = form.get("username").unwrap_or_default().to_owned();
    let refused = match with_username(&visit, &username).await {
        Ok(Some(user)) => match give(&visit, &user, &form).await {
            Ok(()) => return Ok(see_other("/console/settings")),
            Err(refused) => Some(refused),
        },
        Ok(None) => None,
        Err(refused) => Some(refused),
    };
    let sent = Sent {
        username,
        unknown: refused.is_none(),
        problem: refused.as_ref().map(|refused| refused.problem().clone()),
    };
    let page = page(&visit, Some(sent)).await?;
    Ok(match refused {
        Some(refused) => refused.on(&page),
        None => frame::html(StatusCode::UNPROCESSABLE_ENTITY, &page),
    })
}

/// Id of whoever has this username.
async fn with_username(visit: &Visit, username: &str) -> Result<Option<String>, Refused> {
    if username.is_empty() {
        return Ok(None);
    }
    let users: Listing<User> = visit.get(&with_query("users", [("username", username)])).await?;
    Ok(users.items.into_iter().next().map(|user| user.id))
}

async fn give(visit: &Visit, user: &str, form: &Form) -> Result<(), Refused> {
    let role = json!({ "role": form.get("role") });
    let path = format!("operators/{}", segment(user));
    visit.send(Method::PUT, &path, Some(&role)).await.map(|_| ())
}

/// Gives another role to somebody of the list. A row has no entity tag: its form says which role it showed, and if they have another one by now it is
/// refused as every form of a stale page is.
pub(super) async fn role(visit: Visit, user: Path<String>, form: Form) -> Reply {
    let path = format!("operators/{}", segment(&user));
    let (now, tag): (Operator, String) = visit.versioned(&path).await?;
    let same = form.get("shown").is_none_or(|shown| shown == now.role);
    let version = if same { tag.as_str() } else { CHANGED };
    let role = json!({ "role": form.get("role") });
    visit.call((Method::PUT, &path), Some(&role), Some(version)).await?;
    Ok(see_other("/console/settings"))
}

async fn operator(visit: &Visit, user: &str) -> Result<Operator, Refused> {
    visit.get(&format!("operators/{}", segment(user))).await
}

pub(super) async fn before_remove(visit: Visit, user: Path<String>) -> Reply {
    let (operator, version) = visit.versioned(&format!("operators/{}", segment(&user))).await?;
    Ok(visit.page(&RemovePage {
        operator,
        version,
        frame: visit.frame("console-operators-remove-title", Some(Section::Settings)),
    }))
}

pub(super) async fn remove(visit: Visit, user: Path<String>, form: Form) -> Reply {
    visit.delete(&format!("operators/{}", segment(&user)), &form).await?;
    Ok(see_other("/console/settings"))
}

/// A one-time link for a password or for one-time codes, shown this once.
pub(super) async fn link(visit: Visit, user: Path<String>, form: Form) -> Reply {
    let totp = visit.deciding(&form, "kind", &["password", "totp"])? == "totp";
    let kind = if totp { "totp-link" } else { "password-link" };
    let name = operator(&visit, &user).await?.name().to_owned();
    let answer = visit
        .make_once(&form, &format!("users/{}/{kind}", segment(&user)), None)
        .await?;
    let link: OneTimeLink = visit.read(&answer)?;
    Ok(visit.page(&LinkPage {
        frame: visit.frame("console-link-title", Some(Section::Settings)),
        name,
        url: link.url,
        expires: visit.moment(link.expires_at),
        totp,
    }))
}
