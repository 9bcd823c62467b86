//! Query strings of the audit log: which events are wanted.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::query;
use crate::{
    admin::{audit_events::model::EventFilter, failure::AdminFailure},
    audit::Kind,
    kernel::failure::{Failure, Result},
    web::reference,
};

/// Declares a query string: these parameters, and the filters.
macro_rules! audit_query {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $(pub(super) $field: $kind,)*
            /// Only with this reference code, however it is typed.
            #[param(example = "7K3F-9QXA")]
            reference: Option<String>,
            /// Only of this kind.
            #[param(value_type = Option<Kind>, inline)]
            kind: Option<String>,
            /// Only about this person: user id, username, or `userid@corp ID`.
            #[param(max_length = 200, example = "zhang.san")]
            user: Option<String>,
            /// Only about this portal: `client_id`.
            #[param(max_length = 200, example = "intranet")]
            client_id: Option<String>,
            /// Only about the data source with this row id.
            data_source: Option<Uuid>,
            /// Only with this reference number.
            #[param(example = "GT-104")]
            number: Option<String>,
            /// Only by this actor.
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
            pub(super) fn filter(&self) -> Result<EventFilter> {
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
                .filter()
            }
        }
    };
}

audit_query! {
    /// Events, page by page.
    PageOf {
        cursor: Option<String>,
        limit: Option<String>,
    }
}

audit_query! {
    /// All events.
    AllOf {}
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
    fn filter(&self) -> Result<EventFilter> {
        let owned = |field: &str, value| Ok::<_, Failure>(query::text(field, value)?.map(str::to_owned));
        Ok(EventFilter {
            reference: code("reference", self.reference)?,
            kind: query::word("kind", self.kind, &Kind::ALL.map(Kind::word))?,
            user: owned("user", self.user)?,
            client: owned("client_id", self.client_id)?,
            data_source: self.data_source,
            number: number(self.number)?,
            actor: owned("actor", self.actor)?,
            since: query::moment("since", self.since)?,
            until: query::moment("until", self.until)?,
        })
    }
}

/// A reference code, however it was typed; what cannot be one would find nothing for ever.
fn code(field: &str, value: Option<&str>) -> Result<Option<String>> {
    let Some(value) = query::text(field, value)? else {
        return Ok(None);
    };
    let code = reference::typed(value).ok_or_else(|| {
        AdminFailure::Invalid.failure().detail(format!(
            "{field}: must be a code of eight letters and digits like 7K3F-9QXA"
        ))
    })?;
    Ok(Some(code))
}

/// A reference number, in whatever case; one that there is not would find nothing for ever.
fn number(value: Option<&str>) -> Result<Option<String>> {
    let Some(value) = query::text("number", value)? else {
        return Ok(None);
    };
    let wanted = value.trim().to_ascii_uppercase();
    let known = crate::reference_numbers().iter().any(|entry| entry.number == wanted);
    match known {
        true => Ok(Some(wanted)),
        false => Err(AdminFailure::Invalid
            .failure()
            .detail("number: must be one of docs/errors.md, like GT-104")),
    }
}
