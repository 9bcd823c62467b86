//! Query strings of *who can sign in*: what if, and whom to show.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::query::Reading;
use crate::word_schema;
use crate::{
    admin::failure::AdminFailure,
    gate::{
        explain::{Change, Filter, SORTS, ScopeChange, WayKind, WhatIf, Who},
        failure::GateFailure,
    },
    kernel::{failure::Result, sorting::SortedPage},
};

/// Longest age that can be imagined, seconds: a year.
const LONGEST: u64 = 31_536_000;
/// Most entries of a list in a query.
const MOST: usize = 500;

/// The largest bound of a count that can be asked for.
const MOST_COUNTED: i64 = 1_000_000;

/// Declares a query string: these parameters, and those of a what-if.
macro_rules! access_query {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$about])* pub(super) $field: $kind,)*
            /// Imagined: row ids of the departments whose members may enter, with commas between them; empty: none. At most 500.
            departments: Option<String>,
            /// Imagined: row ids of the groups whose users may enter besides, with commas between them; empty: none. At most 500.
            groups: Option<String>,
            /// Imagined: row ids of the users who may enter besides, with commas between them; empty: none. At most 500.
            users: Option<String>,
            /// Imagined: row ids of the auth sources that the portal accepts, with commas between them; `any`: all. At most 500.
            auth_sources: Option<String>,
            /// Imagined: seconds for which WeCom's last confirmation of a member counts; up to a year.
            #[param(value_type = Option<u64>, maximum = 31_536_000)]
            membership_max_age: Option<String>,
            /// Imagined: seconds for which it counts besides while WeCom does not answer; up to a year.
            #[param(value_type = Option<u64>, maximum = 31_536_000)]
            membership_grace: Option<String>,
            /// Imagined: row id of the WeCom app that has the scope of `scope_departments`, `scope_users` and `scope_tags`.
            scope_app: Option<Uuid>,
            /// Imagined: WeCom's ids of the departments in the scope of `scope_app`, with commas between them. At most 500.
            scope_departments: Option<String>,
            /// Imagined: userids picked singly for the scope of `scope_app`, with commas between them. At most 500.
            scope_users: Option<String>,
            /// Imagined: WeCom's ids of the tags in the scope of `scope_app`, with commas between them. At most 500.
            scope_tags: Option<String>,
            /// Imagined: `down`: WeCom does not answer.
            #[param(value_type = Option<Down>, inline)]
            wecom: Option<String>,
        }

        impl $name {
            /// What is imagined; `None`: nothing.
            fn what_if(&self, reading: &mut Reading) -> Option<WhatIf> {
                Imagined {
                    departments: self.departments.as_deref(),
                    groups: self.groups.as_deref(),
                    users: self.users.as_deref(),
                    auth_sources: self.auth_sources.as_deref(),
                    membership_max_age: self.membership_max_age.as_deref(),
                    membership_grace: self.membership_grace.as_deref(),
                    scope_app: self.scope_app,
                    scope: [&self.scope_departments, &self.scope_users, &self.scope_tags].map(Option::as_deref),
                    wecom: self.wecom.as_deref(),
                }
                .read(reading)
            }
        }
    };
}

/// A reference number of the gate, as a word.
struct GateNumber;

word_schema!(
    GateNumber,
    "GateNumber",
    "A reference number of the gate.",
    GateFailure::ENTRIES
        .iter()
        .map(|entry| entry.number)
        .collect::<Vec<_>>()
);

/// The one word of the parameter `wecom`.
struct Down;

word_schema!(Down, "Down", "WeCom does not answer.", ["down"]);

access_query! {
    /// One person at one portal.
    OnePerson {
        /// The portal: row id or `client_id`.
        #[param(example = "intranet")]
        client_id: String,
        /// Who: row id of a user. Exactly one of the three ways to name somebody is needed.
        user_id: Option<Uuid>,
        /// Who: row id of a member.
        member_id: Option<Uuid>,
        /// Who: row id of the data source, together with `userid`.
        data_source: Option<Uuid>,
        /// Who: their userid in WeCom, together with `data_source`.
        userid: Option<String>,
        /// Whether WeCom is asked now; false unless given. Does not go with `scope_app` and `wecom`.
        #[param(value_type = Option<bool>)]
        live: Option<String>,
    }
}

