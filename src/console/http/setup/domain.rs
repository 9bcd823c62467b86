//! Whether WeCom trusts this deployment's domain: what to enter there, what WeCom has as soon as it is entered, and the file by which it verifies it,
//! served and tried at once.

use actix_web::{http::Method, web};
use askama::Template;
use serde_json::{Value, json};

use super::{
    state::{State, Step},
    wizard::{Wizard, framed, problem},
};
use crate::console::http::{
    field::{self, Field, Filling},
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    moment::Moment,
    refused::{FieldFault, Problem, Refused},
    settings::doctor::{Check, Finding, Report},
    upload::Upload,
    visit::{Reply, Visit},
    wecom::{
        files::{File, SPECS},
        shared::{Probe, Trouble},
    },
};

/// How old what WeCom said may be, milliseconds, before it is asked again while somebody looks at the page.
const AGE: i64 = 10_000;

/// A file, and what was seen where WeCom looks for it.
struct Tried {
    file: File,
    finding: Option<Finding>,
}

#[derive(Template)]
#[template(path = "console/setup/domain.html")]
struct DomainPage<'a> {
    frame: Frame,
    wizard: Wizard,
    domain: String,
    seen: Seen,
    files: Vec<Tried>,
    /// Why they could not be tried.
    untried: Option<String>,
    fields: Vec<Field>,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
    action: String,
    looks: bool,
}

/// What WeCom has as the trusted domain of the app.
struct Seen {
    trusted: Option<String>,
    problems: Vec<Trouble>,
}

impl Seen {
    fn of(state: &State) -> Self {
        Self {
            trusted: state.trusted_domain().map(str::to_owned),
            problems: state.problems(Step::Domain).cloned().collect(),
        }
    }

    /// Whether it is this domain.
    fn is_right(&self) -> bool {
        self.trusted.is_some() && self.problems.is_empty()
    }
}

/// The same, as the page asks for it while somebody looks at it.
#[derive(Template)]
#[template(path = "console/setup/domain_live.html")]
struct LivePage {
    frame: Frame,
    seen: Seen,
    /// When WeCom was asked last; none: never yet.
    asked: Option<Moment>,
    /// The step behind it.
    next: String,
}

async fn made<'a>(
    visit: &Visit,
    state: &State,
    filling: Filling<'_>,
    refused: Option<&'a Refused>,
) -> Result<DomainPage<'a>, Refused> {
    let frame = framed(visit, Step::Domain);
    let files: Listing<File> = visit.get("verification-files?limit=200").await?;
    // Asked for over the public address, as WeCom will.
    let checks = match files.items.is_empty() {
        true => Vec::new(),
        false => visit.get::<Report>("doctor?check=verification_files").await?.checks,
    };
    // Not made, or begun before a file came.
    let newest = files.items.iter().map(|file| file.updated_at).max().unwrap_or_default();
    let not_made = |check: &&Check| check.state == "skipped" || newest > check.looked_at;
    let untried = checks.iter().find(not_made).map(|check| check.seen.clone());
    let findings: Vec<Finding> = checks.into_iter().flat_map(|check| check.findings).collect();
    let tried = |file: File| Tried {
        finding: findings
            .iter()
            .find(|finding| finding.resource.as_ref() == Some(&format!("verification-files/{}", file.id)))
            .cloned(),
        file,
    };
    let fields = field::fields(&frame, "console-file", &SPECS, filling);
    let problem = problem(refused);
    Ok(DomainPage {
        wizard: Wizard::new(&frame, Some(state), Step::Domain),
        domain: state.source.callback_domain.clone(),
        seen: Seen::of(state),
        files: files.items.into_iter().map(tried).collect(),
        untried,
        others: problem
            .map(|problem| field::others(problem, &fields))
            .unwrap_or_default(),
        fields,
        problem,
        action: state.address(Step::Domain),
        looks: state.app.is_some(),
        frame,
    })
}

pub(super) async fn page(visit: Visit, source: web::Path<String>) -> Reply {
    let state = State::of(&visit, &source).await?;
    let page = made(&visit, &state, Filling::Stored(&json!({})), None).await?;
    Ok(visit.page(&page))
}

/// When WeCom said last what it has.
async fn asked_at(visit: &Visit, path: &str) -> Result<Option<i64>, Refused> {
    let probe: Probe = visit.get(path).await?;
    Ok(probe.credentials.iter().filter_map(|one| one.probed_at).max())
}

/// What WeCom has now: asked again while it is not the right domain, but not for everybody who looks.
pub(super) async fn live(visit: Visit, source: web::Path<String>) -> Reply {
    let mut state = State::of(&visit, &source).await?;
    let mut asked = None;
    if let Some(app) = &state.app {
        let path = format!("wecom-apps/{}/probe", app.id);
        asked = asked_at(&visit, &path).await?;
        let is_old = asked.is_none_or(|at| visit.operator.now.millis().saturating_sub(at) >= AGE);
        // Beyond the bound of probes nothing is asked: what was seen stays.
        if is_old && !Seen::of(&state).is_right() && visit.send(Method::POST, &path, None).await.is_ok() {
            asked = asked_at(&visit, &path).await?;
            state = State::of(&visit, &source).await?;
        }
    }
    Ok(visit.page(&LivePage {
        frame: framed(&visit, Step::Domain),
        asked: asked.map(|at| visit.moment(at)),
        next: Step::Domain.next().map(|next| state.address(next)).unwrap_or_default(),
        seen: Seen::of(&state),
    }))
}

async fn kept(visit: &Visit, source: &str, form: &Form, body: &Value) -> Reply {
    let state = State::of(visit, source).await?;
    match visit.send(Method::POST, "verification-files", Some(body)).await {
        Ok(_) => Ok(see_other(&format!("{}?saved=1#files", state.address(Step::Domain)))),
        Err(refused) => {
            let filling = Filling::Sent(form, refused.problem());
            let page = made(visit, &state, filling, Some(&refused)).await?;
            Ok(refused.on(&page))
        }
    }
}

pub(super) async fn paste(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    kept(&visit, &source, &form, &field::body(&form, &SPECS)).await
}

/// The file byte by byte, under the name that it has.
pub(super) async fn upload(visit: Visit, source: web::Path<String>, file: Upload) -> Reply {
    let content = String::from_utf8_lossy(&file.content).into_owned();
    let name = file.name.unwrap_or_default();
    let body = json!({ "name": name, "content": content });
    let form = Form::default().or("name", &name).or("content", &content);
    kept(&visit, &source, &form, &body).await
}
