//! What a person may do in the console.

use actix_web::{
    http::Method,
    web::{self, ServiceConfig},
};
use askama::Template;
use serde_json::json;

use super::user::{self, User};
use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{Frame, Section},
    visit::{Reply, Visit},
};

/// Roles, the highest first.
const ROLES: [&str; 4] = ["owner", "admin", "operator", "auditor"];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people/{id}/role", web::get().to(ask))
        .route("/people/{id}/role", web::post().to(give));
}

#[derive(Template)]
#[template(path = "console/people/role.html")]
struct RolePage {
    frame: Frame,
    user: User,
    choices: Vec<Choice>,
    /// Entity tag of the role that they have; empty: they have none.
    version: String,
}

/// A role that the caller may give.
struct Choice {
    word: &'static str,
    held: bool,
}

async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    let user = user::read(&visit, &id).await?;
    let version = match user.console_role {
        Some(_) => {
            let operator = visit
                .send(Method::GET, &format!("operators/{}", segment(&id)), None)
                .await?;
            operator.tag.unwrap_or_default()
        }
        None => String::new(),
    };
    let frame = visit.frame("console-person-role", Some(Section::People));
    let given = ROLES.into_iter().filter(|word| *word != "owner" || frame.may("owner"));
    Ok(visit.page(&RolePage {
        choices: given
            .map(|word| Choice {
                word,
                held: user.console_role.as_deref() == Some(word),
            })
            .collect(),
        frame,
        user,
        version,
    }))
}

async fn give(visit: Visit, form: Form, id: web::Path<String>) -> Reply {
    let path = format!("operators/{}", segment(&id));
    let word = match form.get("role") {
        Some("none") => {
            visit.delete(&path, &form).await?;
            "dismissed"
        }
        // No word at all is no role either: the API says so.
        role => {
            let role = json!({ "role": role.unwrap_or_default() });
            visit
                .call((Method::PUT, &path), Some(&role), form.get("version"))
                .await?;
            "appointed"
        }
    };
    Ok(see_other(&user::done(&id, word)))
}
