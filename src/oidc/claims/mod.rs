//! Release of claims: which claims about a person a portal gets, in userinfo and in the ID token. The rules are pure; only [`release`]
//! queries the database, and only when groups or the member are needed.
//!
//! Every claim that could be released is an [`AvailableClaim`]: its value, the scopes it needs, and where it is sent without being
//! requested by name. Userinfo gives standard claims by scope (OpenID Connect Core 5.4); the ID token only what is requested by name (5.5)
//! or configured for the portal, or, where the portal is registered so, all that the scopes give.

pub mod failure;
pub mod groups;
pub mod mapping;
pub mod preview;
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

/// Claims Menjin can release besides the standard ones, under the names they have unless a portal's rules say otherwise.
const OURS: [&str; 2] = ["groups", "wecom"];

/// All claims about people, for `claims_supported` of the discovery document.
pub fn published() -> impl Iterator<Item = &'static str> {
    standard::names().chain(OURS)
}

/// The document that claims are released in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Userinfo.
    Userinfo,
    /// The ID token.
    IdToken,
    /// The ID token of a client that gets the claims of granted scopes there too.
    FullIdToken,
}

impl Place {
    /// Whether claims come here by scope alone.
    const fn by_scope(self) -> bool {
        matches!(self, Self::Userinfo | Self::FullIdToken)
    }
}

/// A claim that could be released.
#[derive(Clone, Debug)]
struct AvailableClaim {
    value: Value,
    /// Scopes it needs, all of them.
    scopes: Vec<String>,
    userinfo: bool,
    id_token: bool,
}

impl AvailableClaim {
    fn goes_to(&self, place: Place) -> bool {
        match place {
            Place::Userinfo => self.userinfo,
            Place::IdToken => self.id_token,
            Place::FullIdToken => self.id_token || self.userinfo,
        }
    }
}

impl Placement {
    const fn covers(self, place: Place) -> bool {
        matches!(
            (self, place),
            (Self::Both, _)
                | (_, Place::FullIdToken)
                | (Self::Userinfo, Place::Userinfo)
                | (Self::IdToken, Place::IdToken)
        )
    }
}

/// What a release depends on besides the client's rules and the person.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseContext<'a> {
    /// Scope of the token.
    pub granted: &'a str,
    /// Scopes the client may use at all.
    pub registered: &'a [String],
    /// Claims requested by name for this place.
    pub asked: &'a [String],
}

impl ReleaseContext<'_> {
    /// Whether all these scopes are granted, and none was removed from the client since.
    fn granted_all(&self, scopes: &[impl AsRef<str>]) -> bool {
        let granted = |needed: &str| scope::contains(self.granted, needed) && self.may(needed);
        scopes.iter().all(|needed| granted(needed.as_ref()))
    }

    fn may(&self, needed: &str) -> bool {
        scope::is_registered(needed, self.registered)
    }

    /// Whether a claim was requested by name and may be: it then needs no granted scope, but scopes the client could have requested.
    fn asked_for(&self, claim: &str, scopes: &[impl AsRef<str>]) -> bool {
        self.asked.iter().any(|name| name == claim) && scopes.iter().all(|needed| self.may(needed.as_ref()))
    }
}

impl ClaimRules {
    /// Adds a fault for each rule that is not acceptable.
    pub fn note(&self, faults: &mut ValidationErrors) {
        self.groups.note(faults);
        mapping::note(faults, &self.map, &self.groups.claim);
    }

    /// The scopes that a claim of this name needs at this client; `None`: there is no such claim.
    pub fn scopes_of(&self, claim: &str) -> Option<Vec<&str>> {
        let proves = |rule: &&Mapping| !rule.is_own() && standard::verified_claim_of(&rule.claim) == Some(claim);
        let rule = self.map.iter().find(|rule| rule.claim == claim || proves(rule));
        match (rule, standard::scope_of(claim)) {
            (Some(rule), _) => Some(rule.scopes()),
            (None, Some(scope)) => Some(vec![scope]),
            (None, None) if claim == self.groups.claim => Some(vec!["groups"]),
            (None, None) => (claim == "wecom").then(|| vec!["wecom"]),
        }
    }

    /// Whether a claim of this name can be released to a client with these scopes registered. Requests for others are not kept: nobody is
    /// asked for what would never be given.
    pub fn can_release(&self, claim: &str, registered: &[String]) -> bool {
        let may = |needed: &&str| scope::is_registered(needed, registered);
        self.scopes_of(claim).is_some_and(|scopes| scopes.iter().all(may))
    }

