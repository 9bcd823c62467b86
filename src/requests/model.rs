//! Access requests as values, and their bounds. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::state::State;
use crate::{
    audit::actor,
    crypto::digest::entity_tag,
    kernel::{
        clock::Timestamp,
        entity_tag::EntityTag,
        sorting::{Kind, Sort, SortWords},
        validation::is_invisible,
    },
    web::texts::Lang,
    word_schema,
};

/// How long a request waits for somebody to decide.
pub const LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long the link that approvers are sent works.
pub const LINK_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// Requests that one member can make within [`A_DAY`].
pub const MOST_OF_MEMBER: u64 = 3;
/// The time in which they are counted.
pub const A_DAY: Duration = Duration::from_secs(24 * 3600);
/// Requests of one data source that can be open.
pub const MOST_OPEN: u64 = 200;
/// Longest reason, of a person or of an approver, characters.
pub const LONGEST_REASON: usize = 500;

/// How a list of requests can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Id), ("userid", Kind::Text)],
    Sort::down("created_at", Kind::Id),
);

/// How somebody had signed in to WeCom: `web`: its login page, with a scan; `in_app`: inside the WeCom client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMode {
    /// Its login page, with a scan.
    Web,
    /// Inside the WeCom client.
    InApp,
}

impl SignInMode {
    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::InApp => "in_app",
        }
    }
}

word_schema!(
    SignInMode,
    "AccessRequestMode",
    "How the person had signed in to WeCom: `web`: its login page, with a scan; `in_app`: inside the WeCom client.",
    [SignInMode::Web.word(), SignInMode::InApp.word()]
);

/// By which way a request was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The admin API, and the console, which calls it.
    Api,
    /// The page of the link.
    Link,
    /// A button of a card in WeCom.
    Card,
    /// Nobody's hand: its time was over, or the person did it.
    Itself,
}

/// Who decides, and by which way.
#[derive(Clone, Debug)]
pub struct Decider {
    /// As in the audit log.
    pub actor: String,
    /// What they are called, where they are a person.
    pub name: Option<String>,
    /// May open portals that were not asked for.
    pub every_portal: bool,
    /// May put people into groups.
    pub groups: bool,
    /// Has the console role operator or more: may choose the username, and let in whom an admin left out, or removed.
    pub operates: bool,
    /// By which way.
    pub via: Via,
}

/// Why a request was closed that nobody can decide any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBecause {
    /// The person left, or somebody else has their userid by now.
    PersonLeft,
    /// The data source takes no requests any more.
    RequestsOff,
    /// The data source is switched off.
    SourceOff,
    /// The company went to another app, which knows the person by another ID.
    CompanyMoved,
}

impl ClosedBecause {
    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PersonLeft => "person_left",
            Self::RequestsOff => "requests_off",
            Self::SourceOff => "source_off",
            Self::CompanyMoved => "company_moved",
        }
    }
}

word_schema!(
    ClosedBecause,
    "AccessRequestClosedBecause",
    "Why a request was closed that nobody can decide any more: `person_left`: the person left, or somebody else has their member ID by now; \
     `requests_off`: the data source takes no requests any more; `source_off`: it is switched off; `company_moved`: the company went to another app, which does not know the person by that ID.",
    [
        ClosedBecause::PersonLeft.word(),
        ClosedBecause::RequestsOff.word(),
        ClosedBecause::SourceOff.word(),
        ClosedBecause::CompanyMoved.word()
    ]
);

/// How a request was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// By which way.
    pub via: Via,
    /// Username that was given.
    #[serde(default)]
    pub username: Option<String>,
    /// `client_id` of each portal that was chosen.
    #[serde(default)]
    pub portals: Vec<String>,
    /// Name of each group that was chosen.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Until when they have access, milliseconds.
    #[serde(default)]
    pub access_until: Option<i64>,
    /// What the approver is called.
    #[serde(default)]
    pub name: Option<String>,
    /// Why it was closed.
    #[serde(default)]
    pub because: Option<ClosedBecause>,
}

impl Decision {
    /// One that says nothing but by which way.
    pub const fn by(via: Via) -> Self {
        Self {
            via,
            username: None,
            portals: Vec::new(),
            groups: Vec::new(),
            access_until: None,
            name: None,
            because: None,
        }
    }
}

/// How an admin decided before that a member stays out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// A conflict of theirs was settled so.
    Ignored,
    /// Their user was removed.
    Removed,
}

impl LeftOut {
    /// All.
    pub const ALL: [Self; 2] = [Self::Ignored, Self::Removed];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Removed => "removed",
        }
    }
}

