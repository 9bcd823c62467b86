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
    field::{self, Choice, Field},
    form::{Form, see_other},
    frame::{self, Frame, Section},
    listing::Listing,
    moment::Moment,
    refused::{FieldFault, Problem, Refused},
    visit::{Reply, Visit, with_query},
};

const FILTERS: [&str; 3] = ["q", "role", "cursor"];
/// What of them is exported.
const EXPORTED: [&str; 2] = ["q", "role"];
/// The roles of the console, the least powerful first.
const ROLES: [&str; 4] = ["auditor", "operator", "admin", "owner"];
/// The entity tag of nothing.
const CHANGED: &str = "\"changed\"";

#[derive(Template)]
#[template(path = "console/settings/operators.html")]
struct OperatorsPage {
    frame: Frame,
    search: String,
    role: String,
    export: String,
    operators: Vec<Operator>,
    next: Option<String>,
    fields: [Field; 2],
    problem: Option<Problem>,
    /// Whoever was to be appointed and has a role already.
    appointed: Option<Operator>,
    /// Browsers have passkeys here.
    passkeys: bool,
}

/// What was entered and not done.
struct Sent {
    username: String,
    role: String,
    fault: Fault,
}

/// Why somebody was not appointed.
enum Fault {
    /// Nobody has this username.
    Nobody,
    /// Whoever has it has a role already.
    Appointed(Box<Operator>),
    /// The API refused it.
    Refused(Box<Refused>),
}

impl OperatorsPage {
    /// What is wrong and stands at no field.
    fn others(&self) -> Vec<&FieldFault> {
        let problem = self.problem.as_ref();
        problem.map_or_else(Vec::new, |problem| field::others(problem, &self.fields))
    }
}

/// The fields of the form, with what was entered and not done.
fn fields(frame: &Frame, sent: Option<&Sent>) -> [Field; 2] {
    let problem = match sent.map(|sent| &sent.fault) {
        Some(Fault::Refused(refused)) => Some(refused.problem()),
        _ => None,
    };
    let username = Field::new(frame, "console-username", "username", "line").needed();
    let username = username.filled(sent.map_or("", |sent| &sent.username)).judged(problem);
    let username = match sent.map(|sent| &sent.fault) {
        Some(Fault::Nobody) => username.faulty(frame, "console-operators-unknown"),
        Some(Fault::Appointed(_)) => username.faulty(frame, "console-operators-appointed-already"),
        _ => username,
    };
    let chosen = sent.map_or("auditor", |sent| &sent.role);
    let given = ROLES.into_iter().filter(|word| *word != "owner" || frame.may("owner"));
    let roles = given.map(|word| Choice {
        value: word.to_owned(),
        label: format!(
            "{} · {}",
            frame.word("console-role", word),
            frame.word("console-role-for", word)
        ),
        chosen: word == chosen,
    });
    let role = Field::new(frame, "console-operators-role", "role", "choice");
    [username, role.among(roles.collect()).judged(problem)]
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
    let frame = visit.frame("console-operators-title", Some(Section::Settings));
    let fields = fields(&frame, sent.as_ref());
    let (problem, appointed) = match sent.map(|sent| sent.fault) {
        Some(Fault::Refused(refused)) => (Some(refused.problem().clone()), None),
        Some(Fault::Appointed(operator)) => (None, Some(*operator)),
        _ => (None, None),
    };
    Ok(OperatorsPage {
        fields,
        problem,
        appointed,
        frame,
        search: visit.param("q").unwrap_or_default().to_owned(),
        role: visit.param("role").unwrap_or_default().to_owned(),
        export: visit.passing("/console/settings/operators.csv", &EXPORTED),
        next: visit.next(operators.next_cursor),
        operators: operators.items,
        passkeys: visit.passkeys,
    })
}

/// Exactly what the list shows.
pub(super) async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("operators.csv", &EXPORTED)).await
}

/// Gives somebody a role, by their username, who has none: that of somebody who has one is changed in their row.
pub(super) async fn appoint(visit: Visit, form: Form) -> Reply {
    let fault = match appointed(&visit, &form).await {
        Ok(None) => return Ok(see_other("/console/settings?done=appointed")),
        Ok(Some(fault)) => fault,
        Err(refused) => Fault::Refused(Box::new(refused)),
    };
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let refused = match &fault {
        Fault::Refused(refused) => Some((**refused).clone()),
        _ => None,
    };
    let sent = Sent {
        username: text("username"),
        role: text("role"),
        fault,
    };
    let page = page(&visit, Some(sent)).await?;
    Ok(match refused {
        Some(refused) => refused.on(&page),
        None => frame::html(StatusCode::UNPROCESSABLE_ENTITY, &page),
    })
}

/// `None`: it is done.
async fn appointed(visit: &Visit, form: &Form) -> Result<Option<Fault>, Refused> {
    let Some(user) = with_username(visit, form.get("username").unwrap_or_default()).await? else {
        return Ok(Some(Fault::Nobody));
    };
    let path = format!("operators/{}", segment(&user));
    if let Some(operator) = visit.find::<Operator>(&path).await? {
        return Ok(Some(Fault::Appointed(Box::new(operator))));
    }
    let role = json!({ "role": form.get("role") });
    visit.send(Method::PUT, &path, Some(&role)).await?;
    Ok(None)
}

/// Id of whoever has this username.
async fn with_username(visit: &Visit, username: &str) -> Result<Option<String>, Refused> {
    if username.is_empty() {
        return Ok(None);
    }
    let users: Listing<User> = visit.get(&with_query("users", [("username", username)])).await?;
    Ok(users.items.into_iter().next().map(|user| user.id))
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
    Ok(see_other("/console/settings?done=role"))
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
    Ok(see_other("/console/settings?done=dismissed"))
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
