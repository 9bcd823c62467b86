//! What the suites of a corp hear of a change in its directory: members in their reach, by id (reference §7.7).

use std::collections::BTreeMap;

use super::{events::Event, pushes::Push};
use crate::state::State;
use crate::world::open_ids::OpenIds;
use crate::world::{Action, Member};

/// An installed app before the change.
struct Seeing {
    suite_id: String,
    ids: OpenIds,
    /// Whether it saw the member whom the change is about.
    saw: bool,
    /// That member's userid and `open_userid` as it knows them.
    told: Option<(String, String)>,
}

/// The installed apps of a corp, and the member whom a change is about, before it.
pub(super) struct Before {
    member: Option<Member>,
    apps: BTreeMap<u32, Seeing>,
}

impl Before {
    pub(super) fn of(state: &mut State, corp: &str, member: Option<Member>) -> Self {
        let mut apps = BTreeMap::new();
        for (agentid, suite_id) in installed(state, corp) {
            let Some(ids) = OpenIds::of_suite(&state.world, &suite_id) else {
                continue;
            };
            let told = member
                .as_ref()
                .map(|member| (ids.told(corp, member), ids.open(corp, member)));
            let saw = member
                .as_ref()
                .is_some_and(|member| sees(state, corp, agentid, &member.userid));
            let seeing = Seeing {
                suite_id,
                ids,
                saw,
                told,
            };
            apps.insert(agentid, seeing);
        }
        Self { member, apps }
    }

    /// The userid by which an app knew somebody who may be gone now.
    pub(super) fn told(&self, agentid: u32, userid: &str) -> String {
        let about = self.member.as_ref().filter(|member| member.userid == userid);
        let told = about.and_then(|_| self.apps.get(&agentid)?.told.as_ref());
        told.map_or_else(|| userid.to_owned(), |(told, _)| told.clone())
    }
}

fn installed(state: &State, corp: &str) -> Vec<(u32, String)> {
    let apps = state
        .world
        .corps
        .get(corp)
        .into_iter()
        .flat_map(|corp| corp.apps.values());
    apps.filter_map(|app| Some((app.agentid, app.install.as_ref()?.suite_id.clone())))
        .collect()
}

/// Whether an installed app may read of a member.
fn sees(state: &mut State, corp: &str, agentid: u32, userid: &str) -> bool {
    let Some((corp, index, _)) = state.corp(corp) else {
        return false;
    };
    let member = corp.member(userid).zip(index.readable(agentid));
    member.is_some_and(|(member, visible)| visible.holds(member))
}

/// The pushes of a change that was carried out.
pub(super) fn pushes(state: &mut State, corp: &str, step: &Action, before: &Before) -> Vec<(String, Push)> {
    let mut found = Vec::new();
    if let Action::Scope { agentid, .. } = step
        && let Some(app) = before.apps.get(agentid)
    {
        let corp = corp.to_owned();
        found.push((app.suite_id.clone(), Push::ChangeAuth { corp }));
    }
    for (agentid, app) in &before.apps {
        for (event, open_userid) in contacts(state, (corp, *agentid), step, app) {
            let corp = corp.to_owned();
            let push = Push::Change {
                corp,
                event,
                open_userid,
            };
            found.push((app.suite_id.clone(), push));
        }
    }
    found
}

/// What one suite hears, with the `open_userid` of whoever is gone.
fn contacts(state: &mut State, at: (&str, u32), step: &Action, app: &Seeing) -> Vec<(Event, Option<String>)> {
    let (corp, agentid) = at;
    let mut sees = |userid: &str| sees(state, corp, agentid, userid);
    let updated = |userid: &str, new: Option<&String>| {
        let event = Event::UpdateUser {
            userid: userid.to_owned(),
            new_userid: new.cloned(),
        };
        vec![(event, None)]
    };
    match step {
        Action::Add(member) | Action::Replace(member) => match (app.told.is_some(), sees(&member.userid)) {
            (false, true) => {
                let userid = member.userid.clone();
                vec![(Event::CreateUser { userid }, None)]
            }
            (true, now) if now || app.saw => updated(&member.userid, None),
            _ => Vec::new(),
        },
        Action::Remove { .. } => {
            let gone = app.told.clone().filter(|_| app.saw);
            let gone = gone.map(|(userid, open)| (Event::DeleteUser { userid }, Some(open)));
            gone.into_iter().collect()
        }
        Action::Status { userid, .. } if app.saw => updated(userid, None),
        Action::Move { userid, .. } if sees(userid) || app.saw => updated(userid, None),
        // Encrypted ids stay: nothing changed for who knows only these.
        Action::Rename { userid, to } if app.saw && !app.ids.encrypts_users() => updated(userid, Some(to)),
        Action::Swap { userid, with } if app.saw && !app.ids.encrypts_users() => {
            [updated(userid, Some(with)), updated(with, Some(userid))].concat()
        }
        _ => Vec::new(),
    }
}
