//! Receivers of an app message: whom `touser`, `toparty` and `totag` name, and who of them cannot be reached (reference §10).

use serde_json::Value;

use crate::errmsg::{Refusal, refusal};
use crate::policy::View;

/// Who receives a message, and who does not.
#[derive(Default)]
pub(super) struct Receivers {
    /// Canonical userids.
    pub userids: Vec<String>,
    /// Lower-cased.
    pub invalid_users: Vec<String>,
    pub invalid_parties: Vec<String>,
    pub invalid_tags: Vec<String>,
    /// Without the licence that an app of others needs.
    pub unlicensed: Vec<String>,
}

pub(super) fn receivers(body: &Value, view: &View<'_>) -> Result<Receivers, Refusal> {
    let split = |key: &str| -> Vec<String> {
        let text = body.get(key).and_then(Value::as_str).unwrap_or_default();
        text.split('|')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (users, parties, tags) = (split("touser"), split("toparty"), split("totag"));
    if users.is_empty() && parties.is_empty() && tags.is_empty() {
        return Err(refusal(82001));
    }
    if users.len() > 1000 {
        return Err(refusal(40032));
    }
    let mut found = Receivers::default();
    if users.iter().any(|user| user == "@all") {
        let all = view.corp.members.values().filter(|member| view.sees(member));
        found.userids = all.map(|member| member.userid.clone()).collect();
        return Ok(found);
    }
    for user in users {
        match view.member(&user) {
            Ok(member) => found.userids.push(member.userid.clone()),
            Err(_) => found.invalid_users.push(user.to_lowercase()),
        }
    }
    parties.into_iter().for_each(|party| add_party(party, view, &mut found));
    tags.into_iter().for_each(|tag| add_tag(tag, view, &mut found));
    found.userids.sort_unstable();
    found.userids.dedup();
    let listed = &view.switches.messages.unlicensed;
    let unlicensed = |userid: &mut String| listed.iter().any(|other| other.eq_ignore_ascii_case(userid));
    found.unlicensed = found.userids.extract_if(.., unlicensed).collect();
    Ok(found)
}

fn add_party(party: String, view: &View<'_>, found: &mut Receivers) {
    let Some(id) = party.parse().ok().filter(|id| view.sees_department(*id)) else {
        found.invalid_parties.push(party);
        return;
    };
    let keys = view
        .index
        .subtree(id)
        .into_iter()
        .flat_map(|id| view.index.members_of(id));
    let members = keys.filter_map(|key| view.corp.members.get(key));
    found.userids.extend(members.map(|member| member.userid.clone()));
}

fn add_tag(tag: String, view: &View<'_>, found: &mut Receivers) {
    let Some(known) = tag.parse().ok().and_then(|id: u32| view.corp.tags.get(&id)) else {
        found.invalid_tags.push(tag);
        return;
    };
    let tagged = known
        .users
        .iter()
        .filter_map(|userid| view.corp.member(userid))
        .filter(|m| view.sees(m));
    found.userids.extend(tagged.map(|member| member.userid.clone()));
    known
        .parties
        .iter()
        .for_each(|party| add_party(party.to_string(), view, found));
}
