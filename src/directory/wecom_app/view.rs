//! A WeCom app as the API shows it, and who lies outside the integration app's scope. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{model::WeComApp, reading::AppReading};
use crate::{
    directory::{setup::Setup, setup_problem::Problem, sync::plan::visible_scope::Cover},
    kernel::clock::Timestamp,
    word_schema,
};

/// A WeCom app: never with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeComAppView {
    /// Row id.
    pub id: Uuid,
    /// Corp ID of the corp it belongs to.
    pub corp_id: String,
    /// AgentId of the app.
    #[schema(example = 1_000_002)]
    pub agent_id: i64,
    /// As WeCom names it; empty until first read.
    pub name: String,
    /// Whether it is disabled in WeCom.
    pub closed: bool,
    /// The trusted domain of in-app OAuth, as WeCom shows it; null: not known.
    pub redirect_domain: Option<String>,
    /// When WeCom described the app last, milliseconds since 1970; null: never.
    pub read_at: Option<Timestamp>,
    /// Of when the visible scope is that is held, milliseconds since 1970; null: never read.
    pub scope_read_at: Option<Timestamp>,
    /// Members inside its scope; null: not known.
    pub members: Option<i64>,
    /// Of them, those outside the integration app's scope; null: not known, or it is that app.
    pub outside_integration_scope: Option<i64>,
    /// The data sources that are synced through it.
    pub data_sources: Vec<Named>,
    /// The auth sources that sign in through it.
    pub auth_sources: Vec<Named>,
    /// What is wrong with it now; empty: nothing.
    pub problems: Vec<Problem>,
}

/// A data source or auth source that uses an app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserOfApp)]
pub struct Named {
    /// Row id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Whether it is switched on.
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

/// Members inside an app's visible scope and outside the integration app's.
#[derive(Debug, Serialize, ToSchema)]
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

/// A member inside an app's visible scope and outside the integration app's.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutsideMember {
    /// Row id of the member.
    pub id: Uuid,
    /// Their userid, as WeCom writes it.
    pub userid: String,
    /// Their name; null where WeCom gave none.
    pub name: Option<String>,
    /// Row id of the linked user; null: none.
    pub user_id: Option<Uuid>,
    /// WeCom's ids of the departments they are in.
    pub departments: Vec<i64>,
    /// By what they are inside the app's scope.
    pub because: LineView,
}

/// Kind of a line of a scope, as a word.
#[derive(Debug)]
pub struct LineKind;

word_schema!(
    LineKind,
    "ScopeLineKind",
    "What a line of a visible scope names: a `department` with all below it, a `tag`, or a `member` picked singly.",
    ["department", "tag", "member"]
);

/// A line of a visible scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ScopeLine)]
pub struct LineView {
    /// What it is.
    #[schema(value_type = LineKind)]
    pub kind: &'static str,
    /// WeCom's id, of a department or a tag; absent for a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub wecom_id: Option<i64>,
    /// Userid of a member picked singly, in lower case; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub userid: Option<String>,
    /// Name of the department or tag, where it is known; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
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
