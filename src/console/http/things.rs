//! Things that are known by their ids: what each kind is called, what one of it is called, and its page. Read for a page at once, beside its calls.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    address::segment,
    frame::Frame,
    names,
    visit::{Visit, with_query},
};

/// Most things that one page looks up.
const MOST: usize = 100;

/// Where the page of a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    /// A page of its own below this one.
    Own(&'static str),
    /// On a list.
    List(&'static str),
}

/// A kind of things: its word in the audit log, the collection of the API that has one by its id, and where its page is.
type Kind = (&'static str, Option<&'static str>, Option<Page>);

/// The kinds, by the word before the colon.
const KINDS: &[Kind] = &[
    ("access_request", Some("access-requests"), Some(Page::Own("requests"))),
    ("api_token", Some("api-tokens"), Some(Page::List("settings/tokens"))),
    (
        "auth_source",
        Some("auth-sources"),
        Some(Page::Own("wecom/auth-sources")),
    ),
    ("branding", None, Some(Page::List("settings/branding"))),
    ("callback", None, None),
    ("client", Some("clients"), Some(Page::Own("portals"))),
    ("data_source", Some("data-sources"), Some(Page::Own("wecom"))),
    ("department", Some("departments"), None),
    ("grant", None, None),
    ("group", Some("groups"), Some(Page::Own("people/groups"))),
    (
        "identity_finding",
        Some("identity-findings"),
        Some(Page::Own("sync/identities")),
    ),
    (
        "initial_access_token",
        Some("initial-access-tokens"),
        Some(Page::List("settings/registration")),
    ),
    ("installation", Some("installations"), Some(Page::Own("installations"))),
    ("installation_invitation", None, Some(Page::List("installations"))),
    ("list", None, None),
    ("logout_delivery", None, None),
    ("member", Some("members"), None),
    ("move", None, None),
    ("notice", None, Some(Page::List("settings/notices"))),
    (
        "notice_channel",
        Some("notice-channels"),
        Some(Page::Own("settings/notices/channels")),
    ),
    (
        "notice_subscription",
        Some("notice-subscriptions"),
        Some(Page::Own("settings/notices/subscriptions")),
    ),
    ("offboarding", Some("offboardings"), Some(Page::Own("leaving"))),
    ("passkey", None, None),
    ("password", None, None),
    ("personal_notices", None, Some(Page::List("settings/notices/personal"))),
    ("seal_key", None, None),
    ("server", None, None),
    ("session", None, None),
    ("signing_keys", None, Some(Page::List("settings/keys"))),
    ("suite", Some("suites"), Some(Page::Own("suites"))),
    ("sync_run", Some("sync-runs"), Some(Page::Own("sync"))),
    ("user", Some("users"), Some(Page::Own("people"))),
    (
        "verification_file",
        Some("verification-files"),
        Some(Page::List("wecom/files")),
    ),
    ("wecom_app", Some("wecom-apps"), Some(Page::Own("wecom/apps"))),
];

/// Fields whose values are ids of things of a kind, by the last part of their path.
const FIELDS: &[(&str, &str)] = &[
    ("allowed_departments", "department"),
    ("allowed_groups", "group"),
    ("allowed_users", "user"),
    ("app_id", "wecom_app"),
    ("approvers", "user"),
    ("auth_source_id", "auth_source"),
    ("auth_sources", "auth_source"),
    ("channel_id", "notice_channel"),
    ("client_id", "client"),
    ("clients", "client"),
    ("data_source_id", "data_source"),
    ("data_sources", "data_source"),
    ("groups", "group"),
    ("installation_id", "installation"),
    ("member_id", "member"),
    ("offboarding_id", "offboarding"),
    ("portal", "client"),
    ("portals", "client"),
    ("suite_id", "suite"),
    ("sync_run_id", "sync_run"),
    ("user_id", "user"),
    ("users", "user"),
];

fn kind(word: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.0 == word)
}

/// The kind of what a field names by id; `None`: it names nothing.
pub(super) fn kind_of_field(path: &str) -> Option<&'static str> {
    let mut parts = path.rsplit('.');
    let last = parts.next().unwrap_or(path);
    if last == "id" {
        return parts.next().and_then(kind).map(|kind| kind.0);
    }
    FIELDS.iter().find(|(field, _)| *field == last).map(|(_, kind)| *kind)
}

/// A thing as the API has it, whatever it is.
#[derive(Debug, Default, Deserialize)]
struct Read {
    name: Option<String>,
    corp_name: Option<String>,
    username: Option<String>,
    userid: Option<String>,
    user_id: Option<String>,
}

impl Read {
    fn called(self) -> Option<String> {
        let names = [self.corp_name, self.name, self.username, self.userid];
        names.into_iter().flatten().find(|name| !name.is_empty())
    }
}

/// What is known of one.
#[derive(Clone, Debug, Default)]
struct Thing {
    name: Option<String>,
    /// Of a member: the user whom they are.
    user: Option<String>,
    /// Of a member.
    userid: Option<String>,
}

