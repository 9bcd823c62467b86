//! A WeCom app as the API shows it, and who lies outside the integration app's scope. Pure.

use serde::Serialize;
use uuid::Uuid;

use super::{model::WeComApp, reading::AppReading};
use crate::{
    directory::{setup::Setup, setup_problem::Problem, sync::plan::visible_scope::Cover},
    kernel::clock::Timestamp,
};

/// An app: never with its secret.
#[derive(Debug, Serialize)]
pub struct WeComAppView {
    /// Row id.
    pub id: Uuid,
    /// Corp ID.
    pub corp_id: String,
    /// AgentId.
    pub agent_id: i64,
    /// As WeCom names it; empty until first read.
    pub name: String,
    /// Disabled in WeCom.
    pub closed: bool,
    /// The trusted domain of in-app OAuth, as WeCom shows it.
    pub redirect_domain: Option<String>,
    /// When WeCom described the app last, milliseconds.
    pub read_at: Option<Timestamp>,
    /// Of when the visible scope is that is held, milliseconds.
    pub scope_read_at: Option<Timestamp>,
    /// Members inside its scope; null: not known.
    pub members: Option<i64>,
    /// Of them, those outside the integration app's scope; null: not known, or it is that app.
    pub outside_integration_scope: Option<i64>,
    /// The data source that syncs through it.
    pub data_sources: Vec<Named>,
    /// The auth sources that sign in through it.
    pub auth_sources: Vec<Named>,
    /// Its problems.
    pub problems: Vec<Problem>,
}

/// What uses an app.
#[derive(Debug, Serialize)]
pub struct Named {
    /// Row id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Switched on.
    pub enabled: bool,
}

impl WeComAppView {
    /// Builds the view of an app.
    pub fn new(setup: &Setup, app: &WeComApp) -> Self {
        let AppReading {
            read_at,
            scope_read_at,
            redirect_domain,
            members,
            outside,
            ..
        } = setup.reading(app.id).unwrap_or_default();
        let sources = setup.sources.iter().filter(|source| source.app_id == Some(app.id));
        let auth_sources = setup.auth_sources.iter().filter(|source| source.app_id == app.id);
        Self {
            id: app.id,
            corp_id: app.corp_id.clone(),
            agent_id: app.agent_id,
            name: app.name.clone(),
            closed: app.closed,
            redirect_domain,
            read_at,
            scope_read_at,
            members,
            outside_integration_scope: outside,
            data_sources: sources
                .map(|source| Named {
                    id: source.id,
                    name: source.settings.name.clone(),
                    enabled: source.settings.enabled,
                })
                .collect(),
            auth_sources: auth_sources
                .map(|source| Named {
                    id: source.id,
                    name: source.name.clone(),
                    enabled: source.enabled,
                })
                .collect(),
            problems: setup.app_problems(app.id),
        }
    }
}

/// Members inside an app's scope and outside the integration app's.
#[derive(Debug, Serialize)]
pub struct OutsideView {
    /// The members of this page.
    pub items: Vec<OutsideMember>,
    /// Pass as `cursor` for the next page; null: this was the last.
    pub next_cursor: Option<Uuid>,
    /// The lines of the app's scope that do not lie inside the integration app's.
    pub lines: Vec<LineView>,
    /// Whether every member outside is among the items: false where syncs see nobody outside the integration app's scope, or a scope is not
    /// known.
    pub complete: bool,
}

/// A member outside.
#[derive(Debug, Serialize)]
pub struct OutsideMember {
    /// Row id of the member.
    pub id: Uuid,
    /// As WeCom writes it.
    pub userid: String,
    /// Null where WeCom gave none.
    pub name: Option<String>,
    /// The linked user.
    pub user_id: Option<Uuid>,
    /// WeCom's department ids.
    pub departments: Vec<i64>,
    /// By what they are inside the app's scope.
    pub because: LineView,
}

/// A line of a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineView {
    /// `department`, `tag` or `member` (picked singly).
    pub kind: &'static str,
    /// WeCom's id, of a department or a tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wecom_id: Option<i64>,
    /// Of a picked member, in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userid: Option<String>,
    /// Name of the department or tag, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl LineView {
    /// The line that covers somebody; `name`: of a department or a tag.
    pub fn of(cover: Cover, key: &str, name: impl Fn(Cover) -> Option<String>) -> Self {
        let (kind, wecom_id) = match cover {
            Cover::Singly => ("member", None),
            Cover::Department(id) => ("department", Some(id)),
            Cover::Tag(id) => ("tag", Some(id)),
        };
        Self {
            kind,
            wecom_id,
            userid: (cover == Cover::Singly).then(|| key.to_owned()),
            name: name(cover),
        }
    }
}
