//! Query strings of *who can sign in*: what if, and whom to show.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::query;
use crate::word_schema;
use crate::{
    admin::failure::AdminFailure,
    gate::{
        explain::{Change, Filter, ScopeChange, WayKind, WhatIf},
        failure::GateFailure,
    },
    kernel::failure::{Failure, Result},
};

/// Longest age that can be imagined, seconds: a year.
const LONGEST: u64 = 31_536_000;
/// Most entries of a list in a query.
const MOST: usize = 500;

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
            pub(super) fn what_if(&self) -> Result<Option<WhatIf>> {
                Imagined {
                    departments: self.departments.as_deref(),
                    users: self.users.as_deref(),
                    auth_sources: self.auth_sources.as_deref(),
                    membership_max_age: self.membership_max_age.as_deref(),
                    membership_grace: self.membership_grace.as_deref(),
                    scope_app: self.scope_app,
                    scope: [&self.scope_departments, &self.scope_users, &self.scope_tags].map(Option::as_deref),
                    wecom: self.wecom.as_deref(),
                }
                .read()
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

access_query! {
    /// Everybody at a portal, page by page.
    PageOf {
        cursor: Option<String>,
        limit: Option<String>,
        /// Part of a name or userid, without regard to letter case; up to 200 characters.
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

access_query! {
    /// Everybody at a portal.
    AllOf {
        /// Part of a name or userid, without regard to letter case; up to 200 characters.
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

impl PageOf {
    /// Whom to show, and what is imagined.
    pub(super) fn wanted(&self) -> Result<(Filter, Option<WhatIf>)> {
        let words = [&self.q, &self.way, &self.admitted, &self.number, &self.change].map(Option::as_deref);
        with_what_if(filter(words, self.auth_source)?, self.what_if()?)
    }
}

impl AllOf {
    /// Whom to show, and what is imagined.
    pub(super) fn wanted(&self) -> Result<(Filter, Option<WhatIf>)> {
        let words = [&self.q, &self.way, &self.admitted, &self.number, &self.change].map(Option::as_deref);
        with_what_if(filter(words, self.auth_source)?, self.what_if()?)
    }
}

/// A change is one against what is imagined: without that the filter would find nobody for ever.
fn with_what_if(filter: Filter, what_if: Option<WhatIf>) -> Result<(Filter, Option<WhatIf>)> {
    if filter.change.is_some() && what_if.is_none() {
        return Err(invalid("change", "needs something that is imagined"));
    }
    Ok((filter, what_if))
}

impl OnePerson {
    /// Whether WeCom is to be asked, and what is imagined.
    pub(super) fn wanted(&self) -> Result<(bool, Option<WhatIf>)> {
        let (live, what_if) = (yes_or_no("live", self.live.as_deref())?, self.what_if()?);
        let of_wecom = what_if.as_ref().is_some_and(WhatIf::is_of_wecom);
        match live == Some(true) {
            true if of_wecom => Err(invalid(
                "live",
                "does not go with scope_app or wecom: WeCom answers as things stand",
            )),
            live => Ok((live, what_if)),
        }
    }
}

fn filter([q, way, admitted, number, change]: [Option<&str>; 5], auth_source: Option<Uuid>) -> Result<Filter> {
    let numbers: Vec<&str> = GateFailure::ENTRIES.iter().map(|entry| entry.number).collect();
    let way = query::word("way", way, &WayKind::ALL.map(WayKind::word))?;
    let change = query::word("change", change, &Change::ALL.map(Change::word))?;
    Ok(Filter {
        search: query::text("q", q)?.map(str::to_owned),
        way: WayKind::ALL
            .into_iter()
            .find(|kind| way.as_deref() == Some(kind.word())),
        auth_source,
        admitted: yes_or_no("admitted", admitted)?,
        number: query::word("number", number, &numbers)?,
        change: Change::ALL
            .into_iter()
            .find(|kind| change.as_deref() == Some(kind.word())),
    })
}

/// Reads `true` or `false`.
fn yes_or_no(field: &str, value: Option<&str>) -> Result<Option<bool>> {
    Ok(query::word(field, value, &["true", "false"])?.map(|word| word == "true"))
}

/// The parameters of a what-if.
struct Imagined<'a> {
    departments: Option<&'a str>,
    users: Option<&'a str>,
    auth_sources: Option<&'a str>,
    membership_max_age: Option<&'a str>,
    membership_grace: Option<&'a str>,
    scope_app: Option<Uuid>,
    scope: [Option<&'a str>; 3],
    wecom: Option<&'a str>,
}

impl Imagined<'_> {
    fn read(&self) -> Result<Option<WhatIf>> {
        let ids = |field, value: Option<&str>| value.map(|value| list(field, value, "ids")).transpose();
        let auth_sources = match self.auth_sources {
            Some("any") => Some(None),
            named => ids("auth_sources", named)?.map(Some),
        };
        let what_if = WhatIf {
            departments: ids("departments", self.departments)?,
            users: ids("users", self.users)?,
            auth_sources,
            membership_max_age: age("membership_max_age", self.membership_max_age)?,
            membership_grace: age("membership_grace", self.membership_grace)?,
            scope: self.scope()?,
            wecom_down: query::word("wecom", self.wecom, &["down"])?.is_some(),
        };
        Ok(what_if.is_any().then_some(what_if))
    }

    fn scope(&self) -> Result<Option<ScopeChange>> {
        let [departments, users, tags] = self.scope;
        let Some(app) = self.scope_app else {
            let named = departments.or(users).or(tags).is_some();
            return match named {
                true => Err(invalid("scope_app", "says whose scope it is")),
                false => Ok(None),
            };
        };
        let numbers = |field, value: Option<&str>| list(field, value.unwrap_or_default(), "WeCom's ids");
        Ok(Some(ScopeChange {
            app,
            departments: numbers("scope_departments", departments)?.into_iter().collect(),
            users: list("scope_users", users.unwrap_or_default(), "userids")?
                .into_iter()
                .collect::<BTreeSet<String>>(),
            tags: numbers("scope_tags", tags)?.into_iter().collect(),
        }))
    }
}

/// Reads a list with commas; an empty text is an empty list.
fn list<T: std::str::FromStr>(field: &str, value: &str, of: &str) -> Result<Vec<T>> {
    let parts: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() > MOST {
        return Err(invalid(field, &format!("takes up to {MOST} entries")));
    }
    let read = parts.into_iter().map(str::parse).collect::<Result<Vec<T>, T::Err>>();
    read.map_err(|_| invalid(field, &format!("must be {of} with commas between them")))
}

fn age(field: &str, value: Option<&str>) -> Result<Option<Duration>> {
    let Some(value) = value else { return Ok(None) };
    match value.parse() {
        Ok(seconds) if seconds <= LONGEST => Ok(Some(Duration::from_secs(seconds))),
        _ => Err(invalid(field, &format!("must be seconds, up to {LONGEST}"))),
    }
}

fn invalid(field: &str, expected: &str) -> Failure {
    AdminFailure::Invalid.failure().parameter(field, expected)
}
