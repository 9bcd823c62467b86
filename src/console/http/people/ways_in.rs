//! One-time links by which a person gets a password or one-time codes, each shown this once.

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::user::{self, User};
use crate::console::http::{
    form::Form,
    frame::{Frame, Section},
    moment::Moment,
    visit::{Reply, Visit},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people/{id}/ways-in", web::get().to(ways_in))
        .route("/people/{id}/password-link", web::post().to(password_link))
        .route("/people/{id}/totp-link", web::post().to(totp_link));
}

#[derive(Template)]
#[template(path = "console/people/ways_in.html")]
struct WaysInPage {
    frame: Frame,
    user: User,
    link: Option<(Link, Moment)>,
}

#[derive(Deserialize)]
struct Link {
    url: String,
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

/// The page, with a link where one is to be made. It is the answer itself: a secret belongs into no address to which it could be led.
async fn page(visit: &Visit, id: &str, make: Option<(&str, &Form)>) -> Reply {
    let user = user::read(visit, id).await?;
    let link: Option<Link> = match make {
        Some((kind, form)) => {
            let path = format!("{}/{kind}", user::path(&user.id));
            let made = visit.make_once(form, &path, None).await?;
            Some(visit.read(&made)?)
        }
        None => None,
    };
    Ok(visit.page(&WaysInPage {
        frame: visit.frame("console-person-ways-in", Some(Section::People)),
        user,
        link: link.map(|link| {
            let ends = visit.moment(link.expires_at);
            (link, ends)
        }),
    }))
}
