//! A new Token and EncodingAESKey for the callbacks of a suite, shown this once.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::{
    super::{
        form::Form,
        frame::Frame,
        visit::{Reply, Visit},
    },
    shared::{self, Live, Suite, framed},
};

/// What was made.
#[derive(Deserialize)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) token: Option<String>,
    pub(super) encoding_aes_key: Option<String>,
}

#[derive(Template)]
#[template(path = "console/suites/issued.html")]
struct IssuedPage {
    frame: Frame,
    live: Live,
    made: Made,
}

#[derive(Template)]
#[template(path = "console/suites/keys.html")]
struct KeysPage {
    frame: Frame,
    suite: Suite,
    /// Entity tag of what the page was made from.
    version: String,
}

/// What to enter in the provider console, with what was made just now, and beside it what arrives.
pub(super) async fn issued(visit: &Visit, made: Made) -> Reply {
    let live = Live::read(visit, &made.id).await?;
    let frame = framed(visit, &live.suite.name);
    Ok(visit.page(&IssuedPage { frame, live, made }))
}

pub(super) async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    let (suite, version) = shared::read_versioned(&visit, &id).await?;
    let frame = framed(&visit, &suite.name);
    Ok(visit.page(&KeysPage { frame, suite, version }))
}

pub(super) async fn renew(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let suite = shared::read(&visit, &id).await?;
    let answer = visit.renew_once(&form, &format!("suites/{}/renew", suite.id)).await?;
    let made = visit.read(&answer)?;
    issued(&visit, made).await
}
