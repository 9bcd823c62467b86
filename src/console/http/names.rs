//! Names of data sources, portals and people, for filters and for rows that hold only their ids; and settings by their keys.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{address::segment, frame::Frame, listing::Listing, refused::Refused, visit::Visit};

/// A data source.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) corp_id: String,
    pub(super) enabled: bool,
    pub(super) last_synced_at: Option<i64>,
    pub(super) next_sync_at: Option<i64>,
}

/// A portal.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Portal {
    pub(super) client_id: String,
    pub(super) name: String,
}

#[derive(Deserialize)]
struct Named {
    user_id: String,
    username: String,
    display_name: Option<String>,
}

/// The data sources, at most 200 of them.
pub(super) async fn sources(visit: &Visit) -> Result<Vec<Source>, Refused> {
    let found: Listing<Source> = visit.get("data-sources?limit=200").await?;
    Ok(found.items)
}

/// The portals, at most 200 of them.
pub(super) async fn portals(visit: &Visit) -> Result<Vec<Portal>, Refused> {
    let found: Listing<Portal> = visit.get("clients?limit=200").await?;
    Ok(found.items)
}

/// Names of those with a console role by their user id.
pub(super) async fn operators(visit: &Visit) -> Result<BTreeMap<String, String>, Refused> {
    let found: Listing<Named> = visit.get("operators?limit=200").await?;
    let named = |operator: Named| (operator.user_id, operator.display_name.unwrap_or(operator.username));
    Ok(found.items.into_iter().map(named).collect())
}

#[derive(Deserialize)]
struct Setting {
    key: String,
    value: Value,
}

/// The value of a setting by its key; `None`: there is no such setting.
pub(super) async fn setting(visit: &Visit, key: &str) -> Result<Option<Value>, Refused> {
    let settings: Listing<Setting> = visit.get("settings").await?;
    let mut settings = settings.items.into_iter();
    Ok(settings.find(|setting| setting.key == key).map(|setting| setting.value))
}

#[derive(Deserialize)]
struct User {
    username: String,
    display_name: Option<String>,
}

/// Names of these people by their user id, beside those that are known already; of whoever is gone nothing is known.
pub(super) async fn people<'a>(
    visit: &Visit,
    mut known: BTreeMap<String, String>,
    ids: impl Iterator<Item = &'a str>,
) -> BTreeMap<String, String> {
    for id in ids {
        if known.contains_key(id) {
            continue;
        }
        if let Some(user) = visit.aside::<User>(&format!("users/{}", segment(id))).await {
            known.insert(id.to_owned(), user.display_name.unwrap_or(user.username));
        }
    }
    known
}

/// The name of a data source, or its id where it is gone.
pub(super) fn source_name<'a>(sources: &'a [Source], id: &'a str) -> &'a str {
    sources
        .iter()
        .find(|source| source.id == id)
        .map_or(id, |source| &source.name)
}

/// The name of a portal, or its `client_id` where it is gone.
pub(super) fn portal_name<'a>(portals: &'a [Portal], client_id: &'a str) -> &'a str {
    portals
        .iter()
        .find(|portal| portal.client_id == client_id)
        .map_or(client_id, |portal| &portal.name)
}

/// Whoever did or met something, as the audit log names them: `member:<corp>/<userid>` by the userid, an operator by their name.
pub(super) fn actor_name(operators: &BTreeMap<String, String>, actor: &str) -> String {
    let (kind, rest) = actor.split_once(':').unwrap_or(("", actor));
    match kind {
        "member" => rest.rsplit('/').next().unwrap_or(rest).to_owned(),
        "user" => operators.get(rest).cloned().unwrap_or_else(|| actor.to_owned()),
        _ => actor.to_owned(),
    }
}

/// As [`actor_name`]; strangers to a corp, of whom WeCom tells nothing else, in the page's words.
pub(super) fn who(frame: &Frame, people: &BTreeMap<String, String>, actor: &str) -> String {
    match actor.split_once(':') {
        Some(("outsider", corp)) => format!("{} · {corp}", frame.t("console-outsider")),
        _ => actor_name(people, actor),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::actor_name;

    #[test]
    fn actors_have_names() {
        let operators = BTreeMap::from([("7".to_owned(), "Anna".to_owned())]);
        for (actor, name) in [
            ("member:ww1/li.hua", "li.hua"),
            ("user:7", "Anna"),
            ("user:8", "user:8"),
            ("system", "system"),
            ("token:first", "token:first"),
        ] {
            assert_eq!(actor_name(&operators, actor), name);
        }
    }
}
