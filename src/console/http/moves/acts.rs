//! What is done with a move: each act of the API under a button, and what cannot be overlooked asked on a page of its own.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde_json::{Value, json};

use super::model::{Move, framed, read};
use crate::console::http::{
    form::{Form, see_other},
    frame::Frame,
    visit::{Reply, Visit},
};

/// Data source and move in the address.
type Ids = Path<(String, String)>;

#[derive(Template)]
#[template(path = "console/moves/ask.html")]
struct AskPage {
    frame: Frame,
    one: Move,
    /// `change`, `undo` or `finish`.
    act: &'static str,
}

async fn ask(visit: &Visit, ids: &Ids, act: &'static str) -> Reply {
    let one = read(visit, (&ids.0, &ids.1)).await?;
    Ok(visit.page(&AskPage {
        frame: framed(visit),
        one,
        act,
    }))
}

/// Sends an act to the API, in the state that the form was made for, and leads back to the page of the move.
async fn act(visit: &Visit, ids: &Ids, (form, method, path): (&Form, Method, &str), body: Option<Value>) -> Reply {
    let one = read(visit, (&ids.0, &ids.1)).await?;
    let path = one.path(path);
    visit.call((method, &path), body.as_ref(), form.get("version")).await?;
    Ok(see_other(&format!("/console/moves/{}", one.data_source_id)))
}

pub(super) async fn pair(visit: Visit, ids: Ids, form: Form) -> Reply {
    act(&visit, &ids, (&form, Method::POST, "/pair"), None).await
}

pub(super) async fn confirm_company(visit: Visit, ids: Ids, form: Form) -> Reply {
    let body = json!({ "corp_confirmed": true });
    act(&visit, &ids, (&form, Method::PATCH, ""), Some(body)).await
}

pub(super) async fn rehearse(visit: Visit, ids: Ids, form: Form) -> Reply {
    act(&visit, &ids, (&form, Method::POST, "/rehearse"), None).await
}

pub(super) async fn ask_change(visit: Visit, ids: Ids) -> Reply {
    ask(&visit, &ids, "change").await
}

pub(super) async fn change(visit: Visit, ids: Ids, form: Form) -> Reply {
    let body = json!({ "accept": form.has("accept") });
    act(&visit, &ids, (&form, Method::POST, "/change"), Some(body)).await
}

pub(super) async fn ask_undo(visit: Visit, ids: Ids) -> Reply {
    ask(&visit, &ids, "undo").await
}

pub(super) async fn undo(visit: Visit, ids: Ids, form: Form) -> Reply {
    act(&visit, &ids, (&form, Method::POST, "/undo"), None).await
}

pub(super) async fn ask_finish(visit: Visit, ids: Ids) -> Reply {
    ask(&visit, &ids, "finish").await
}

pub(super) async fn finish(visit: Visit, ids: Ids, form: Form) -> Reply {
    act(&visit, &ids, (&form, Method::POST, "/finish"), None).await
}

pub(super) async fn drop_planned(visit: Visit, ids: Ids, form: Form) -> Reply {
    act(&visit, &ids, (&form, Method::DELETE, ""), None).await
}
