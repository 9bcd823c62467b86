//! Whether WeCom tells of changes: URL, Token and EncodingAESKey, shown this once, and beside them what arrives.

use actix_web::web;
use askama::Template;
use serde_json::json;

use super::{
    state::{State, Step},
    wizard::{Wizard, framed},
};
use crate::console::http::{
    form::Form,
    frame::Frame,
    listing::Listing,
    moment::Moment,
    refused::Refused,
    visit::{Reply, Visit},
    wecom::{
        shared::plain,
        source::{Callback, Issued},
    },
};

/// Where callbacks are entered.
const OWNERS: [&str; 2] = ["contacts", "app"];
/// What of a request is looked at, one after the other.
const CHAIN: [&str; 5] = ["arrived", "signature", "key", "receive-id", "time"];

/// A place where a callback is entered, and what arrived from there.
pub struct Watched {
    /// Word of the place.
    pub owner: &'static str,
    /// Its callback; `None`: there is none yet.
    pub callback: Option<Callback>,
    /// Words of [`CHAIN`] with the class of their state.
    pub chain: Vec<(&'static str, &'static str)>,
    /// When WeCom verified it last.
    pub verified: Option<Moment>,
    /// When an event arrived last.
    pub event: Option<Moment>,
    /// When something was refused last.
    pub failed: Option<Moment>,
}

#[derive(Template)]
#[template(path = "console/setup/callbacks.html")]
struct CallbacksPage {
    frame: Frame,
    wizard: Wizard,
    rows: Vec<Watched>,
    issued: Option<Issued>,
    action: String,
    live: String,
}

#[derive(Template)]
#[template(path = "console/setup/live.html")]
struct LivePage {
    frame: Frame,
    rows: Vec<Watched>,
}

/// How far a request came: `yes`, `no` where it was refused, `unknown` behind that.
fn chain(callback: Option<&Callback>) -> Vec<(&'static str, &'static str)> {
    let standing = callback.and_then(|callback| callback.problems.first());
    let failed = standing.map(|problem| match problem.number.as_str() {
        "WC-182" | "WC-184" => 2,
        "WC-183" => 3,
        "CB-102" => 4,
        // Answered before: all of it was right.
        "CB-140" => CHAIN.len(),
        // Unsigned, or unreadable before that.
        _ => 1,
    });
    let passed = match (failed, callback) {
        (Some(failed), _) => failed,
        (None, Some(callback)) if callback.verified => CHAIN.len(),
        (None, _) => 0,
    };
    let state = |at: usize| match failed {
        _ if at < passed => "yes",
        Some(failed) if at == failed => "no",
        _ => "waiting",
    };
    CHAIN.iter().enumerate().map(|(at, word)| (*word, state(at))).collect()
}

/// What arrived from these places.
pub fn watched(
    visit: &Visit,
    mut callbacks: Vec<Callback>,
    owners: impl IntoIterator<Item = &'static str>,
) -> Vec<Watched> {
    let moment = |at: Option<i64>| at.map(|at| visit.moment(at));
    let row = |owner: &'static str| {
        let at = callbacks.iter().position(|callback| callback.owner == owner);
        let callback = at.map(|at| callbacks.swap_remove(at));
        let of = |read: fn(&Callback) -> Option<i64>| callback.as_ref().and_then(read);
        Watched {
            owner,
            chain: chain(callback.as_ref()),
            verified: moment(of(|callback| callback.verified_at)),
            event: moment(of(|callback| callback.last_event_at)),
            failed: moment(of(|callback| Some(callback.last_failure.as_ref()?.last_at))),
            callback,
        }
    };
    owners.into_iter().map(row).collect()
}

async fn shown(visit: &Visit, source: &str, issued: Option<Issued>) -> Reply {
    let state = State::of(visit, source).await?;
    let frame = framed(visit, Step::Callbacks);
    let action = state.address(Step::Callbacks);
    let has_app = state.app.is_some();
    let owners = OWNERS.into_iter().filter(|owner| *owner == "contacts" || has_app);
    Ok(visit.page(&CallbacksPage {
        wizard: Wizard::new(&frame, Some(&state), Step::Callbacks),
        rows: watched(visit, state.callbacks, owners),
        issued,
        live: format!("{action}/live"),
        action,
        frame,
    }))
}

pub(super) async fn page(visit: Visit, source: web::Path<String>) -> Reply {
    shown(&visit, &source, None).await
}

/// Makes a callback, or gives the one that is there a new Token and EncodingAESKey.
pub(super) async fn issue(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    let issued = issued(&visit, &source, &form).await?;
    shown(&visit, &source, Some(issued)).await
}

/// A callback at the place that the form names, made or renewed.
pub async fn issued(visit: &Visit, source: &str, form: &Form) -> Result<Issued, Refused> {
    let body = json!({ "owner": form.get("owner") });
    let path = format!("data-sources/{}/callbacks", plain(visit, source)?);
    let answer = visit.make_once(form, &path, Some(&body)).await?;
    visit.read(&answer)
}

/// What arrived, for the script that asks every two seconds.
pub(super) async fn live(visit: Visit, source: web::Path<String>) -> Reply {
    let path = format!("data-sources/{}/callbacks", plain(&visit, &source)?);
    let callbacks: Listing<Callback> = visit.get(&path).await?;
    Ok(visit.page(&LivePage {
        frame: framed(&visit, Step::Callbacks),
        // Only those that there are, are shown.
        rows: watched(&visit, callbacks.items, OWNERS),
    }))
}
