//! Connecting a company: choosing the app and the way, going to WeCom, and coming back from there.

use actix_web::http::Method;
use askama::Template;
use serde_json::{Value, json};

use super::{
    invitation, leave,
    model::{Invitation, Suite, suites},
};
use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{Frame, Section},
    refused::{FieldFault, Problem, Refused},
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/installations/new.html")]
struct NewPage {
    frame: Frame,
    suites: Vec<Suite>,
    suite: String,
    way: String,
    import: String,
    test: bool,
    problem: Option<Problem>,
    others: Vec<FieldFault>,
}

async fn page(visit: &Visit) -> Result<NewPage, Refused> {
    let suites = suites(visit).await?;
    let asked = visit.param("suite").map(str::to_owned);
    let first = || suites.first().map(|suite| suite.id.clone());
    Ok(NewPage {
        frame: visit.frame("console-installation-new", Some(Section::WeCom)),
        suite: asked.or_else(first).unwrap_or_default(),
        way: "browser".to_owned(),
        import: "chosen".to_owned(),
        test: false,
        problem: None,
        others: Vec::new(),
        suites,
    })
}

pub(super) async fn new(visit: Visit) -> Reply {
    let page = page(&visit).await?;
    Ok(visit.page(&page))
}

pub(super) async fn begin(visit: Visit, form: Form) -> Reply {
    let suite = form.get("suite").unwrap_or("-");
    let body = json!({
        "way": form.get("way"), "import": form.get("import"), "test_install": form.has("test_install"),
    });
    let path = format!("suites/{}/invitations", segment(suite));
    let made = match visit.make_once(&form, &path, Some(&body)).await {
        Ok(answer) => visit.read::<Invitation>(&answer)?,
        Err(refused) => {
            let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
            let again = NewPage {
                suite: text("suite"),
                way: text("way"),
                import: text("import"),
                test: form.has("test_install"),
                problem: Some(refused.problem().clone()),
                others: refused.problem().errors.clone(),
                ..page(&visit).await?
            };
            return Ok(refused.on(&again));
        }
    };
    match made.install_url {
        Some(address) => Ok(leave::page(&visit, address, "console-installation-leave-install")),
        // Only this answer says why there is no QR code.
        None if made.problem.is_some() => invitation::page(&visit, made).await,
        // A page that has an address of its own: without script it is loaded again and again.
        None => Ok(see_other(&made.address())),
    }
}

/// WeCom's install page came back.
pub(super) async fn returned(visit: Visit) -> Reply {
    let body = json!({ "state": visit.param("state"), "auth_code": visit.param("auth_code") });
    came_back(&visit, "installations/returned", body).await
}

/// WeCom's login page came back with the scan that binds.
pub(super) async fn scanned(visit: Visit) -> Reply {
    let body = json!({ "state": visit.param("state"), "code": visit.param("code") });
    came_back(&visit, "installations/scanned", body).await
}

async fn came_back(visit: &Visit, path: &str, body: Value) -> Reply {
    let answer = visit.send(Method::POST, path, Some(&body)).await?;
    let invitation: Invitation = visit.read(&answer)?;
    // Neither code nor state stays in the address.
    Ok(see_other(&invitation.address()))
}
