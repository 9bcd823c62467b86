//! The ways in of a person: one-time links by which they get a password or one-time codes, each shown this once, and their passkeys.

use actix_web::{
    http::Method,
    web::{self, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::user::{self, User};
use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    visit::{Reply, Visit},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people/{id}/ways-in", web::get().to(ways_in))
        .route("/people/{id}/password-link", web::post().to(password_link))
        .route("/people/{id}/totp-link", web::post().to(totp_link))
        .route("/people/{id}/email-verification", web::post().to(verify_email))
        .route("/people/{id}/remove-passkey", web::post().to(remove_passkey));
}

#[derive(Template)]
#[template(path = "console/people/ways_in.html")]
struct WaysInPage {
    frame: Frame,
    user: User,
    link: Option<(Link, Moment)>,
    /// A link to verify the address was mailed just now.
    verifying: bool,
    passkeys: Vec<(Passkey, Moment, Option<Moment>)>,
}

#[derive(Deserialize)]
struct Passkey {
    id: String,
    name: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

#[derive(Deserialize)]
struct Link {
    url: Option<String>,
    sent_to: Option<String>,
    kind: String,
    expires_at: i64,
}

async fn ways_in(visit: Visit, id: web::Path<String>) -> Reply {
    page(&visit, &id, None).await
}

async fn password_link(visit: Visit, form: Form, id: web::Path<String>) -> Reply {
    page(&visit, &id, Some(("password-link", &form))).await
}

async fn totp_link(visit: Visit, form: Form, id: web::Path<String>) -> Reply {
    page(&visit, &id, Some(("totp-link", &form))).await
}

async fn verify_email(visit: Visit, _: Form, id: web::Path<String>) -> Reply {
    let place = format!("{}/email-verification", user::path(&id));
    visit.send(Method::POST, &place, None).await?;
    Ok(see_other(&format!(
        "/console/people/{}/ways-in?verifying=1",
        segment(&id)
    )))
}

async fn remove_passkey(visit: Visit, form: Form, id: web::Path<String>) -> Reply {
    let passkey = segment(form.get("passkey").unwrap_or_default());
    let place = format!("{}/passkeys/{passkey}", user::path(&id));
    visit.send(Method::DELETE, &place, None).await?;
    Ok(see_other(&format!("/console/people/{}/ways-in", segment(&id))))
}

/// The page, with a link where one is to be made. It is the answer itself: a secret belongs into no address to which it could be led.
async fn page(visit: &Visit, id: &str, make: Option<(&str, &Form)>) -> Reply {
    let user = user::read(visit, id).await?;
    let link: Option<Link> = match make {
        Some((kind, form)) => {
            let path = format!("{}/{kind}", user::path(&user.id));
            let send = visit.deciding(form, "send", &["shown", "email"])?;
            let wanted = (send == "email").then(|| json!({ "send": send }));
            let made = visit.make_once(form, &path, wanted.as_ref()).await?;
            Some(visit.read(&made)?)
        }
        None => None,
    };
    let listing: Listing<Passkey> = visit.get(&format!("{}/passkeys", user::path(&user.id))).await?;
    let passkeys = listing.items.into_iter().map(|passkey| {
        let made = visit.moment(passkey.created_at);
        let used = passkey.last_used_at.map(|used| visit.moment(used));
        (passkey, made, used)
    });
    let passkeys = passkeys.collect();
    Ok(visit.page(&WaysInPage {
        passkeys,
        verifying: visit.param("verifying").is_some(),
        frame: visit.frame("console-person-ways-in", Some(Section::People)),
        user,
        link: link.map(|link| {
            let ends = visit.moment(link.expires_at);
            (link, ends)
        }),
    }))
}
