//! Changing a portal's common fields.

use actix_web::{HttpResponse, http::Method, web};
use askama::Template;
use serde_json::{Value, json};

use super::{
    super::{
        field::{self, Field, Filling, Kind, Spec, field, needed},
        form::{Form, see_other},
        frame::Frame,
        people::PINNABLE,
        refused::{FieldFault, Problem, Refused},
        visit::{Reply, Visit},
    },
    effect,
    portal::{Head, framed, plain, portal},
};

/// Fields of the form.
const SPECS: &[Spec] = &[
    needed("name", Kind::Line),
    field("enabled", Kind::Tick),
    field("redirect_uris", Kind::Lines),
    field("post_logout_redirect_uris", Kind::Lines),
    field("metadata.backchannel_logout_uri", Kind::Line),
    field(
        "scopes",
        Kind::Ticks(&[
            "openid",
            "profile",
            "email",
            "phone",
            "address",
            "groups",
            "wecom",
            "offline_access",
        ]),
    ),
    field("require_pkce", Kind::Tick),
    field("metadata.id_token_claims", Kind::Choice(&["minimal", "scopes"])),
    field("metadata.consent", Kind::Choice(&["implicit", "ask"])),
    field("metadata.required_fields", Kind::Ticks(&PINNABLE)),
    field("access_token_lifetime", Kind::Number),
    field("id_token_lifetime", Kind::Number),
    field("refresh_token_lifetime", Kind::Number),
    field("membership_max_age", Kind::Number),
    field("membership_grace", Kind::Number),
];

const PREFIX: &str = "console-portal";

#[derive(Template)]
#[template(path = "console/portals/edit.html")]
struct EditPage<'a> {
    frame: Frame,
    head: Head,
    fields: Vec<Field>,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
    version: String,
}

/// The portal as JSON, with defaults where the API leaves them out, and its entity tag.
async fn stored(visit: &Visit, id: &str) -> Result<(Value, String), Refused> {
    let path = format!("clients/{}", plain(visit, id)?);
    let answer = visit.send(Method::GET, &path, None).await?;
    let mut portal: Value = visit.read(&answer)?;
    let defaults = [
        ("id_token_claims", json!("minimal")),
        ("consent", json!("implicit")),
        ("required_fields", json!([])),
    ];
    for (path, default) in defaults {
        if portal.pointer(&format!("/metadata/{path}")).is_none_or(Value::is_null) {
            field::put(&mut portal, &format!("metadata.{path}"), default);
        }
    }
    Ok((portal, answer.tag.unwrap_or_default()))
}

pub async fn form(visit: Visit, id: web::Path<String>) -> Reply {
    let (stored, version) = stored(&visit, &id).await?;
    let portal = portal(&visit, &id).await?;
    let frame = framed(&visit, &portal, "console-edit");
    Ok(visit.page(&EditPage {
        head: Head::of(&portal, None),
        fields: field::fields(&frame, PREFIX, SPECS, Filling::Stored(&stored)),
        frame,
        problem: None,
        others: Vec::new(),
        version,
    }))
}

pub async fn change(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let (stored, _) = stored(&visit, &id).await?;
    let patch = field::change(&form, SPECS, &stored);
    let path = format!("clients/{}", plain(&visit, &id)?);
    if visit.may("admin") && !form.has(effect::SURE) {
        match before(&visit, (id.as_str(), &stored), (&form, &patch)).await {
            Ok(Some(page)) => return Ok(page),
            Ok(None) => {}
            Err(refused) => return again(&visit, &id, (&form, &refused)).await,
        }
    }
    match visit
        .call((Method::PATCH, &path), Some(&patch), form.get("version"))
        .await
    {
        Ok(_) => Ok(see_other(&format!("/console/portals/{id}?done=changed"))),
        Err(refused) => again(&visit, &id, (&form, &refused)).await,
    }
}

/// What it does to people, where it is a change that does something to them.
async fn before(
    visit: &Visit,
    (id, stored): (&str, &Value),
    (form, patch): (&Form, &Value),
) -> Result<Option<HttpResponse>, Refused> {
    let imagined = effect::of_patch(patch);
    let off = patch.get("enabled") == Some(&json!(false)) && stored.get("enabled") == Some(&json!(true));
    let effect = match (off, imagined.is_empty()) {
        (true, _) => Some(effect::of_switching_off(visit, plain(visit, id)?).await?),
        (false, false) => effect::of_change(visit, plain(visit, id)?, &imagined).await?,
        (false, true) => return Ok(None),
    };
    let portal = portal(visit, id).await?;
    let page = effect::page(visit, &portal, ("edit", form), effect);
    Ok(Some(visit.page(&page)))
}

/// The form once more with what was typed, and what is wrong.
async fn again(visit: &Visit, id: &str, (form, refused): (&Form, &Refused)) -> Result<HttpResponse, Refused> {
    let problem = refused.problem();
    let portal = portal(visit, id).await?;
    let frame = framed(visit, &portal, "console-edit");
    let fields = field::fields(&frame, PREFIX, SPECS, Filling::Sent(form, problem));
    let page = EditPage {
        head: Head::of(&portal, None),
        others: field::others(problem, &fields),
        fields,
        frame,
        problem: Some(problem),
        version: form.get("version").unwrap_or_default().to_owned(),
    };
    Ok(refused.on(&page))
}
