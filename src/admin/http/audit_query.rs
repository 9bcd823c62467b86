//! Query strings of the audit log: which events are wanted.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::query::Reading;
use crate::{
    admin::audit_events::model::{EventFilter, SORTS},
    audit::Kind,
    kernel::{failure::Result, sorting::SortedPage},
    web::reference,
};

/// Declares a query string: these parameters, and the filters.
macro_rules! audit_query {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$about])* $field: $kind,)*
            /// Only with this reference code, however it is typed.
            #[param(example = "7K3F-9QXA")]
            reference: Option<String>,
            /// Only of this kind.
            #[param(value_type = Option<Kind>, inline)]
            kind: Option<String>,
            /// Only about this person: user id, username, or `userid@corp ID`.
            #[param(max_length = 200, example = "zhang.san")]
            user: Option<String>,
            /// Only about this portal: row id or `client_id`.
            #[param(max_length = 200, example = "intranet")]
            client_id: Option<String>,
            /// Only about the data source with this row id.
            data_source: Option<Uuid>,
            /// Only with this reference number.
            #[param(example = "GT-104")]
            number: Option<String>,
            /// Only by this actor; without a colon by whoever has this name: user id, username, `userid@corp ID`, or name of an API token.
            #[param(max_length = 200, example = "token:first")]
            actor: Option<String>,
            /// Only at this moment or later, milliseconds since 1970.
            #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
            since: Option<String>,
            /// Only before this moment, milliseconds since 1970.
            #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
            until: Option<String>,
        }

        impl $name {
            /// Which events are wanted.
            fn filter(&self, reading: &mut Reading) -> EventFilter {
                Words {
                    reference: self.reference.as_deref(),
                    kind: self.kind.as_deref(),
                    user: self.user.as_deref(),
                    client_id: self.client_id.as_deref(),
                    data_source: self.data_source,
                    number: self.number.as_deref(),
                    actor: self.actor.as_deref(),
                    since: self.since.as_deref(),
                    until: self.until.as_deref(),
                }
                .filter(reading)
            }
        }
    };
}

audit_query! {
    /// Events, page by page.
    PageOf {
        cursor: Option<String>,
        limit: Option<String>,
        #[param(pattern = "^-?(at)$")]
        sort: Option<String>,
    }
}

audit_query! {
    /// All events.
    AllOf {}
}

impl PageOf {
    /// Which events are wanted, and which page of them.
    pub(super) fn wanted(&self) -> Result<(EventFilter, SortedPage)> {
        let mut reading = Reading::default();
        let page = reading.sorted(&SORTS, [&self.cursor, &self.limit, &self.sort]);
        let filter = self.filter(&mut reading);
        reading.done().map(|()| (filter, page))
    }
}

impl AllOf {
    /// Which events are wanted.
    pub(super) fn wanted(&self) -> Result<EventFilter> {
        let mut reading = Reading::default();
        let filter = self.filter(&mut reading);
        reading.done().map(|()| filter)
    }
}

/// The parameters as they were sent.
struct Words<'a> {
    reference: Option<&'a str>,
    kind: Option<&'a str>,
    user: Option<&'a str>,
    client_id: Option<&'a str>,
    data_source: Option<Uuid>,
    number: Option<&'a str>,
    actor: Option<&'a str>,
    since: Option<&'a str>,
    until: Option<&'a str>,
}

impl Words<'_> {
    fn filter(&self, reading: &mut Reading) -> EventFilter {
        EventFilter {
            reference: code(reading, self.reference),
            kind: reading.word("kind", self.kind, &Kind::ALL.map(Kind::word)),
            user: reading.owned("user", self.user),
            client: reading.owned("client_id", self.client_id),
            data_source: self.data_source,
            number: number(reading, self.number),
            actor: reading.owned("actor", self.actor),
            since: reading.moment("since", self.since),
            until: reading.moment("until", self.until),
        }
    }
}

/// A reference code, however it was typed; what cannot be one would find nothing for ever.
fn code(reading: &mut Reading, value: Option<&str>) -> Option<String> {
    let code = reference::typed(reading.text("reference", value)?);
    let expected = "must be a code of eight letters and digits like 7K3F-9QXA";
    reading.check(code.is_some(), "reference", expected);
    code
}

/// A reference number, in whatever case; one that there is not would find nothing for ever.
fn number(reading: &mut Reading, value: Option<&str>) -> Option<String> {
    let wanted = reading.text("number", value)?.trim().to_ascii_uppercase();
    let known = crate::entry(&wanted).is_some();
    reading.check(known, "number", "must be one of docs/errors.md, like GT-104");
    Some(wanted)
}
