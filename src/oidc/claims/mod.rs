//! What a portal is told about a person. The rules are pure; only [`release`] asks the database, and only when groups or the member are needed.
//!
//! Every claim that could be told is an [`AvailableClaim`]: its value, the scopes it needs, and where it goes without being asked for by name. Userinfo
//! gives standard claims by scope (OpenID Connect Core 5.4); the ID token only what is asked for by name (5.5) or set up for the portal.

pub mod failure;
pub mod groups;
pub mod mapping;
pub mod release;
pub mod request;
pub mod standard;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use self::{
    groups::Affiliation,
    mapping::{Mapping, Placement, RESERVED},
};
use super::{metadata::ClaimRules, scope};
use crate::{gate::facts::Person, kernel::validation::ValidationErrors};

/// Claims Menjin can tell besides the standard ones, under the names they have unless a portal's rules say otherwise.
const OURS: [&str; 2] = ["groups", "wecom"];

/// All claims of people we may publish.
pub fn published() -> impl Iterator<Item = &'static str> {
    standard::names().chain(OURS)
}

/// Which document is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Userinfo.
    Userinfo,
    /// The ID token.
    IdToken,
}

/// A claim that could be told.
#[derive(Clone, Debug)]
struct AvailableClaim {
    value: Value,
    /// All of them are needed.
    scopes: Vec<String>,
    userinfo: bool,
    id_token: bool,
}

impl AvailableClaim {
    fn goes_to(&self, place: Place) -> bool {
        match place {
            Place::Userinfo => self.userinfo,
            Place::IdToken => self.id_token,
        }
    }
}

impl Placement {
    const fn covers(self, place: Place) -> bool {
        matches!(
            (self, place),
            (Self::Both, _) | (Self::Userinfo, Place::Userinfo) | (Self::IdToken, Place::IdToken)
        )
    }
}

/// What may be told now.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseContext<'a> {
    /// Scope of the token.
    pub granted: &'a str,
    /// What the client may ask for at all.
    pub registered: &'a [String],
    /// Claims asked for by name in this place.
    pub asked: &'a [String],
}

impl ReleaseContext<'_> {
    /// Granted, and not taken from the client since.
    fn granted_all(&self, scopes: &[impl AsRef<str>]) -> bool {
        let granted = |needed: &str| scope::contains(self.granted, needed) && self.may(needed);
        scopes.iter().all(|needed| granted(needed.as_ref()))
    }

    fn may(&self, needed: &str) -> bool {
        needed == "openid" || self.registered.iter().any(|scope| scope == needed)
    }

    /// Asked for by name, a claim needs no granted scope, but one the client could have asked for.
    fn asked_for(&self, claim: &str, scopes: &[impl AsRef<str>]) -> bool {
        self.asked.iter().any(|name| name == claim) && scopes.iter().all(|needed| self.may(needed.as_ref()))
    }
}

impl ClaimRules {
    /// Notes what is not acceptable.
    pub fn note(&self, faults: &mut ValidationErrors) {
        self.groups.note(faults);
        mapping::note(faults, &self.map, &self.groups.claim);
    }

    /// Whether a claim of this name could ever be told to this client; all others are not worth remembering.
    pub fn can_release(&self, claim: &str) -> bool {
        standard::scope_of(claim).is_some()
            || claim == "wecom"
            || claim == self.groups.claim
            || self.map.iter().any(|rule| rule.claim == claim)
    }

    /// Whether what is to be told in this place needs the member's departments and tags.
    pub fn needs_affiliation(&self, place: Place, context: ReleaseContext<'_>) -> bool {
        let groups = context.granted_all(&["groups"]) && self.groups.placement.covers(place);
        let wecom = context.granted_all(&["wecom"]) && place == Place::Userinfo;
        let told = |rule: &Mapping| {
            let standard = standard::scope_of(&rule.claim).is_some();
            let there = rule.placement.covers(place) || (standard && place == Place::Userinfo);
            (there && context.granted_all(&rule.scopes())) || context.asked_for(&rule.claim, &rule.scopes())
        };
        groups
            || wecom
            || context.asked_for(&self.groups.claim, &["groups"])
            || context.asked_for("wecom", &["wecom"])
            || self.map.iter().any(|rule| rule.needs_member() && told(rule))
    }

    /// The claims for this place. `subject` is how the person is named to the client.
    pub fn release(
        &self,
        place: Place,
        context: ReleaseContext<'_>,
        person: &Person,
        subject: &str,
        member: Option<&Affiliation>,
    ) -> Map<String, Value> {
        if self.map.is_empty() && member.is_none() {
            return plain(place, context, person);
        }
        let available = self.available(person, subject, member);
        let mut told = Map::new();
        for (claim, offered) in &available {
            let due = offered.goes_to(place) && context.granted_all(&offered.scopes);
            if due || context.asked_for(claim, &offered.scopes) {
                told.insert(claim.clone(), offered.value.clone());
                let proof = standard::proof_of(claim).and_then(|proof| available.get_key_value(proof));
                told.extend(proof.map(|(name, proof)| (name.clone(), proof.value.clone())));
            }
        }
        told
    }