impl Thing {
    /// The page of a member is that of the user whom they are, or the list of members; there stands a department, too.
    fn among_members(&self, kind: &str, id: &str) -> Option<String> {
        let list = "/console/people/members";
        match (kind, &self.user, &self.userid) {
            ("member", Some(user), _) => Some(format!("/console/people/{}", segment(user))),
            ("member", None, Some(userid)) => Some(with_query(list, [("q", userid.as_str())])),
            ("department", ..) => Some(with_query(list, [("department", id)])),
            _ => None,
        }
    }
}

/// What ids stand for, by `kind:id`.
#[derive(Debug, Default)]
pub(super) struct Things(BTreeMap<String, Thing>);

/// Reads those of these that there are, side by side.
async fn read<'a>(visit: &Visit, wanted: impl Iterator<Item = &'a String>) -> Vec<(String, Thing)> {
    let reads = wanted.filter_map(|one| {
        let (word, id) = one.split_once(':')?;
        let collection = kind(word)?.1?;
        Some(async move {
            let found: Option<Read> = visit.aside(&format!("{collection}/{}", segment(id))).await;
            Some((one.clone(), found?))
        })
    });
    let found = join_all(reads).await.into_iter().flatten();
    let thing = |(one, mut read): (String, Read)| {
        let is_member = one.starts_with("member:");
        let thing = Thing {
            user: read.user_id.take().filter(|_| is_member),
            userid: read.userid.clone().filter(|_| is_member),
            name: read.called(),
        };
        (one, thing)
    };
    found.map(thing).collect()
}

impl Things {
    /// Looks these up, each `kind:id`; kinds that the API has none of by id are nothing to look up.
    pub async fn of(visit: &Visit, wanted: BTreeSet<String>) -> Self {
        let mut known = BTreeMap::new();
        let users = wanted.iter().filter_map(|one| one.strip_prefix("user:"));
        for (id, name) in names::people(visit, users).await {
            let thing = Thing {
                name: Some(name),
                ..Thing::default()
            };
            known.insert(format!("user:{id}"), thing);
        }
        let others = wanted.iter().filter(|one| !one.starts_with("user:"));
        known.extend(read(visit, others.take(MOST)).await);
        Self(known)
    }

    /// The page of the thing with this id, of whatever kind it is; none: nothing has it, or it has no page.
    pub async fn page_of(visit: &Visit, frame: &Frame, id: Uuid) -> Option<String> {
        let each: Vec<String> = KINDS.iter().map(|(word, ..)| format!("{word}:{id}")).collect();
        let known = Self(read(visit, each.iter()).await.into_iter().collect());
        let (subject, _) = known.0.first_key_value()?;
        known.told(frame, subject, None).1
    }

    /// What the thing of this kind is called; `None`: it is not known, or not there any more.
    pub fn name(&self, kind: &str, id: &str) -> Option<&str> {
        self.0.get(&format!("{kind}:{id}"))?.name.as_deref()
    }

    /// What somebody or something is called by its kind and name, and its page where it is there. `told`: its name where it is gone. People and portals
    /// are called by their names alone.
    pub fn told(&self, frame: &Frame, subject: &str, told: Option<&str>) -> (String, Option<String>) {
        let (word, id) = subject.split_once(':').unwrap_or((subject, ""));
        let Some((word, collection, page)) = kind(word).copied() else {
            return (names::who(frame, &BTreeMap::new(), subject), None);
        };
        let known = self.0.get(subject);
        let name = known.and_then(|known| known.name.as_deref()).or(told);
        let what = frame.word("console-about", word);
        let name = match (name, word) {
            (Some(name), "client" | "data_source" | "group" | "user") => name.to_owned(),
            (Some(name), _) => format!("{what} · {name}"),
            (None, "client") => id.to_owned(),
            (None, "list") => format!("{what} · {id}"),
            (None, _) if known.is_none() && collection.is_some() => format!("{what} · {id}"),
            (None, _) => what,
        };
        // What is gone, and what was never there, has no page.
        let is_there = collection.is_none() || known.is_some();
        let own = |section: &str| format!("/console/{section}/{}", segment(id));
        let page = match page {
            Some(Page::Own(section)) => is_there.then(|| own(section)),
            Some(Page::List(section)) => Some(format!("/console/{section}")),
            None => known.and_then(|known| known.among_members(word, id)),
        };
        (name, page)
    }
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, KINDS, kind, kind_of_field};
    use crate::web::texts::{Lang, text};

    #[test]
    fn every_kind_has_a_name_in_both_languages_and_every_field_a_kind() {
        for (word, ..) in KINDS {
            let key = format!("console-about-{}", word.replace('_', "-"));
            for lang in Lang::ALL {
                assert_ne!(text(lang, &key), key, "{key}");
            }
        }
        for (field, of) in FIELDS {
            assert!(kind(of).is_some(), "{field}");
        }
        assert_eq!(kind_of_field("scope.data_sources"), Some("data_source"));
        assert_eq!(kind_of_field("data_source.id"), Some("data_source"));
        assert_eq!((kind_of_field("name"), kind_of_field("id")), (None, None));
    }
}
