//! Installations and invitations as the API shows them: never with a code.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    failure::InstallationFailure,
    model::{Installation, Invitation, ScopeCounts, Stage, Way},
    state::Status,
    store::counts::Beside,
};
use crate::{
    directory::{importing::rules::ImportMode, setup_problem::Problem},
    kernel::clock::Timestamp,
};

/// A company that installed an app of the service provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Installation)]
pub struct InstallationView {
    /// Row id.
    pub id: Uuid,
    /// Row id of the suite.
    pub suite_id: Uuid,
    /// What the suite is called here.
    pub suite_name: String,
    /// Corp ID, as WeCom tells it to this service provider.
    #[schema(example = "wpabcdefabcdefabcdefabcdef")]
    pub corp_id: String,
    /// The company as WeCom named it; may be empty.
    pub corp_name: String,
    /// The app as WeCom names it; empty until first read.
    pub app_name: String,
    /// AgentId of the app in the company; null: not read yet.
    pub agent_id: Option<i64>,
    /// Where it stands.
    pub status: Status,
    /// How it was installed last.
    pub way: Way,
    /// Member ID of who installed it; null: WeCom did not tell.
    pub installed_by: Option<String>,
    /// When, milliseconds since 1970.
    pub installed_at: i64,
    /// Until when it waits to be bound, milliseconds since 1970; null: it does not wait, or has no end.
    pub expires_at: Option<i64>,
    /// Installed by a member for themselves alone, not by an admin for the company.
    pub by_member: bool,
    /// What was picked when the app was authorised.
    pub scope: ScopeCounts,
    /// When WeCom told that last, milliseconds since 1970; null: never.
    pub read_at: Option<i64>,
    /// Row id of its data source; null: none.
    pub data_source_id: Option<Uuid>,
    /// What its data source is called; null: none.
    pub data_source_name: Option<String>,
    /// Authorised employees that were synced; null: it is not bound.
    pub members: Option<i64>,
    /// Departments that were synced; null: it is not bound.
    pub departments: Option<i64>,
    /// Who bound it, as in the audit log; null: nobody.
    pub bound_by: Option<String>,
    /// When, milliseconds since 1970.
    pub bound_at: Option<i64>,
    /// When the company deleted the app in WeCom, milliseconds since 1970; null: it did not.
    pub cancelled_at: Option<i64>,
    /// When everything that WeCom told of it was removed, milliseconds since 1970; null: it was not.
    pub data_removed_at: Option<i64>,
    /// What is wrong with it; empty: nothing.
    pub problems: Vec<Problem>,
    /// When it was first seen, milliseconds since 1970.
    pub created_at: i64,
}

impl InstallationView {
    /// The view of an installation.
    pub(super) fn of(one: Installation, beside: &Beside) -> Self {
        let problems = problems(&one);
        let bound = one.status == Status::Bound;
        let counted = |counts: &std::collections::HashMap<Uuid, i64>| {
            let source = one.data_source.filter(|_| bound)?;
            Some(counts.get(&source).copied().unwrap_or(0))
        };
        let (members, departments) = (counted(&beside.members), counted(&beside.departments));
        let (bound_by, bound_at) = one.bound.unzip();
        Self {
            id: one.id,
            suite_id: one.suite,
            suite_name: beside.suites.get(&one.suite).cloned().unwrap_or_default(),
            corp_id: one.corp_id,
            corp_name: one.corp_name,
            app_name: one.app_name,
            agent_id: one.agent_id,
            status: one.status,
            way: one.way,
            installed_by: one.installed_by,
            installed_at: one.installed_at,
            expires_at: one.expires_at.filter(|_| one.status == Status::Unbound),
            by_member: one.by_member,
            scope: one.scope,
            read_at: one.read_at,
            data_source_id: one.data_source,
            data_source_name: one.data_source.and_then(|id| beside.sources.get(&id).cloned()),
            members,
            departments,
            bound_by,
            bound_at,
            cancelled_at: one.cancelled_at,
            data_removed_at: one.removed_at,
            problems,
            created_at: one.created_at,
        }
    }
}

fn problems(one: &Installation) -> Vec<Problem> {
    let mut problems = Vec::new();
    if one.has_lost_source {
        problems.push(Problem::of(InstallationFailure::SourceRemoved.entry(), ""));
    }
    if let Some((number, detail)) = &one.problem {
        problems.extend(Problem::of_number(number, detail.clone()));
    }
    if one.by_member && one.status.is_live() {
        problems.push(Problem::of(InstallationFailure::ByMember.entry(), "").warning());
    }
    problems
}

/// An invitation to install a suite: an admin wants to connect a company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationView {
    /// Row id.
    pub id: Uuid,
    /// Row id of the suite.
    pub suite_id: Uuid,
    /// By which way the company installs it.
    pub way: Way,
    /// Who becomes a user of the new data source.
    pub import: ImportMode,
    /// Where it stands.
    pub stage: Stage,
    /// Who made it, as in the audit log; only they can redeem it.
    pub created_by: String,
    /// When, milliseconds since 1970.
    pub created_at: i64,
    /// Until when it can be used, milliseconds since 1970.
    pub expires_at: i64,
    /// WeCom's install page, shown this once; null: it was shown before, or the way is another one.
    pub install_url: Option<String>,
    /// What the app's QR code holds; null: WeCom gave none, so the company finds the app in WeCom's app market or by the QR code of the provider
    /// console.
    pub qr: Option<String>,
    /// Row id of the installation it led to, or, before that, of the one that came from its QR code; null: none yet.
    pub installation_id: Option<Uuid>,
    /// Why nothing came of it, or why WeCom gave no QR code; null: nothing is wrong.
    pub problem: Option<Problem>,
}

impl InvitationView {
    /// The view of an invitation.
    pub(super) fn of(one: Invitation, now: Timestamp) -> Self {
        Self {
            stage: one.stage(now),
            id: one.id,
            suite_id: one.suite,
            way: one.way,
            import: one.import,
            created_by: one.created_by,
            created_at: one.created_at,
            expires_at: one.expires_at,
            install_url: None,
            qr: None,
            installation_id: one.installation,
            problem: one
                .refused
                .and_then(|(number, detail)| Problem::of_number(&number, detail)),
        }
    }
}

/// A scan that was begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InstallationScan)]
pub struct ScanView {
    /// WeCom's login page, on which a member scans; it comes back to the console.
    pub login_url: String,
    /// Until when it may come back, milliseconds since 1970.
    pub expires_at: i64,
}
