//! Names of data sources, portals and people, for filters and for rows that hold only their ids; and settings by their keys.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    address::segment,
    frame::Frame,
    listing::Listing,
    refused::Refused,
    visit::{Visit, with_query},
};

/// As many people as one call names.
pub(super) const AT_ONCE: usize = 100;

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
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) name: String,
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

/// The portals, at most 200 of them, and these besides, by `client_id`, as far as they are there.
pub(super) async fn portals_and<'a>(
    visit: &Visit,
    named: impl Iterator<Item = &'a str>,
) -> Result<Vec<Portal>, Refused> {
    let mut known = portals(visit).await?;
    for id in named {
        if known.iter().all(|portal| portal.client_id != id) {
            known.extend(visit.aside::<Portal>(&format!("clients/{}", segment(id))).await);
        }
    }
    Ok(known)
}

/// The data sources, at most 200 of them, and these besides, by row id, as far as they are there.
pub(super) async fn sources_and<'a>(
    visit: &Visit,
    named: impl Iterator<Item = &'a str>,
) -> Result<Vec<Source>, Refused> {
    let mut known = sources(visit).await?;
    for id in named {
        if known.iter().all(|source| source.id != id) {
            known.extend(visit.aside::<Source>(&format!("data-sources/{}", segment(id))).await);
        }
    }
    Ok(known)
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
    id: String,
    username: String,
    display_name: Option<String>,
}

/// Names of these people by their user id, a hundred in a call; of whoever is gone nothing is known.
pub(super) async fn people<'a>(visit: &Visit, ids: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let ids: BTreeSet<&str> = ids.filter(|id| Uuid::parse_str(id).is_ok()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let mut known = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        let path = with_query("users", [("ids", some.join(",").as_str()), ("limit", "200")]);
        let found: Option<Listing<User>> = visit.aside(&path).await;
        let named = |user: User| (user.id, user.display_name.unwrap_or(user.username));
        known.extend(found.unwrap_or_default().items.into_iter().map(named));
    }
    known
}

/// Names of those among these actors, as the audit log names them, who are users.
pub(super) async fn actors<'a>(visit: &Visit, actors: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    people(visit, actors.filter_map(|actor| actor.strip_prefix("user:"))).await
}

/// What a department is called; WeCom withholds some names, and tells the ids.
pub(super) fn department(frame: &Frame, name: &str, wecom_id: i64) -> String {
    match name {
        "" => frame.with("console-department-unnamed", "number", wecom_id),
        name => name.to_owned(),
    }
}

/// The name of a data source, or its id where it is gone.
pub(super) fn source_name<'a>(sources: &'a [Source], id: &'a str) -> &'a str {
    sources
        .iter()
        .find(|source| source.id == id)
        .map_or(id, |source| &source.name)
}

/// The name of the portal with this `client_id` or row id, or that itself where it is gone.
pub(super) fn portal_name<'a>(portals: &'a [Portal], id: &'a str) -> &'a str {
    let found = portals.iter().find(|portal| portal.client_id == id || portal.id == id);
    found.map_or(id, |portal| &portal.name)
}

/// Whoever did or met something, as the audit log names them (`kind:name`, or a word), in the words of the page: a user by their name, a member by
/// their userid, everybody else by what they are and what they are called.
pub(super) fn who(frame: &Frame, people: &BTreeMap<String, String>, actor: &str) -> String {
    let Some((kind, name)) = actor.split_once(':') else {
        let key = actor.replace(' ', "_");
        let word = frame.word("console-actor", &key);
        return if word == key { actor.to_owned() } else { word };
    };
    let known = match kind {
        "user" => people.get(name).cloned(),
        "member" => Some(name.rsplit('/').next().unwrap_or(name).to_owned()),
        _ => None,
    };
    known.unwrap_or_else(|| {
        let what = frame.word("console-actor", kind);
        match name.is_empty() {
            true => what,
            false => format!("{what} · {name}"),
        }
    })
}