    fn available(
        &self,
        person: &Person,
        subject: &str,
        member: Option<&Affiliation>,
    ) -> BTreeMap<String, AvailableClaim> {
        let mut sources = standard::of(person);
        let mut available = BTreeMap::new();
        for (claim, value) in &sources {
            let scope = standard::scope_of(claim).unwrap_or("profile");
            available.insert(
                claim.clone(),
                available_claim(value.clone(), &[scope], Placement::Userinfo),
            );
        }
        sources.insert("username".to_owned(), person.username.as_str().into());
        sources.insert("sub".to_owned(), subject.into());
        if let Some(member) = member {
            self.add_member(member, &mut sources, &mut available);
        }
        for rule in self
            .map
            .iter()
            .filter(|rule| rule.is_own() || !is_reserved(&rule.claim))
        {
            apply_mapping(rule, &sources, &mut available);
        }
        available
    }

    fn add_member(
        &self,
        member: &Affiliation,
        sources: &mut Map<String, Value>,
        available: &mut BTreeMap<String, AvailableClaim>,
    ) {
        let (groups, cut) = self.groups.groups(member);
        if cut > 0 {
            tracing::warn!(
                told = groups.len(),
                cut,
                claim = self.groups.claim,
                "a person has more groups than the client's cap"
            );
        }
        let wecom = json!({ "corp_id": member.corp_id, "userid": member.userid, "departments": member.direct });
        for (name, claim, value, placement) in [
            (
                "groups",
                self.groups.claim.as_str(),
                json!(groups),
                self.groups.placement,
            ),
            ("wecom", "wecom", wecom, Placement::Userinfo),
        ] {
            if let Some(value) = standard::told(value).filter(|_| !is_reserved(claim)) {
                sources.insert(name.to_owned(), value.clone());
                available.insert(claim.to_owned(), available_claim(value, &[name], placement));
            }
        }
        sources.insert("userid".to_owned(), member.userid.as_str().into());
        sources.insert("corp_id".to_owned(), member.corp_id.as_str().into());
    }
}

/// What [`ClaimRules::release`] comes to without rules and without the member, which is nearly always: straight from the person.
fn plain(place: Place, context: ReleaseContext<'_>, person: &Person) -> Map<String, Value> {
    let by_scope = Placement::Userinfo.covers(place);
    if !by_scope && context.asked.is_empty() {
        return Map::new();
    }
    let due = |claim: &str| {
        let scope = [standard::scope_of(claim).unwrap_or("profile")];
        (by_scope && context.granted_all(&scope)) || context.asked_for(claim, &scope)
    };
    let mut told = standard::of(person);
    let proven = |proof: &str| {
        let proves = |claim: &&str| standard::proof_of(claim) == Some(proof);
        standard::names().find(proves).is_some_and(due)
    };
    told.retain(|claim, _| due(claim) || proven(claim));
    told
}

fn available_claim(value: Value, scopes: &[&str], placement: Placement) -> AvailableClaim {
    AvailableClaim {
        value,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        userinfo: placement.covers(Place::Userinfo),
        id_token: placement.covers(Place::IdToken),
    }
}

/// Lays one rule over what there is. A rule that cannot be followed leaves no claim at all: the person's own would be another one than
/// the portal expects. What is made up is never proven.
fn apply_mapping(rule: &Mapping, sources: &Map<String, Value>, available: &mut BTreeMap<String, AvailableClaim>) {
    available.remove(&rule.claim);
    let mut made = rule
        .make(sources)
        .map(|value| available_claim(value, &rule.scopes(), rule.placement));
    if let Some(made) = &mut made
        && standard::scope_of(&rule.claim).is_some()
    {
        made.userinfo = true;
    }
    if let Some(proof) = standard::proof_of(&rule.claim).filter(|_| !rule.is_own()) {
        available.remove(proof);
        if let Some(made) = &made {
            let unproven = AvailableClaim {
                value: Value::Bool(false),
                ..made.clone()
            };
            available.insert(proof.to_owned(), unproven);
        }
    }
    if let Some(made) = made {
        available.insert(rule.claim.clone(), made);
    }
}

/// Checked when the rules are registered, and once more here: a token must not say such a thing whatever a row holds.
fn is_reserved(claim: &str) -> bool {
    RESERVED.contains(&claim)
}

#[cfg(test)]
mod tests;