/// Declares a query string about everybody at a portal: these parameters, those that select people, and those of a what-if.
macro_rules! people_query {
    ($(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        access_query! {
            $(#[$meta])*
            $name {
                $($own)*
                /// Part of a name, username or userid, or of an alias or e-mail address in the contacts, without regard to letter case; up to 200 characters.
                #[param(max_length = 200)]
                q: Option<String>,
                /// Only those who have this way of coming in.
                #[param(value_type = Option<WayKind>, inline)]
                way: Option<String>,
                /// Only those who have a way by the auth source with this row id.
                auth_source: Option<Uuid>,
                /// Only those who can sign in, or only those who cannot.
                #[param(value_type = Option<bool>)]
                admitted: Option<String>,
                /// Only those refused with this reference number.
                #[param(value_type = Option<GateNumber>, inline)]
                number: Option<String>,
                /// Only those for whom what is imagined changes this.
                #[param(value_type = Option<Change>, inline)]
                change: Option<String>,
            }
        }

        impl $name {
            /// Whom to show, and what is imagined.
            fn people(&self, reading: &mut Reading) -> (Filter, Option<WhatIf>) {
                let words = [&self.q, &self.way, &self.admitted, &self.number, &self.change].map(Option::as_deref);
                let what_if = self.what_if(reading);
                (filter(reading, (words, self.auth_source), what_if.is_some()), what_if)
            }
        }
    };
}

people_query! {
    /// Everybody at a portal, page by page.
    PageOf {
        cursor: Option<String>,
        limit: Option<String>,
        /// Whoever has no userid or username stands behind all who have one, both ways.
        #[param(pattern = "^-?(created_at|userid|username)$")]
        sort: Option<String>,
    }
}

people_query! {
    /// Everybody at a portal.
    AllOf {}
}

people_query! {
    /// Everybody at a portal, counted.
    CountOf {
        /// Look at so many people at most: where there are more, `complete` is false, and the counts are of those who were made first. Unless
        /// given, everybody is counted, which takes seconds where there are 100,000.
        #[param(value_type = Option<u64>, minimum = 1, maximum = 1_000_000)]
        most: Option<String>,
    }
}

impl PageOf {
    /// Whom to show, what is imagined, and which page.
    pub(super) fn wanted(&self) -> Result<(Filter, Option<WhatIf>, SortedPage)> {
        let mut reading = Reading::default();
        let page = reading.sorted(&SORTS, [&self.cursor, &self.limit, &self.sort]);
        let (filter, what_if) = self.people(&mut reading);
        reading.done().map(|()| (filter, what_if, page))
    }
}

impl AllOf {
    /// Whom to show, and what is imagined.
    pub(super) fn wanted(&self) -> Result<(Filter, Option<WhatIf>)> {
        let mut reading = Reading::default();
        let wanted = self.people(&mut reading);
        reading.done().map(|()| wanted)
    }
}

impl CountOf {
    /// Whom to count, how many of them at most, and what is imagined.
    pub(super) fn wanted(&self) -> Result<(Filter, Option<u64>, Option<WhatIf>)> {
        let mut reading = Reading::default();
        let most = reading.number("most", self.most.as_deref(), 1..=MOST_COUNTED);
        let (filter, what_if) = self.people(&mut reading);
        let most = most.and_then(|most| u64::try_from(most).ok());
        reading.done().map(|()| (filter, most, what_if))
    }
}

impl OnePerson {
    /// Who, whether WeCom is to be asked, and what is imagined.
    pub(super) fn wanted(&self) -> Result<(Who, bool, Option<WhatIf>)> {
        let mut reading = Reading::default();
        let who = self.who(&mut reading);
        let live = reading.flag("live", self.live.as_deref()).unwrap_or_default();
        let what_if = self.what_if(&mut reading);
        let of_wecom = what_if.as_ref().is_some_and(WhatIf::is_of_wecom);
        let expected = "does not go with scope_app or wecom: WeCom answers as things stand";
        reading.check(!(live && of_wecom), "live", expected);
        reading.done()?;
        Ok((who.ok_or(AdminFailure::Invalid)?, live, what_if))
    }

    /// Exactly one of the three ways to name somebody.
    fn who(&self, reading: &mut Reading) -> Option<Who> {
        let userid = reading.owned("userid", self.userid.as_deref());
        let who = match (self.user_id, self.member_id, self.data_source, &self.userid) {
            (Some(user), None, None, None) => Some(Who::User(user)),
            (None, Some(member), None, None) => Some(Who::Member(member)),
            (None, None, Some(data_source), Some(_)) => Some(Who::Userid {
                data_source,
                userid: userid.unwrap_or_default(),
            }),
            _ => None,
        };
        let expected = "name one person, by user_id, by member_id, or by data_source and userid";
        reading.check(who.is_some(), "user_id", expected);
        who
    }
}

fn filter(
    reading: &mut Reading,
    ([q, way, admitted, number, change], auth_source): ([Option<&str>; 5], Option<Uuid>),
    imagines: bool,
) -> Filter {
    let numbers: Vec<&str> = GateFailure::ENTRIES.iter().map(|entry| entry.number).collect();
    let way = reading.word("way", way, &WayKind::ALL.map(WayKind::word));
    let change = reading.word("change", change, &Change::ALL.map(Change::word));
    let change = Change::ALL
        .into_iter()
        .find(|kind| change.as_deref() == Some(kind.word()));
    // A change is one against what is imagined: without that the filter would find nobody for ever.
    reading.check(
        change.is_none() || imagines,
        "change",
        "needs something that is imagined",
    );
    Filter {
        search: reading.owned("q", q),
        way: WayKind::ALL
            .into_iter()
            .find(|kind| way.as_deref() == Some(kind.word())),
        auth_source,
        admitted: reading.flag("admitted", admitted),
        number: reading.word("number", number, &numbers),
        change,
    }
}

/// The parameters of a what-if.
struct Imagined<'a> {
    departments: Option<&'a str>,
    groups: Option<&'a str>,
    users: Option<&'a str>,
    auth_sources: Option<&'a str>,
    membership_max_age: Option<&'a str>,
    membership_grace: Option<&'a str>,
    scope_app: Option<Uuid>,
    scope: [Option<&'a str>; 3],
    wecom: Option<&'a str>,
}

impl Imagined<'_> {
    fn read(&self, reading: &mut Reading) -> Option<WhatIf> {
        let mut ids = |field, value: Option<&str>| value.map(|value| list(reading, field, value, "ids"));
        let auth_sources = match self.auth_sources {
            Some("any") => Some(None),
            named => ids("auth_sources", named).map(Some),
        };
        let what_if = WhatIf {
            departments: ids("departments", self.departments),
            groups: ids("groups", self.groups),
            users: ids("users", self.users),
            auth_sources,
            membership_max_age: age(reading, "membership_max_age", self.membership_max_age),
            membership_grace: age(reading, "membership_grace", self.membership_grace),
            scope: self.scope(reading),
            wecom_down: reading.word("wecom", self.wecom, &["down"]).is_some(),
        };
        what_if.is_any().then_some(what_if)
    }

    fn scope(&self, reading: &mut Reading) -> Option<ScopeChange> {
        let [departments, users, tags] = self.scope;
        let named = departments.or(users).or(tags).is_some();
        let whose = self.scope_app.is_some() || !named;
        reading.check(whose, "scope_app", "says whose scope it is");
        let numbers = "WeCom's ids";
        let departments = list(reading, "scope_departments", departments.unwrap_or_default(), numbers);
        let users = list(reading, "scope_users", users.unwrap_or_default(), "userids");
        let tags = list(reading, "scope_tags", tags.unwrap_or_default(), numbers);
        Some(ScopeChange {
            app: self.scope_app?,
            departments: departments.into_iter().collect(),
            users: users.into_iter().collect::<BTreeSet<String>>(),
            tags: tags.into_iter().collect(),
        })
    }
}

/// Reads a list with commas; an empty text is an empty list.
fn list<T: std::str::FromStr>(reading: &mut Reading, field: &str, value: &str, of: &str) -> Vec<T> {
    let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    let fits = parts.clone().count() <= MOST;
    reading.check(fits, field, format_args!("takes up to {MOST} entries"));
    let read = parts.take(MOST).map(str::parse).collect::<Result<Vec<T>, T::Err>>();
    let expected = format_args!("must be {of} with commas between them");
    reading.check(read.is_ok(), field, expected);
    read.unwrap_or_default()
}

fn age(reading: &mut Reading, field: &str, value: Option<&str>) -> Option<Duration> {
    let seconds = value?.parse().ok().filter(|seconds| *seconds <= LONGEST);
    let expected = format_args!("must be seconds, up to {LONGEST}");
    reading.check(seconds.is_some(), field, expected);
    Some(Duration::from_secs(seconds.unwrap_or_default()))
}
