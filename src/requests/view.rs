//! An access request as the API shows it. Never with the token of its link.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    model::{AccessRequest, ClosedBecause, LeftOut, Prospect, SignInMode},
    state::{Event, State},
};
use crate::kernel::entity_tag::{EntityTag, Tagged};

/// An access request: a member who is not imported asks to be let in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessRequest)]
pub struct RequestView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id.
    pub id: Uuid,
    /// Row id of the data source.
    pub data_source_id: Uuid,
    /// WeCom corp ID, as the scan proved it.
    #[schema(example = "ww1a2b3c4d5e6f7a8b")]
    pub corp_id: String,
    /// Their userid, as WeCom wrote it.
    #[schema(example = "ZhangSan")]
    pub userid: String,
    /// Their name; null where WeCom gave none.
    pub name: Option<String>,
    /// Row id of the member; null: no sync has read them.
    pub member_id: Option<Uuid>,
    /// How they had signed in to WeCom.
    #[schema(value_type = SignInMode)]
    pub mode: String,
    /// `client_id` of the portal they wanted to enter; null: none, the console, or it is gone.
    pub client_id: Option<String>,
    /// Where it stands.
    pub state: State,
    /// What they say; may be empty.
    pub reason: String,
    /// When it was made, milliseconds since 1970.
    pub created_at: i64,
    /// When it is over undecided, milliseconds since 1970.
    pub expires_at: i64,
    /// Until when the link that approvers were sent works, milliseconds since 1970.
    pub link_expires_at: i64,
    /// Who decided, as in the audit log; null: nobody.
    pub decided_by: Option<String>,
    /// When, milliseconds since 1970; null: it is open.
    pub decided_at: Option<i64>,
    /// Row id of the user they became; null: they are none.
    pub user_id: Option<Uuid>,
    /// The username that was given; null: not approved.
    pub username: Option<String>,
    /// `client_id` of each portal that was chosen.
    pub portals: Vec<String>,
    /// Name of each group that was chosen.
    pub groups: Vec<String>,
    /// Until when access was given, milliseconds since 1970; null: no such date.
    pub access_until: Option<i64>,
    /// Why it was refused; null: no reason was given.
    pub refusal_reason: Option<String>,
    /// Whether the person is told why.
    pub reason_shown: bool,
    /// Why it was closed; null: it was not.
    pub closed_because: Option<ClosedBecause>,
    /// The username that they would get; null: it is decided, or part of a list.
    pub suggested_username: Option<String>,
    /// Whether somebody has that name already, so that another one is needed; null: it is decided, or part of a list.
    pub username_taken: Option<bool>,
    /// How an admin decided before that they stay out, which an approval overrules; null: nobody did, it is decided, or part of a list.
    pub left_out: Option<LeftOut>,
    /// What can be decided now: names of sub-resources.
    #[schema(value_type = Vec<String>, example = json!(["approve", "refuse"]))]
    pub allowed: &'static [&'static str],
}

impl RequestView {
    /// The view of a request.
    pub fn of(request: AccessRequest) -> Self {
        let open = request.state.after(Event::Approve).is_some();
        let decision = request.decision.as_ref();
        Self {
            etag: request.tag(),
            id: request.id,
            data_source_id: request.data_source,
            member_id: request.member,
            client_id: request.portal.as_ref().map(|portal| portal.client_id.clone()),
            created_at: request.created_at.millis(),
            expires_at: request.expires_at.millis(),
            link_expires_at: request.link_expires_at.millis(),
            decided_at: request.decided_at.map(|at| at.millis()),
            user_id: request.user,
            username: decision.and_then(|decision| decision.username.clone()),
            portals: decision.map(|decision| decision.portals.clone()).unwrap_or_default(),
            groups: decision.map(|decision| decision.groups.clone()).unwrap_or_default(),
            access_until: decision.and_then(|decision| decision.access_until),
            closed_because: decision.and_then(|decision| decision.because),
            suggested_username: None,
            username_taken: None,
            left_out: None,
            allowed: if open { &["approve", "refuse"] } else { &[] },
            corp_id: request.corp_id,
            userid: request.userid,
            name: request.name,
            mode: request.mode,
            state: request.state,
            reason: request.reason,
            decided_by: request.decided_by,
            refusal_reason: request.refusal_reason,
            reason_shown: request.reason_shown,
        }
    }

    /// With what they would get, and what speaks against it.
    #[must_use]
    pub fn with(self, prospect: Prospect) -> Self {
        if self.allowed.is_empty() {
            return self;
        }
        Self {
            suggested_username: Some(prospect.username),
            username_taken: Some(prospect.taken),
            left_out: prospect.left_out,
            ..self
        }
    }
}

impl Tagged for RequestView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}
