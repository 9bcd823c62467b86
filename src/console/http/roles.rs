//! What somebody's role does not allow: told at the address itself, before a form is shown or read, by the table of acts; and where the API refuses by
//! what an act is about, in the same words. The page says which role it takes, who has it, and leads back.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
};
use askama::Template;
use serde::Deserialize;

use super::{
    acts::{needed, of_route},
    address::{filled, parts, segment},
    frame::{Frame, html},
    listing::Listing,
    visit::{Visit, with_query},
};
use crate::{
    admin::Role,
    console::{failure::ConsoleFailure, operator::Operator},
    web::{failure::Told, texts::text_with},
};

/// Numbers of the API's answers to a role that does not suffice, where no table could tell: for the operation, for somebody with a console role, and for
/// a token that may do more.
const OF_THE_API: [&str; 3] = ["AD-103", "DI-107", "AD-121"];
/// So many of those who have the role are named.
const NAMED: usize = 10;

/// Addresses that are about a person: whoever may not touch their console role may not do it either.
const ABOUT_PEOPLE: [(&str, &str); 2] = [("/people/{id}/", "id"), ("/settings/operators/{user}/", "user")];
/// Those among them that anybody with the role may do to everybody.
const HARMLESS: &str = "/email-verification";
/// And what people may do to themselves.
const OWN_SESSIONS: &str = "/people/{id}/sessions/end";

#[derive(Template)]
#[template(path = "console/needs_role.html")]
struct NeedsRole {
    frame: Frame,
    /// Which role it takes, and which one is there.
    sentence: String,
    holders: Vec<Holder>,
    number: &'static str,
    reference: String,
    back: String,
}

#[derive(Deserialize)]
struct Holder {
    user_id: String,
    username: String,
    display_name: Option<String>,
    role: String,
    status: String,
}

impl Holder {
    fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.username)
    }
}

/// The role that this address takes and this person does not have; `None`: they may go on.
pub(super) async fn missing(request: &ServiceRequest, operator: &Operator) -> Option<Role> {
    let pattern = request.match_pattern()?;
    let route = pattern.strip_prefix("/console")?;
    let wanted = needed(request.method(), route)?;
    if !operator.role.covers(wanted) {
        return Some(wanted);
    }
    let (_, name) = ABOUT_PEOPLE.iter().find(|(begin, _)| route.starts_with(*begin))?;
    let (_, user) = parts(&pattern, request.path()).find(|(part, _)| part == name)?;
    let is_own = user == operator.user.to_string() && route == OWN_SESSIONS;
    if operator.role == Role::Owner || is_own || route.ends_with(HARMLESS) {
        return None;
    }
    let visit = Visit::extract(request.request()).await.ok()?;
    let known: Holder = visit.aside(&format!("operators/{}", segment(user))).await?;
    let wanted = match known.role.as_str() {
        "admin" | "operator" | "auditor" => Role::Admin,
        _ => Role::Owner,
    };
    (!operator.role.covers(wanted)).then_some(wanted)
}

/// The page that says so.
pub(super) async fn refused(request: &HttpRequest, needed: Role) -> Option<HttpResponse> {
    let visit = Visit::extract(request).await.ok()?;
    let detail = format!(
        "this needs the role {}; the caller has the role {}",
        needed.word(),
        visit.operator.role.word()
    );
    let told = Told::of(&ConsoleFailure::NotYourRole.failure().detail(detail));
    Some(page(request, visit, (needed, told)).await)
}

/// What the API refused for want of a role, in the words of this page; every other answer as it is.
pub(super) async fn in_words(mut response: ServiceResponse) -> ServiceResponse {
    if response.status() != StatusCode::FORBIDDEN {
        return response;
    }
    let Some(told) = Told::take(response.response_mut()) else {
        return response;
    };
    let visit = match OF_THE_API.contains(&told.failure.entry.number) {
        true => Visit::extract(response.request()).await.ok(),
        false => None,
    };
    let Some(visit) = visit else {
        response.response_mut().extensions_mut().insert(told);
        return response;
    };
    let said = told.failure.detail.as_deref().and_then(role_in);
    let above = match visit.operator.role {
        Role::Admin | Role::Owner => Role::Owner,
        _ => Role::Admin,
    };
    let request = response.request().clone();
    let page = page(&request, visit, (said.unwrap_or(above), told)).await;
    ServiceResponse::new(request, page)
}

/// The role that the API said it takes.
fn role_in(detail: &str) -> Option<Role> {
    let (_, rest) = detail.split_once("needs the role ")?;
    Role::of(rest.split(|sign: char| !sign.is_alphabetic()).next()?)
}

async fn page(request: &HttpRequest, visit: Visit, (needed, told): (Role, Told)) -> HttpResponse {
    let visit = visit.without_calls();
    let frame = visit.frame("console-role-title", None);
    let word = |role: Role| frame.word("console-role", role.word());
    let (wanted, own) = (word(needed), word(visit.operator.role));
    let named = [("needed", wanted.as_str()), ("own", own.as_str())];
    let page = NeedsRole {
        sentence: text_with(visit.lang, "console-role-needed", &named),
        holders: holders(&visit, needed).await,
        number: told.failure.entry.number,
        reference: told.reference.clone(),
        back: back(request, visit.operator.role),
        frame,
    };
    told.in_reply(html(StatusCode::FORBIDDEN, &page))
}

/// Some of those who have the role, the lowest of those that suffice first.
async fn holders(visit: &Visit, needed: Role) -> Vec<Holder> {
    let mut holders: Vec<Holder> = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| role.covers(needed)) {
        let path = with_query("operators", [("role", role.word()), ("limit", "50")]);
        let some: Option<Listing<Holder>> = visit.aside(&path).await;
        holders.extend(some.unwrap_or_default().items);
    }
    holders.retain(|holder| holder.status == "active");
    holders.truncate(NAMED);
    holders
}

/// The page around this address that this role may see: for a form the one on which it stands.
fn back(request: &HttpRequest, role: Role) -> String {
    let pattern = request.match_pattern().unwrap_or_default();
    let route = pattern.strip_prefix("/console").unwrap_or_default();
    let form = of_route(route).filter(|_| *request.method() == Method::POST);
    let page = form.map(|act| {
        let path = filled(act.page, parts(&pattern, request.path()));
        (act.page.to_owned(), format!("/console{path}"))
    });
    let (mut route, mut path) = page.unwrap_or_else(|| (route.to_owned(), request.path().to_owned()));
    loop {
        let is_there = request.resource_map().match_pattern(&path) == Some(format!("/console{route}"));
        let may = needed(&Method::GET, &route).is_none_or(|needed| role.covers(needed));
        let is_refused = *request.method() == Method::GET && path == request.path();
        if is_there && may && !is_refused {
            return path;
        }
        let (Some((above, _)), Some((around, _))) = (route.rsplit_once('/'), path.rsplit_once('/')) else {
            return "/console".to_owned();
        };
        (route, path) = (above.to_owned(), around.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, role_in};

    #[test]
    fn the_role_that_the_api_names_is_read() {
        let detail = "this needs the role admin; the caller has the role auditor";
        assert_eq!(role_in(detail), Some(Role::Admin));
        assert_eq!(role_in("something else"), None);
    }
}
