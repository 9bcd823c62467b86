//! Facts: all the gate knows about one visit, as plain values. Gathering them may ask the database and WeCom; checking them does not.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    directory::{
        identity::{evidence::Traits, verdict::Verdict},
        user::standard_claims::StandardClaims,
    },
    kernel::clock::Timestamp,
};

/// The facts of one visit.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Now.
    pub now: Timestamp,
    /// The portal.
    pub portal: Portal,
    /// What proved who it is: WeCom or a password.
    pub way: AuthMethod,
    /// Users of no data source may sign in with a password.
    pub local_passwords: bool,
    /// The auth source used; `None` if it no longer exists, or for a password.
    pub auth_source: Option<AuthSource>,
    /// Row id of the WeCom app whose visible scope decides: the auth source's, or with a password the integration app.
    pub app: Option<Uuid>,
    /// The data source the auth source is bound to, or the person comes from.
    pub data_source: Option<DataSource>,
    /// Who it is.
    pub identity: Identity,
    /// The mirrored member, if there is one.
    pub member: Option<Member>,
    /// Their user, if imported.
    pub person: Option<Person>,
    /// Those of the portal's groups in which that user is.
    pub groups: Vec<Uuid>,
    /// Whether the cached visible scope covers the member.
    pub cached_scope: CachedScope,
    /// What WeCom said just now.
    pub live: Live,
    /// Whether what WeCom said just now is about the person we hold.
    pub verdict: Verdict,
    /// The session; `None` at the sign-in itself.
    pub session: Option<Session>,
}

/// What proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// WeCom, through an auth source.
    WeCom,
    /// A password, or a passkey, which takes its place; there is no auth source then.
    Password,
}

/// The `amr` values that mark a session by password, or by passkey (RFC 8176 §2). A session without an auth source proves nothing by that: its
/// auth source may have been deleted.
pub const PASSWORD: [&str; 2] = ["pwd", "pop"];

/// A portal's rules.
#[derive(Clone, Debug)]
pub struct Portal {
    /// Row id.
    pub id: Uuid,
    /// Protocol `client_id`.
    pub client_id: String,
    /// Switched on.
    pub enabled: bool,
    /// Accepted auth sources; `None`: all.
    pub auth_sources: Option<Vec<Uuid>>,
    /// Departments (our ids) whose members may enter, with all below.
    pub departments: Vec<Uuid>,
    /// Groups whose users may enter besides.
    pub groups: Vec<Uuid>,
    /// Users who may enter besides; with all three lists empty everybody may.
    pub users: Vec<Uuid>,
    /// Age after which WeCom must confirm the membership again.
    pub membership_max_age: Duration,
    /// For how long besides the last confirmation counts while WeCom does not answer.
    pub membership_grace: Duration,
}

/// The auth source used.
#[derive(Clone, Debug)]
pub struct AuthSource {
    /// Row id.
    pub id: Uuid,
    /// Switched on.
    pub enabled: bool,
    /// Corp ID as entered.
    pub corp_id: String,
    /// Names that corp in the mode of its app.
    pub corp_key: String,
}

/// The directory behind the auth source.
#[derive(Clone, Debug)]
pub struct DataSource {
    /// Row id.
    pub id: Uuid,
    /// Corp ID.
    pub corp_id: String,
    /// Names that corp in its mode: ids of a suite never meet those of another, or of apps that the corp made itself.
    pub corp_key: String,
    /// Row id of the integration app.
    pub app: Option<Uuid>,
    /// Switched on.
    pub enabled: bool,
    /// WeCom login is one of its login methods.
    pub login_wecom: bool,
    /// Passwords are one of its login methods.
    pub login_password: bool,
    /// Nobody enters while it is in doubt who they are.
    pub doubtful_waits: bool,
    /// When a run last saw everybody who was here, milliseconds.
    pub members_confirmed_at: Option<i64>,
}

/// Who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A member of the corp.
    Member {
        /// userid.
        userid: String,
    },
    /// A local user, of no corp, known by a password.
    Local {
        /// User id.
        user: Uuid,
    },
    /// A member of another, linked corp.
    LinkedCorp,
    /// An employee of another corp, who signed in by the same suite.
    OtherCorp {
        /// Theirs, as the suite knows it.
        corp_id: String,
    },
    /// Not a member: WeCom returned no userid, or no member is linked to the user.
    Outsider,
}

/// The mirrored member.
#[derive(Clone, Debug)]
pub struct Member {
    /// Row id.
    pub id: Uuid,
    /// userid in canonical case.
    pub userid: String,
    /// Not departed.
    pub present: bool,
    /// 1 active …; `None` unknown.
    pub status: Option<i32>,
    /// Our ids of the member's departments and all above them.
    pub departments: Vec<Uuid>,
    /// What tells them apart from others.
    pub traits: Traits,
    /// It is in doubt who they are; an admin decides.
    pub doubted: bool,
    /// When WeCom last confirmed the membership.
    pub checked_at: Timestamp,
}

/// Whether a user may sign in, and who decides when they may again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They may.
    Active,
    /// WeCom had the member outside (disabled, out of scope); they may once it shows them as active again.
    Outside,
    /// Disabled, until an admin or a sync says otherwise.
    Disabled,
}

/// The user, with what tokens say about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Immutable id; public `sub`.
    pub id: Uuid,
    /// `preferred_username`.
    pub username: String,
    /// `name`.
    pub display_name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `email_verified`.
    pub email_verified: bool,
    /// `phone_number`.
    pub phone_number: Option<String>,
    /// `phone_number_verified`.
    pub phone_verified: bool,
    /// `picture`.
    pub picture: Option<String>,
    /// `locale`.
    pub locale: Option<String>,
    /// The other standard claims.
    pub standard_claims: StandardClaims,
    /// `updated_at`.
    pub updated_at: Timestamp,
    /// Whether they may sign in.
    pub standing: Standing,
    /// From this moment on they have no access.
    pub access_until: Option<Timestamp>,
}

impl Person {
    /// Whether the date has not come until which they have access.
    pub fn is_within_access(&self, now: Timestamp) -> bool {
        self.access_until.is_none_or(|until| now < until)
    }
}

/// The session of a visit.
#[derive(Clone, Debug)]
pub struct Session {
    /// `sid`.
    pub id: Uuid,
    /// When the person last proved who they are.
    pub auth_time: Timestamp,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// Neither ended nor, for a browser, past its expiry.
    pub alive: bool,
}

/// What the cached visible scope of the app says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedScope {
    /// Covered.
    Inside,
    /// Not covered.
    Outside,
    /// Not covered by what we hold of it, which is not all: nobody is refused for it, and WeCom is asked.
    Uncertain,
    /// The scope was never read.
    Unknown,
}

/// What WeCom says about the member right now, through the auth source's app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// Described, with this status.
    Visible {
        /// 1 active …
        status: Option<i32>,
    },
    /// Out of the app's visible scope, or gone.
    NotVisible,
    /// It knows the members by ids of another kind than those that are held, and nothing says which of them this one is.
    OtherIds,
    /// WeCom did not answer.
    Unreachable,
    /// Not asked, because too many looks were made already: as good as no answer, also for the portal's grace.
    OverBudget,
    /// Not asked: the last confirmation is recent enough.
    NotAsked,
}
