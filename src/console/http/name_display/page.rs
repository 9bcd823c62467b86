//! *See names*: what it means, the scan, and what this session may be shown.

use actix_web::{
    HttpRequest,
    http::header::{HeaderValue, USER_AGENT},
    web::{Data, Path},
};
use askama::Template;
use uuid::Uuid;

use crate::{
    console::http::{
        form::{Form, see_other},
        frame::{Frame, Section},
        installations::leave,
        moment::Moment,
        refused::Refused,
        visit::{Reply, Visit, with_query},
    },
    directory::name_proof::{Company, NameProofFailure, NameProofs, Scan, Viewer, model::is_console_path},
    kernel::secret::Secret,
    web::texts::Lang,
    wecom::login_url::{self, is_wecom_client},
};

#[derive(Template)]
#[template(path = "console/names/page.html")]
struct NamesPage {
    frame: Frame,
    company: Company,
    /// Since when names are shown in this session.
    since: Option<Moment>,
    /// The page to come back to.
    back: String,
}

/// Whoever looks, as the audit log names them.
pub(super) fn actor(visit: &Visit) -> String {
    visit.operator.identity().actor
}

pub(super) fn viewer<'a>(visit: &Visit, actor: &'a str) -> Viewer<'a> {
    Viewer {
        session: visit.operator.session,
        actor,
    }
}

async fn company(visit: &Visit, proofs: &NameProofs, id: &str) -> Result<Company, Refused> {
    let id: Option<Uuid> = id.parse().ok();
    let found = match id {
        Some(id) => proofs.company(id).await,
        None => Err(NameProofFailure::NotFound.into()),
    };
    found.map_err(|failure| visit.failed(&failure))
}

/// The page to come back to: the one that was said, or the members of the company.
fn back(company: &Company, said: Option<&str>) -> String {
    match said.filter(|path| is_console_path(path)) {
        Some(path) => path.to_owned(),
        None => with_query(
            "/console/people/members",
            [("data_source", company.source.to_string().as_str())],
        ),
    }
}

pub(super) async fn show(visit: Visit, proofs: Data<NameProofs>, source: Path<String>) -> Reply {
    let company = company(&visit, &proofs, &source).await?;
    let standing = proofs.standing(visit.operator.session).await;
    let standing = standing.map_err(|failure| visit.failed(&failure))?;
    Ok(visit.page(&NamesPage {
        frame: visit.frame("console-names-title", Some(Section::WeCom)),
        since: standing.get(&company.source).map(|at| visit.moment(*at)),
        back: back(&company, visit.param("back")),
        company,
    }))
}

pub(super) async fn scan(
    visit: Visit,
    proofs: Data<NameProofs>,
    source: Path<String>,
    form: Form,
    request: HttpRequest,
) -> Reply {
    let company = company(&visit, &proofs, &source).await?;
    let agent = request.headers().get(USER_AGENT).map(HeaderValue::as_bytes);
    let agent = String::from_utf8_lossy(agent.unwrap_or_default()).into_owned();
    let scan = Scan {
        in_client: is_wecom_client(&agent),
        lang: match visit.lang {
            Lang::Zh => login_url::Lang::Zh,
            Lang::En => login_url::Lang::En,
        },
        return_to: &back(&company, form.get("back")),
    };
    let actor = actor(&visit);
    let begun = proofs.begin_scan(viewer(&visit, &actor), company.source, scan).await;
    let address = begun.map_err(|failure| visit.failed(&failure))?;
    Ok(leave::page(&visit, address, "console-names-leave"))
}

/// WeCom's login page came back.
pub(super) async fn returned(visit: Visit, proofs: Data<NameProofs>) -> Reply {
    let text = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    let (state, code) = (text("state"), Secret::new(text("code")));
    let actor = actor(&visit);
    let proved = proofs.returned(viewer(&visit, &actor), &state, &code).await;
    let begun = proved.map_err(|failure| visit.failed(&failure))?;
    // Neither code nor state stays in the address.
    Ok(see_other(&begun.return_to))
}

pub(super) async fn end(visit: Visit, proofs: Data<NameProofs>, source: Path<String>, form: Form) -> Reply {
    let company = company(&visit, &proofs, &source).await?;
    let actor = actor(&visit);
    let ended = proofs.end(viewer(&visit, &actor), company.source).await;
    ended.map_err(|failure| visit.failed(&failure))?;
    Ok(see_other(&back(&company, form.get("back"))))
}
