//! Values read from WeCom's replies, after tolerant parsing: absent and empty are the same, letter case of keys does not matter where
//! WeCom's varies.

use crate::kernel::secret::Secret;

/// Which secret a token was fetched with; decides what WeCom lets it do (reference 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// A self-built app, or one that was installed from a suite: bound to its visible scope; may exchange codes and send messages.
    App {
        /// WeCom AgentId.
        agent_id: i64,
    },
    /// The contacts-sync helper: whole corp, but details only from old IPs (48009).
    ContactsSync,
    /// 客户联系, or a self-built app on its list 可调用应用: only what is about customers (reference 8).
    ExternalContacts,
}

/// Credential of a WeCom call: corp ID and secret.
#[derive(Clone, Debug)]
pub struct Credential {
    /// WeCom corp ID.
    pub corp_id: String,
    /// Secret of an app, of the contacts-sync helper or of 客户联系, or the permanent code of an installed suite.
    pub secret: Secret<String>,
    /// What it is the secret of.
    pub kind: SecretKind,
    /// The suite that the app was installed from; `None`: the corp made it itself.
    pub suite: Option<SuiteCredential>,
}

impl Credential {
    /// The suite, where the app is a third-party one and not made by a vendor for this corp: then people sign in at the suite (reference 9.8).
    pub fn third_party(&self) -> Option<&SuiteCredential> {
        self.suite.as_ref().filter(|suite| !suite.is_template())
    }
}

/// What a ticket signs pages for; they are not interchangeable (reference 11, 42012).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKind {
    /// The app: `wx.agentConfig`, and with it the display component.
    App,
    /// The corp: `wx.config`.
    Corp,
}

/// A suite of a service provider, with what its tokens are fetched with (reference 9.1).
#[derive(Clone, Debug)]
pub struct SuiteCredential {
    /// WeCom's `suite_id`, or the id of a template.
    pub suite_id: String,
    /// `suite_secret`.
    pub secret: Secret<String>,
    /// The newest `suite_ticket`; `None`: none came, or it is older than thirty minutes.
    pub ticket: Option<Secret<String>>,
    /// Its provider, which QR codes of templates are asked for with.
    pub provider: Option<ProviderCredential>,
}

impl SuiteCredential {
    /// Whether it is the template of an app that a vendor makes for one corp (代开发): its permanent code is then the app's own secret, and its people
    /// sign in as to an app of the corp (reference 0.2, 2.1).
    pub fn is_template(&self) -> bool {
        is_template(&self.suite_id)
    }
}

/// Whether this id names the template of apps that a provider develops for customers (reference 0.2).
pub fn is_template(suite_id: &str) -> bool {
    suite_id.starts_with("dk")
}

/// Fewer characters no encrypted userid has that was seen.
const SHORTEST_ENCRYPTED: usize = 20;

/// Whether a userid that a suite is told looks like one that was encrypted for its provider (`wo…`, reference 0.2), and not like one that a company chose.
pub fn is_encrypted_userid(userid: &str) -> bool {
    userid.starts_with("wo") && userid.len() >= SHORTEST_ENCRYPTED
}

/// A service provider (reference 9.1).
#[derive(Clone, Debug)]
pub struct ProviderCredential {
    /// The provider's own corp ID.
    pub corp_id: String,
    /// `provider_secret`.
    pub secret: Secret<String>,
}

/// Who scanned, as the code exchange tells (reference 3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScannedIdentity {
    /// A member of this corp, whether or not in the visible scope.
    Member {
        /// As WeCom wrote it; letter case may differ from the stored one.
        userid: String,
        /// For `auth/getuserdetail`, if WeCom gave one.
        user_ticket: Option<String>,
    },
    /// A visitor of a linked or upstream/downstream corp (`CorpId/userid`): not ours.
    LinkedCorp {
        /// The other corp.
        corp_id: String,
        /// Their userid there.
        userid: String,
    },
    /// An employee of another corp, who signed in by the same suite: any corp's may (reference 9.8).
    OtherCorp {
        /// Theirs, as the suite knows it.
        corp_id: String,
    },
    /// Not a member of any corp we know; `openid` is never an identity here.
    Outsider,
}