    /// Whether the value of this standard claim reaches the client, under whatever name and wherever.
    pub fn tells_of(&self, standard: &str, context: ReleaseContext<'_>) -> bool {
        let goes = |claim: &str, scopes: &[&str]| context.granted_all(scopes) || context.asked_for(claim, scopes);
        let replaced = self.map.iter().any(|rule| rule.claim == standard);
        let plain = standard::scope_of(standard).is_some_and(|scope| !replaced && goes(standard, &[scope]));
        let takes = |rule: &&Mapping| rule.takes(standard);
        plain
            || self
                .map
                .iter()
                .filter(takes)
                .any(|rule| goes(&rule.claim, &rule.scopes()))
    }

    /// The name under which pages have words for this claim; `None` for claims that only the client's own rules make.
    pub fn common_name<'a>(&self, claim: &'a str) -> Option<&'a str> {
        match claim {
            claim if standard::scope_of(claim).is_some() => Some(claim),
            claim if self.map.iter().any(|rule| rule.claim == claim) => None,
            claim if claim == self.groups.claim => Some("groups"),
            claim => (claim == "wecom").then_some(claim),
        }
    }

    /// Whether what is to be released in this place needs the member's departments and tags, or the user's groups.
    pub fn needs_affiliation(&self, place: Place, context: ReleaseContext<'_>) -> bool {
        let groups = context.granted_all(&["groups"]) && self.groups.placement.covers(place);
        let wecom = context.granted_all(&["wecom"]) && place.by_scope();
        let told = |rule: &Mapping| {
            let standard = standard::scope_of(&rule.claim).is_some();
            let there = rule.placement.covers(place) || (standard && place.by_scope());
            (there && context.granted_all(&rule.scopes())) || context.asked_for(&rule.claim, &rule.scopes())
        };
        groups
            || wecom
            || context.asked_for(&self.groups.claim, &["groups"])
            || context.asked_for("wecom", &["wecom"])
            || self.map.iter().any(|rule| rule.needs_member() && told(rule))
    }

    /// The claims released in this place. `subject` is the person's `sub` for this client.
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
                let proof = standard::verified_claim_of(claim).and_then(|proof| available.get_key_value(proof));
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
        // Who is no member has groups of ours at most.
        let is_member = !member.userid.is_empty();
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
            let told = !is_reserved(claim) && (is_member || name != "wecom");
            if let Some(value) = standard::non_empty(value).filter(|_| told) {
                sources.insert(name.to_owned(), value.clone());
                available.insert(claim.to_owned(), available_claim(value, &[name], placement));
            }
        }
        if is_member {
            sources.insert("userid".to_owned(), member.userid.as_str().into());
            sources.insert("corp_id".to_owned(), member.corp_id.as_str().into());
        }
    }
}

/// Fast path of [`ClaimRules::release`] without rules and without the member, which is nearly always: straight from the person.
fn plain(place: Place, context: ReleaseContext<'_>, person: &Person) -> Map<String, Value> {
    let by_scope = place.by_scope();
    if !by_scope && context.asked.is_empty() {
        return Map::new();
    }
    let due = |claim: &str| {
        let scope = [standard::scope_of(claim).unwrap_or("profile")];
        (by_scope && context.granted_all(&scope)) || context.asked_for(claim, &scope)
    };
    let mut told = standard::of(person);
    let proven = |proof: &str| {
        let proves = |claim: &&str| standard::verified_claim_of(claim) == Some(proof);
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

/// Applies one mapping rule to the available claims. A rule that cannot be applied leaves no claim at all: the person's own would be
/// another one than the portal expects. A composed value is never marked as verified.
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
    if let Some(proof) = standard::verified_claim_of(&rule.claim).filter(|_| !rule.is_own()) {
        available.remove(proof);
        if let Some((made, value)) = made.as_ref().zip(standard::told_proof(&rule.claim, false)) {
            let unproven = AvailableClaim { value, ..made.clone() };
            available.insert(proof.to_owned(), unproven);
        }
    }
    if let Some(made) = made {
        available.insert(rule.claim.clone(), made);
    }
}

/// Whether no rule may set this claim. Checked when the rules are registered, and once more here: a token must not hold such a claim
/// whatever a row says.
fn is_reserved(claim: &str) -> bool {
    RESERVED.contains(&claim)
}

#[cfg(test)]
mod tests;