word_schema!(
    LeftOut,
    "AccessRequestLeftOut",
    "How an admin decided before that the member stays out: `ignored`: a conflict was settled so; `removed`: their user was removed.",
    LeftOut::ALL.map(LeftOut::word)
);

/// What an approval would give, and what speaks against it.
#[derive(Clone, Debug)]
pub struct Prospect {
    /// The username, unless another is chosen.
    pub username: String,
    /// Somebody has it already.
    pub taken: bool,
    /// An admin decided before that they stay out.
    pub left_out: Option<LeftOut>,
}

/// A portal, as requests name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// Row id.
    pub id: Uuid,
    /// `client_id`.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Not everybody may enter it.
    pub limited: bool,
}

/// A group, as requests name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Row id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// An access request.
#[derive(Clone, Debug)]
pub struct AccessRequest {
    /// Row id.
    pub id: Uuid,
    /// Row id of the data source.
    pub data_source: Uuid,
    /// Its name.
    pub data_source_name: String,
    /// WeCom corp ID.
    pub corp_id: String,
    /// Names that corp in its mode.
    pub corp_key: String,
    /// As the scan proved it.
    pub userid: String,
    /// The member's name, where WeCom told it.
    pub name: Option<String>,
    /// Row id of the member who asked, where a sync has read them.
    pub member: Option<Uuid>,
    /// The word of how they had signed in to WeCom.
    pub mode: String,
    /// The portal they wanted to enter.
    pub portal: Option<Portal>,
    /// Where it stands.
    pub state: State,
    /// What they say; may be empty.
    pub reason: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is over undecided.
    pub expires_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// By whom, as in the audit log.
    pub decided_by: Option<String>,
    /// How.
    pub decision: Option<Decision>,
    /// Why it was refused.
    pub refusal_reason: Option<String>,
    /// Whether the person is told why.
    pub reason_shown: bool,
    /// The user they became.
    pub user: Option<Uuid>,
    /// Until when the link works.
    pub link_expires_at: Timestamp,
    /// The language of the page on which they asked.
    pub lang: Option<Lang>,
    /// Counts its changes.
    pub version: i64,
}

impl AccessRequest {
    /// The matter, as notices and the audit log name it.
    pub fn subject(&self) -> String {
        subject(self.id)
    }

    /// Changes with whatever happens to it.
    pub fn tag(&self) -> EntityTag {
        tag(self.id, self.version)
    }

    /// Who asks, in words: the userid, and the name where WeCom told it.
    pub fn who(&self) -> String {
        match &self.name {
            Some(name) => format!("{} · {name}", self.userid),
            None => self.userid.clone(),
        }
    }

    /// Who asks, as the audit log names them.
    pub fn actor(&self) -> String {
        actor::member(&self.corp_key, &self.userid)
    }

    /// Why it was refused, where the person may know.
    pub fn told_reason(&self) -> Option<&str> {
        self.refusal_reason.as_deref().filter(|_| self.reason_shown)
    }

    /// Whether the link leads on.
    pub fn link_works(&self, now: Timestamp) -> bool {
        now < self.link_expires_at
    }
}

/// The matter of the request with this id.
pub fn subject(id: Uuid) -> String {
    format!("access_request:{id}")
}

/// The entity tag of a request at this version.
pub fn tag(id: Uuid, version: i64) -> EntityTag {
    entity_tag(&(id, version))
}

/// Which requests are wanted.
#[derive(Clone, Debug, Default)]
pub struct RequestFilter {
    /// Of this data source.
    pub data_source: Option<Uuid>,
    /// In this state.
    pub state: Option<State>,
    /// Of the member with this userid.
    pub userid: Option<String>,
}

/// What somebody wrote, as it is kept: without characters that nobody sees and that may turn the direction of writing or end a line of a mail, and
/// without blanks around it.
pub fn tame(text: &str) -> String {
    let unseen = |letter: char| is_invisible(letter) || letter.is_control() && letter != '\n';
    let kept: String = text
        .replace("\r\n", "\n")
        .chars()
        .filter(|letter| !unseen(*letter))
        .collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_writes_keeps_its_words_and_lines_and_loses_what_steers_others() {
        let hostile = " \u{202e}<script>alert(1)</script>\r\nBcc: x@y.example\u{0}\u{7}\u{200b}\n再见\t! ";
        assert_eq!(tame(hostile), "<script>alert(1)</script>\nBcc: x@y.example\n再见!");
        assert_eq!(tame("\u{feff}\r\n"), "");
    }
}