/// A member as `user/get` or `user/list` describes them (reference 3.4). Withheld and empty fields are both `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// In WeCom's canonical letter case.
    pub userid: String,
    /// The provider's id of the person, where a suite asked: it stays, whatever is told as the userid (reference 0.2).
    pub open_userid: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Alias.
    pub alias: Option<String>,
    /// Position.
    pub position: Option<String>,
    /// The address the member gave (邮箱).
    pub email: Option<String>,
    /// The corporate mailbox (企业邮箱).
    pub biz_mail: Option<String>,
    /// Mobile number as WeCom writes it.
    pub mobile: Option<String>,
    /// URL.
    pub avatar: Option<String>,
    /// The OpenID word for it: `male` or `female`.
    pub gender: Option<&'static str>,
    /// Department ids the secret may see.
    pub departments: Vec<i64>,
    /// Main department id, if visible.
    pub main_department: Option<i64>,
    /// 1 active, 2 disabled, 4 not activated, 5 left; `None` when the call does not tell (simplelist, list_id).
    pub status: Option<i32>,
    /// What was left out or mended in this row, for the admin; without the values.
    pub remarks: Vec<String>,
}

/// Member lookup: the live answer about one member for one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberLookup {
    /// WeCom described them.
    Visible(Box<Member>),
    /// 60111, 60011, 50002 or 60021: out of the visible scope, left, or never there; WeCom does not say which (reference 3.4).
    NotVisible {
        /// WeCom's code.
        errcode: i64,
    },
}

/// A list from WeCom: what could be read of it, and what could not (one malformed row is one skipped row).
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// Readable rows.
    pub rows: Vec<T>,
    /// Unreadable rows.
    pub malformed: Vec<Malformed>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<T> From<Vec<T>> for Rows<T> {
    fn from(rows: Vec<T>) -> Self {
        let malformed = Vec::new();
        Self { rows, malformed }
    }
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Its userid, when at least that was readable; one that is none is shown with its oddities escaped, so that it is nobody's.
    pub userid: Option<String>,
    /// What was wrong, and where in the list when there is no userid; without the values.
    pub reason: String,
}

impl Malformed {
    /// A row of which not even the userid could be read.
    pub fn nameless(reason: impl Into<String>) -> Self {
        Self {
            userid: None,
            reason: reason.into(),
        }
    }

    /// The same, told with its place in a list where there is no userid to tell it by.
    #[must_use]
    pub fn at(mut self, place: usize, list: &str) -> Self {
        if self.userid.is_none() {
            self.reason = format!("row {place} of `{list}`: {}", self.reason);
        }
        self
    }
}

/// Whether this is a userid (reference 0.2): 1 to 64 of `A-Za-z0-9_-@.`, the first a letter or digit.
pub fn is_userid(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-@.".contains(&byte))
}

/// A department (reference 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// WeCom's id.
    pub id: i64,
    /// Parent id; 0 for the root; may be invisible. `None`: not told, or not readable.
    pub parent_id: Option<i64>,
    /// Name; `None` where only ids were readable.
    pub name: Option<String>,
    /// Bigger comes first.
    pub order: i64,
}

/// A tag's name and id (reference 5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagName {
    /// WeCom's id.
    pub id: i64,
    /// Name.
    pub name: String,
}

/// A tag's content (reference 5.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagContent {
    /// userids tagged individually, limited to what the secret sees.
    pub userids: Vec<String>,
    /// Departments tagged with their whole subtree.
    pub departments: Vec<i64>,
    /// Unreadable rows.
    pub malformed: Vec<Malformed>,
}

/// One (member, department) pair of `user/list_id` (reference 5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberId {
    /// userid.
    pub userid: String,
    /// Department id.
    pub department: i64,
}

/// An app as `agent/get` describes it (reference 4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// AgentId.
    pub agent_id: i64,
    /// Name.
    pub name: String,
    /// userids picked individually.
    pub users: Vec<String>,
    /// Unreadable rows among them.
    pub malformed: Vec<Malformed>,
    /// Departments picked, each with its whole subtree.
    pub departments: Vec<i64>,
    /// Tags picked.
    pub tags: Vec<i64>,
    /// Disabled in WeCom.
    pub closed: bool,
    /// Trusted domain of in-app OAuth and JS-SDK; not proof of the web login's callback domain.
    pub redirect_domain: Option<String>,
}

/// What a member consented to show (reference 3.3); no name and no department comes this way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserDetail {
    /// In WeCom's letter case.
    pub userid: String,
    /// The address the member gave (邮箱).
    pub email: Option<String>,
    /// The corporate mailbox (企业邮箱).
    pub biz_mail: Option<String>,
    /// Mobile number as WeCom writes it.
    pub mobile: Option<String>,
    /// URL; WeCom gives a picture of its own where the member gave none.
    pub avatar: Option<String>,
    /// The OpenID word for it: `male` or `female`.
    pub gender: Option<&'static str>,
}
