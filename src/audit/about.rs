//! Whom and what an event is about, as columns by which the log is searched: read from what the event says anyway, so that no writer can
//! forget it. Pure.

use serde_json::Value;
use uuid::Uuid;

use super::{Kind, Record};

/// Longest `client_id` that is kept by itself, bytes: a longer one is nobody's, and too long for an index.
const LONGEST: usize = 256;

/// What an event is about, as far as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The user.
    pub user_id: Option<Uuid>,
    /// The member, where the event is about one.
    pub member_id: Option<Uuid>,
    /// `client_id` of the portal.
    pub client_id: Option<String>,
    /// Row id of the data source.
    pub data_source_id: Option<Uuid>,
}

impl About {
    /// What this event is about.
    pub fn of(record: &Record) -> Self {
        // Callers who could not be authenticated may name any client; only the subject is one that there is.
        let refused = record.kind == Kind::ClientRefused;
        let named = record.subject.strip_prefix("client:");
        let named = named.filter(|name| !(refused && *name == "unknown"));
        let told = || match refused {
            true => None,
            false => text(record, "client_id").or_else(|| text(record, "client")),
        };
        let client = named
            .or_else(|| record.actor.strip_prefix("client:"))
            .or_else(told)
            .filter(|name| !name.is_empty() && name.len() <= LONGEST);
        Self {
            user_id: id(&record.subject, "user:")
                .or_else(|| uuid(record, "user_id"))
                .or_else(|| uuid(record, "user"))
                .or_else(|| id(&record.actor, "user:")),
            member_id: id(&record.subject, "member:"),
            client_id: client.map(str::to_owned),
            data_source_id: id(&record.subject, "data_source:").or_else(|| uuid(record, "data_source_id")),
        }
    }
}

fn id(text: &str, prefix: &str) -> Option<Uuid> {
    text.strip_prefix(prefix)?.parse().ok()
}

/// A member of the detail, or of the resource as it is or was.
fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    let places = [
        Some(&record.detail),
        record.detail.get("after"),
        record.detail.get("before"),
    ];
    places
        .into_iter()
        .flatten()
        .find_map(|place| place.get(name))
        .and_then(Value::as_str)
}

fn uuid(record: &Record, name: &str) -> Option<Uuid> {
    text(record, name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "0190aaaa-0000-7000-8000-000000000001";

    fn about(kind: Kind, actor: &str, subject: &str, detail: Value) -> About {
        About::of(&Record {
            kind,
            actor: actor.to_owned(),
            subject: subject.to_owned(),
            reference: None,
            number: None,
            detail,
        })
    }

    #[test]
    fn subject_detail_and_actor_are_read() {
        let id: Option<Uuid> = ID.parse().ok();
        let user = format!("user:{ID}");
        for (found, expected) in [
            (about(Kind::Configured, "token:a", &user, json!({})).user_id, id),
            (about(Kind::SignedIn, &user, "session:1", json!({})).user_id, id),
            (
                about(Kind::SignedOut, "idle", "session:1", json!({ "user_id": ID })).user_id,
                id,
            ),
            (
                about(
                    Kind::Configured,
                    "token:a",
                    "auth_source:1",
                    json!({ "after": { "data_source_id": ID } }),
                )
                .data_source_id,
                id,
            ),
            (
                about(Kind::Configured, "token:a", "user:not-one", json!({})).user_id,
                None,
            ),
            (
                about(Kind::Configured, "token:a", "user:x", Value::Null).data_source_id,
                None,
            ),
            (
                about(Kind::IdentityDoubted, "system", &format!("member:{ID}"), json!({})).member_id,
                id,
            ),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_client_that_a_stranger_only_named_is_none() {
        let claimed = json!({ "client_id": "wiki" });
        assert_eq!(
            about(Kind::ClientRefused, "address:1", "client:unknown", claimed).client_id,
            None
        );
        let known = about(Kind::ClientRefused, "address:1", "client:wiki", json!({}));
        assert_eq!(known.client_id.as_deref(), Some("wiki"));
        let long = format!("client:{}", "x".repeat(300));
        assert_eq!(about(Kind::Failed, "anonymous", &long, json!({})).client_id, None);
        let reused = about(Kind::ReuseDetected, "client:wiki", "grant:1", json!({}));
        assert_eq!(reused.client_id.as_deref(), Some("wiki"));
    }
}
