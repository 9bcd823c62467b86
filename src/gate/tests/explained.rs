//! The list of *who can sign in* against the gate's own judgement of visits, over a random population.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::population::Population;
use crate::{
    gate::{
        checks::judge,
        explain::{
            chain::{as_if_asked, judgement},
            model::{Candidate, SORTS, ScopeChange, Way, WhatIf},
        },
        facts::{CachedScope, Facts, Identity},
        store::population::People,
    },
    kernel::{clock::Timestamp, sorting::SortedPage},
};

/// All people, page by page: the same for every portal.
pub(super) async fn pages(population: &Population) -> Vec<People> {
    let (mut all, mut page) = (Vec::new(), SortedPage::first(SORTS.unasked(), 700));
    loop {
        let people = population.store.people(None, &page).await.unwrap();
        page.after.clone_from(&people.next);
        all.push(people);
        if page.after.is_none() {
            return all;
        }
    }
}

/// Everybody at a portal, at this moment.
pub(super) async fn listed(
    population: &Population,
    (pages, now): (&[People], Timestamp),
    portal: Uuid,
    what_if: Option<&WhatIf>,
) -> Vec<Candidate> {
    let mut surroundings = population.store.surroundings(now, portal).await.unwrap();
    if let Some(what_if) = what_if {
        surroundings = surroundings.imagine(what_if);
    }
    let candidates = pages.iter().flat_map(|people| surroundings.candidates(people).unwrap());
    candidates.collect()
}

async fn everybody(population: &Population, portal: Uuid, what_if: Option<&WhatIf>) -> Vec<Candidate> {
    listed(population, (&pages(population).await, population.now), portal, what_if).await
}

/// The facts of the same way, gathered as for a real visit.
async fn visited(population: &Population, candidate: &Candidate, way: &Way, portal: Uuid) -> Facts {
    let store = &population.store;
    let facts = match (way, &candidate.person.userid) {
        (Way::Scan(named), Some(userid)) => {
            let identity = Identity::Member { userid: userid.clone() };
            store
                .facts_of_scan(population.now, named.auth_source.id, identity, portal)
                .await
        }
        _ => {
            let user = candidate.person.user_id.unwrap();
            store.facts_of_password(population.now, user, portal).await
        }
    };
    facts.unwrap()
}

/// The facts as text; departments have no order.
fn told(mut facts: Facts) -> String {
    if let Some(member) = &mut facts.member {
        member.departments.sort_unstable();
    }
    format!("{facts:?}")
}

#[tokio::test]
async fn facts_gathered_in_sets_are_those_of_real_visits() {
    let mut population = Population::new(600, 6).await;
    let (mut ways, mut scopes) = (0, BTreeMap::new());
    for portal in population.portals.clone() {
        for candidate in everybody(&population, portal, None).await {
            for (way, facts) in &candidate.ways {
                if population.dice.roll(2) == 0 {
                    continue;
                }
                let visit = visited(&population, &candidate, way, portal).await;
                *scopes.entry(format!("{:?}", visit.cached_scope)).or_insert(0) += 1;
                assert_eq!(told(facts.clone()), told(visit), "{:?}", candidate.person);
                ways += 1;
            }
        }
    }
    assert!(ways > 3000, "{ways}");
    assert_eq!(scopes.len(), 4, "{scopes:?}");
}

/// Of the people in a long list so many are compared with visits of their own.
const SAMPLED: usize = 25;

/// Whom a portal's lists admit does not depend on how a person's facts were gathered, so the facts of a real visit are gathered once for each
/// way of each person and carried to the other portals.
#[tokio::test]
async fn the_list_of_ten_thousand_people_says_what_the_gate_says_of_one_in_25_at_twenty_portals() {
    let population = Population::new(10_000, 20).await;
    let mut portals = Vec::new();
    for id in &population.portals {
        portals.push(population.store.portal(*id).await.unwrap());
    }
    let pages = pages(&population).await;
    let people = listed(&population, (&pages, population.now), population.portals[0], None).await;
    let mut visits: Vec<Vec<Facts>> = Vec::new();
    for candidate in people.iter().step_by(SAMPLED) {
        let mut ways = Vec::new();
        for (way, _) in &candidate.ways {
            ways.push(visited(&population, candidate, way, population.portals[0]).await);
        }
        visits.push(ways);
    }
    let (mut judged, mut numbers) = (0, BTreeMap::new());
    for portal in &portals {
        let listed = listed(&population, (&pages, population.now), portal.id, None).await;
        assert_eq!(listed.len(), people.len());
        for (candidate, visits) in listed.into_iter().step_by(SAMPLED).zip(&visits) {
            for ((_, facts), visit) in candidate.ways.into_iter().zip(visits) {
                let mut visit = visit.clone();
                visit.portal = (**portal).clone();
                visit.groups = match &visit.person {
                    Some(person) => population.groups_of(person.id, portal).await,
                    None => Vec::new(),
                };
                let (_, refusal) = judge(&as_if_asked(visit, false));
                let number = refusal.map(|refusal| refusal.entry().number);
                assert_eq!(judgement(facts, false).number, number, "{:?}", candidate.person);
                *numbers.entry(number).or_insert(0) += 1;
                judged += 1;
            }
        }
    }
    assert!(judged > 8_000, "{judged}");
    assert!(numbers.len() > 10 && numbers.contains_key(&None), "{numbers:?}");
}

#[tokio::test]
async fn each_person_is_counted_once_by_each_way() {
    let population = Population::new(600, 1).await;
    let mut seen = std::collections::BTreeSet::new();
    let (mut people, mut users) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for candidate in everybody(&population, population.portals[0], None).await {
        assert!(people.insert((candidate.person.user_id, candidate.person.member_id)));
        users.extend(candidate.person.user_id);
        for (way, _) in &candidate.ways {
            let who = match way {
                Way::Password => candidate.person.user_id,
                _ => candidate.person.member_id,
            };
            assert!(
                seen.insert((who, way.kind().word(), way.auth_source())),
                "{:?}",
                candidate.person
            );
        }
    }
    assert!(users.len() > 400, "{}", users.len());
}

#[tokio::test]
async fn an_imagined_scope_is_judged_as_a_stored_one_would_be() {
    let population = Population::new(400, 1).await;
    let portal = population.portals[0];
    let stands = everybody(&population, portal, None).await;
    let app = stands
        .iter()
        .find_map(|one| one.ways.iter().find_map(|(_, facts)| facts.app))
        .unwrap();
    let scope = |departments: &[i64]| WhatIf {
        scope: Some(ScopeChange {
            app,
            departments: departments.iter().copied().collect(),
            users: std::collections::BTreeSet::new(),
            tags: std::collections::BTreeSet::new(),
        }),
        ..WhatIf::default()
    };
    for (departments, wanted) in [(&[1][..], CachedScope::Inside), (&[][..], CachedScope::Outside)] {
        let imagined = everybody(&population, portal, Some(&scope(departments))).await;
        let mut found = 0;
        for (_, facts) in imagined
            .iter()
            .flat_map(|one| &one.ways)
            .filter(|(_, facts)| facts.app == Some(app))
        {
            let Some(member) = &facts.member else { continue };
            // Who is in no department is below none.
            if member.departments.is_empty() && wanted == CachedScope::Inside {
                continue;
            }
            assert_eq!(facts.cached_scope, wanted);
            found += 1;
        }
        assert!(found > 100, "{found}");
    }
}
