//! All companies with their steps at a glance, and where one of them goes on.

use actix_web::{HttpRequest, http::Method, web};
use askama::Template;

use super::guide::{Guide, Step};
use crate::console::http::{
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    names::Source,
    setup::state::Standing,
    visit::{Reply, Visit},
};

/// Companies on a page: of each the callbacks are read.
const MOST: &str = "20";

struct Row {
    source: Source,
    /// Words of the steps, each with its address and the class of its state.
    steps: Vec<(&'static str, String, &'static str)>,
    done: bool,
}

#[derive(Template)]
#[template(path = "console/assistant/choose.html")]
struct ChoosePage {
    frame: Frame,
    rows: Vec<Row>,
    next: Option<String>,
    installs: bool,
}

/// Where an app of a service provider is installed.
pub(super) const INSTALL: &str = "/console/installations/new";

/// Whether there is such a page.
pub(super) fn installs(request: &HttpRequest) -> bool {
    request.resource_map().has_resource(INSTALL)
}

pub(super) async fn choose(visit: Visit, request: HttpRequest) -> Reply {
    let path = visit.passing_with("data-sources", &["cursor"], &[("limit", MOST)]);
    let sources: Listing<Source> = visit.get(&path).await?;
    let mut rows = Vec::new();
    for source in sources.items {
        let guide = Guide::of(&visit, &source.id).await?;
        let step = |step: Step| {
            let class = match guide.standing(step) {
                Standing::Open => "waiting",
                standing => standing.word(),
            };
            (step.word(), guide.address(step), class)
        };
        rows.push(Row {
            steps: Step::ALL.map(step).into(),
            done: guide.standing(Step::Finish) == Standing::Done,
            source,
        });
    }
    Ok(visit.page(&ChoosePage {
        frame: visit.frame("console-assistant", Some(Section::WeCom)),
        rows,
        next: visit.next(sources.next_cursor),
        installs: installs(&request),
    }))
}

/// At the first step that is not done.
pub(super) async fn go_on(visit: Visit, source: web::Path<String>) -> Reply {
    let guide = Guide::of(&visit, &source).await?;
    Ok(see_other(&guide.address(guide.first_open())))
}

/// Asks WeCom again, and shows the step from which that was wanted.
pub(super) async fn look(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    let guide = Guide::of(&visit, &source).await?;
    let path = format!("data-sources/{}/probe", guide.source.id);
    visit.send(Method::POST, &path, None).await?;
    let step = form.get("step").and_then(Step::of).unwrap_or(Step::Finish);
    Ok(see_other(&guide.address(step)))
}
