//! What an administrator does in WeCom's console, or WeCom by itself: changes of which callbacks tell (reference §7, §17.1).

use serde::{Deserialize, Serialize};

use super::{
    corp::Corp,
    member::{Member, Placement},
    scope::Scope,
};

/// One change. [`crate::Simulator::act`] carries it out and sends the events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// A member joins; one with this userid is overwritten.
    Add(Member),
    /// A member leaves.
    Remove {
        /// Userid.
        userid: String,
    },
    /// A userid is given on: its member leaves, and somebody else gets it.
    Replace(Member),
    /// A userid changes.
    Rename {
        /// The userid before.
        userid: String,
        /// The userid afterwards.
        to: String,
    },
    /// Two members swap their userids.
    Swap {
        /// One userid.
        userid: String,
        /// The other.
        with: String,
    },
    /// A member is disabled (2), enabled (1) or the like.
    Status {
        /// Userid.
        userid: String,
        /// The new status.
        status: u8,
    },
    /// A member moves; the first department is the main one.
    Move {
        /// Userid.
        userid: String,
        /// Department ids.
        departments: Vec<u32>,
    },
    /// An app's visible scope is set.
    Scope {
        /// The app.
        agentid: u32,
        /// The new scope.
        scope: Scope,
    },
    /// WeCom switches an app off because nobody used it for long, or on again.
    Disuse {
        /// The app.
        agentid: u32,
        /// Off, or on again.
        disused: bool,
    },
}

impl Action {
    /// The actions of which it consists.
    pub(crate) fn steps(self) -> Vec<Self> {
        match self {
            Self::Replace(member) => {
                let userid = member.userid.clone();
                vec![Self::Remove { userid }, Self::Add(member)]
            }
            step => vec![step],
        }
    }

    /// The member it is about.
    pub(crate) fn userid(&self) -> Option<&str> {
        match self {
            Self::Add(member) | Self::Replace(member) => Some(&member.userid),
            Self::Remove { userid }
            | Self::Rename { userid, .. }
            | Self::Swap { userid, .. }
            | Self::Status { userid, .. }
            | Self::Move { userid, .. } => Some(userid),
            Self::Scope { .. } | Self::Disuse { .. } => None,
        }
    }

    /// Changes the corp; false, and nothing is changed, where the member or app is unknown or a userid is taken.
    pub(crate) fn apply(&self, corp: &mut Corp) -> bool {
        match self {
            Self::Add(member) | Self::Replace(member) => {
                corp.add_member(member.clone());
                true
            }
            Self::Remove { userid } => corp.remove_member(userid).is_some(),
            Self::Rename { userid, to } => {
                let free = corp.member(to).is_none() || userid.eq_ignore_ascii_case(to);
                free && corp.rename_member(userid, to)
            }
            Self::Swap { userid, with } => corp.swap_members(userid, with),
            Self::Status { userid, status } => corp.member_mut(userid).map(|member| member.status = *status).is_some(),
            Self::Move { userid, departments } => corp
                .member_mut(userid)
                .map(|member| {
                    member.departments = departments.iter().map(|&id| Placement::of(id)).collect();
                    member.main_department = departments.first().copied();
                })
                .is_some(),
            Self::Scope { agentid, scope } => {
                let app = corp.apps.get_mut(agentid);
                app.map(|app| app.scope.clone_from(scope)).is_some()
            }
            Self::Disuse { agentid, disused } => {
                let app = corp.apps.get_mut(agentid);
                app.map(|app| app.disused = *disused).is_some()
            }
        }
    }
}
