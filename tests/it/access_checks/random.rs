//! Random people in random states, at portals with different rules: what is explained, and what the public door then does.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulator::{sample, world::Member};

use super::{explained, listed};
use crate::{
    actors::{As, Portal, id},
    fixture::Fixture,
    scenario,
};

/// A small generator: the same people each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % most as u64).unwrap()
    }
}

const PEOPLE: usize = 200;

/// Adds random people to the sample corp: in all departments, picked and tagged ones among them, some disabled or not activated.
fn add_people(fixture: &Fixture, dice: &mut Dice) {
    fixture.edit_corp(|corp| {
        let departments: Vec<u32> = corp.departments.keys().copied().collect();
        for number in 0..PEOPLE {
            let userid = format!("Random{number:03}");
            let places = [
                departments[dice.roll(departments.len())],
                departments[dice.roll(departments.len())],
            ];
            let mut member = Member::new(&userid, &format!("名{number}"), &places[..=dice.roll(2)]);
            member.status = [1, 1, 1, 1, 1, 1, 2, 4][dice.roll(8)];
            corp.add_member(member);
            if dice.roll(12) == 0 {
                let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
                app.scope.users.push(userid.clone());
            }
            if dice.roll(12) == 0 {
                corp.tags.values_mut().next().unwrap().users.push(userid);
            }
        }
    });
}

/// Puts some of them into every state that an admin and a sync can bring about.
async fn scatter(fixture: &Fixture, source: &Value, dice: &mut Dice) {
    let admin = fixture.admin();
    for number in 0..PEOPLE {
        let userid = format!("Random{number:03}");
        let users = admin.items(&format!("users?q={userid}")).await;
        let Some(user) = users.first().map(|user| format!("users/{}", id(user))) else {
            continue;
        };
        match dice.roll(10) {
            0 => {
                admin.change(&user, json!({ "status": "disabled" })).await;
            }
            1 => {
                let now = fixture.clock.now().millis();
                admin.change(&user, json!({ "access_until": now - 1000 })).await;
            }
            // Another name under the same userid.
            2 => fixture.edit_corp(|corp| corp.member_mut(&userid).unwrap().name = format!("另外{number}")),
            _ => {}
        }
    }
    fixture.sync(id(source)).await;
}

async fn portals(fixture: &Fixture) -> Vec<Portal> {
    let admin = fixture.admin();
    let departments = admin.items("departments?limit=200").await;
    let some: Vec<&str> = departments.iter().skip(1).step_by(2).map(id).collect();
    let users: Vec<Value> = admin.items("users?limit=200").await;
    let few: Vec<&str> = users.iter().step_by(3).map(id).collect();
    vec![
        fixture.portal("open", json!({})).await,
        fixture
            .portal("departments", json!({ "allowed_departments": some }))
            .await,
        fixture.portal("people", json!({ "allowed_users": few })).await,
        fixture
            .portal(
                "both",
                json!({ "allowed_departments": some[..1], "allowed_users": few[..20] }),
            )
            .await,
    ]
}

scenario!(
    what_is_explained_is_what_sign_ins_then_do_for_random_people,
    |fixture: Fixture| async move {
        let mut dice = Dice(11);
        add_people(&fixture, &mut dice);
        for number in [3, 30, 60, 90] {
            let local = json!({ "username": format!("Random{number:03}") });
            fixture.admin().create("users", local).await;
        }
        let source = fixture.connect_with(json!({ "duplicate_rule": "skip" })).await;
        scatter(&fixture, &source, &mut dice).await;
        let portals = portals(&fixture).await;
        let mut lists = Vec::new();
        for portal in &portals {
            lists.push(listed(&fixture, portal, "").await);
        }
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        for number in 0..PEOPLE {
            let userid = format!("Random{number:03}");
            let at = dice.roll(portals.len());
            let way = explained(&fixture, &source, &portals[at], &userid, "").await;
            let number = way["refusal"]["number"].as_str().unwrap_or("admitted").to_owned();
            let line = lists[at].get(&userid).map(|line| &line["ways"][0]);
            if let Some(line) = line {
                assert_eq!(
                    line["number"].as_str().unwrap_or("admitted"),
                    number,
                    "{userid}: {line}"
                );
                assert_eq!(line["admitted"], way["admitted"], "{userid}");
            } else {
                // All other refusals are of people whom the mirror knows.
                assert_eq!(number, "GT-108", "{userid} is not listed: {way}");
            }
            let page = portals[at]
                .sign_in(&fixture, &fixture.browser(), As::Member(&userid))
                .await;
            match page.returned("code") {
                Some(_) => {
                    assert_eq!(
                        number, "admitted",
                        "{userid} was let in at {}: {way}",
                        portals[at].client_id
                    );
                    assert!(line.is_some(), "{userid} was let in and is not listed");
                }
                None => assert!(
                    page.body.contains(&number),
                    "{userid}: {number} is not on {}",
                    page.body
                ),
            }
            *numbers.entry(number).or_default() += 1;
        }
        for number in [
            "admitted", "GT-108", "GT-109", "GT-110", "GT-111", "GT-112", "GT-117", "GT-121",
        ] {
            assert!(numbers.contains_key(number), "{number} never occurred: {numbers:?}");
        }
    }
);
