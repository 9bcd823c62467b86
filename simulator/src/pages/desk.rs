//! The home page and the operator's page (`/desk`): disable a member, let one leave, rehearse an outage, all by plain forms.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use askama::Template;

use super::client::PeoplePage;
use super::{Params, page, param};
use crate::callbacks::{self, Delivery};
use crate::state::Shared;
use crate::world::{Action, App, Corp, Fault, FaultKind};

const ACTIONS: [(&str, &str); 3] = [
    ("disable", "停用 · disable"),
    ("enable", "启用 · enable"),
    ("leave", "离职 · leave"),
];
const OUTAGES: [(&str, &str); 5] = [
    ("busy", "系统繁忙 -1"),
    ("limit", "频率限制 45009"),
    ("gateway", "HTTP 502"),
    ("slow", "慢 3 秒"),
    ("clear", "全部恢复 · clear"),
];

/// A suite on the home page, with the address that its QR code has.
struct SuiteCard {
    suite_id: String,
    name: String,
    provider: String,
    secret: String,
    provider_secret: String,
}

struct CorpCard {
    corpid: String,
    name: String,
    contacts_secret: String,
    /// Empty: 客户联系 is not used.
    customer_secret: String,
    members: usize,
    departments: usize,
    tags: usize,
    apps: Vec<App>,
}

impl CorpCard {
    fn of(corp: &Corp) -> Self {
        Self {
            corpid: corp.corpid.clone(),
            name: corp.name.clone(),
            contacts_secret: corp.contacts_secret.clone().unwrap_or_default(),
            customer_secret: corp.customer_contact.secret.clone().unwrap_or_default(),
            members: corp.members.len(),
            departments: corp.departments.len(),
            tags: corp.tags.len(),
            apps: corp.apps.values().cloned().collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    corps: Vec<CorpCard>,
    suites: Vec<SuiteCard>,
    faults: usize,
    outages: [(&'static str, &'static str); 5],
}

/// `GET /`
pub(crate) async fn home(shared: Data<Shared>) -> HttpResponse {
    let html = {
        let state = shared.lock();
        let corps = state.world.corps.values().map(CorpCard::of).collect();
        let secret = |corpid: &str| state.world.providers.get(corpid).map(|one| one.secret.clone());
        let suites = state.world.suites.values().map(|suite| SuiteCard {
            suite_id: suite.suite_id.clone(),
            name: suite.name.clone(),
            secret: suite.secret.clone(),
            provider_secret: secret(&suite.provider).unwrap_or_default(),
            provider: suite.provider.clone(),
        });
        HomePage {
            corps,
            suites: suites.collect(),
            faults: state.world.faults.len(),
            outages: OUTAGES,
        }
    };
    page(StatusCode::OK, &html)
}

/// `GET /desk`
pub(crate) async fn show(query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let english = "Leaving pushes delete_user; leaving and disabling push unsubscribe to apps, enabling subscribe.";
    PeoplePage::titled("管理后台", english, "/desk", &ACTIONS).fill(&shared.lock(), &query)
}

/// `POST /desk`
pub(crate) async fn act(form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    let corp = param(&form, "corp").unwrap_or_default().to_owned();
    let userid = param(&form, "userid").unwrap_or_default().to_owned();
    let action = match param(&form, "action") {
        Some("disable") => Some(Action::Status { userid, status: 2 }),
        Some("enable") => Some(Action::Status { userid, status: 1 }),
        Some("leave") => Some(Action::Remove { userid }),
        _ => None,
    };
    if let Some(action) = action {
        callbacks::act(&shared, &corp, action, Delivery::default()).await;
    }
    HttpResponse::SeeOther()
        .insert_header(("location", format!("/desk?corp={corp}")))
        .finish()
}

/// `POST /outage`
pub(crate) async fn outage(form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    let kind = match param(&form, "kind") {
        Some("busy") => Some(FaultKind::Errcode(-1)),
        Some("limit") => Some(FaultKind::Errcode(45009)),
        Some("gateway") => Some(FaultKind::BadGateway),
        Some("slow") => Some(FaultKind::Slow(3000)),
        _ => None,
    };
    shared.lock().edit(|world| {
        world.faults.clear();
        world.faults.extend(kind.map(|kind| Fault::new("/cgi-bin/", kind)));
    });
    HttpResponse::SeeOther().insert_header(("location", "/")).finish()
}
