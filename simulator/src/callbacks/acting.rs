//! Carries an action out and tells of it: the contacts-sync helper by `change_contact`, apps by `subscribe` and `unsubscribe` of the members
//! who came into reach or fell out of it (reference §7.1, §7.6, §17.1), suites by what `for_suites` says.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    deliver::{emit, push},
    delivery::{Delivery, Owner},
    events::Event,
    for_suites::{Before, pushes},
    told::{Acted, Pushed, Told},
};
use crate::state::{Shared, State};
use crate::world::{Action, Member, Switches};

/// Carries the action out and sends its events one after another. `None`: the corp, member or app is unknown, or the userid is taken.
pub(crate) async fn act(shared: &Shared, corp: &str, action: Action, delivery: Delivery) -> Option<Acted> {
    let mut events = Vec::new();
    {
        let mut state = shared.lock();
        for step in action.steps() {
            events.extend(carry_out(&mut state, corp, &step)?);
        }
    }
    let mut told = Vec::new();
    for (owner, event) in events {
        let report = emit(shared, corp, owner, &event, delivery).await;
        told.push(Told { owner, event, report });
    }
    let pushed = push_all(shared, Some(delivery)).await;
    Some(Acted { told, pushed })
}

/// Pushes what suites are to hear of changes; without `delivery` as their plans say.
pub(crate) async fn push_all(shared: &Shared, delivery: Option<Delivery>) -> Vec<Pushed> {
    let waiting = std::mem::take(&mut shared.lock().pushes);
    let mut pushed = Vec::new();
    for (suite, one) in waiting {
        let report = push(shared, &suite, &one, delivery).await;
        pushed.push(Pushed {
            suite,
            push: one,
            report,
        });
    }
    pushed
}

/// Changes the world and returns the events of it. `None`: nothing was changed.
pub(crate) fn carry_out(state: &mut State, corp: &str, step: &Action) -> Option<Vec<(Owner, Event)>> {
    let mut before = reach(state, corp);
    let known = |userid: &str| state.world.corps.get(corp)?.member(userid).cloned();
    let was_member = step.userid().and_then(known);
    let was = was_member.as_ref().map(|member| member.userid.clone());
    let suites = Before::of(state, corp, was_member);
    if !state.edit(|world| world.corp_mut(corp).is_some_and(|corp| step.apply(corp))) {
        return None;
    }
    if let (Action::Rename { to, .. }, Some(was)) = (step, &was) {
        // The same person under another name: nobody came, nobody went.
        let seen = before.values_mut().filter_map(|seen| seen.remove(was).then_some(seen));
        seen.for_each(|seen| {
            seen.insert(to.clone());
        });
    }
    let mut events: Vec<(Owner, Event)> = told_to_contacts(step, was, &state.world.switches)
        .into_iter()
        .map(|event| (Owner::Contacts, event))
        .collect();
    for (agentid, now) in reach(state, corp) {
        let old = before.remove(&agentid).unwrap_or_default();
        let gone = old.difference(&now).map(|userid| suites.told(agentid, userid));
        let come = now.difference(&old).cloned();
        let told = gone
            .map(|userid| Event::Unsubscribe { userid })
            .chain(come.map(|userid| Event::Subscribe { userid }));
        events.extend(told.map(|event| (Owner::App(agentid), event)));
    }
    if let Action::Disuse { agentid, disused } = *step {
        let event = if disused {
            Event::CloseInactiveAgent
        } else {
            Event::ReopenInactiveAgent
        };
        events.push((Owner::App(agentid), event));
    }
    let heard = pushes(state, corp, step, &suites);
    state.pushes.extend(heard);
    Some(events)
}

/// Canonical userids of the members whom each app reaches: in its scope, and not disabled where that tells apps.
fn reach(state: &mut State, corp: &str) -> BTreeMap<u32, BTreeSet<String>> {
    let Some((corp, index, switches)) = state.corp(corp) else {
        return BTreeMap::new();
    };
    let counts = |member: &&Member| member.status != 2 || !switches.disabling_tells_apps;
    corp.apps
        .keys()
        .filter_map(|&agentid| {
            let visible = index.visible(agentid)?;
            let members = corp.members.values().filter(counts);
            let seen = members.filter(|member| visible.holds(member));
            Some((agentid, seen.map(|member| member.userid.clone()).collect()))
        })
        .collect()
}

/// What the helper hears: since 2022-08-15 nothing of a status, only of joining, leaving, moving and another userid (§7.1).
fn told_to_contacts(step: &Action, was: Option<String>, switches: &Switches) -> Vec<Event> {
    let updated = |userid: String, new_userid: Option<String>| Event::UpdateUser { userid, new_userid };
    match (step, was) {
        (Action::Add(member) | Action::Replace(member), None) => vec![Event::CreateUser {
            userid: member.userid.clone(),
        }],
        (Action::Remove { .. }, Some(userid)) => vec![Event::DeleteUser { userid }],
        (Action::Rename { to, .. }, Some(userid)) => vec![updated(userid, Some(to.clone()))],
        (Action::Swap { with, .. }, Some(userid)) => {
            let back = updated(with.clone(), Some(userid.clone()));
            vec![updated(userid, Some(with.clone())), back]
        }
        (Action::Add(_) | Action::Replace(_) | Action::Move { .. }, Some(userid)) => vec![updated(userid, None)],
        (Action::Status { .. }, Some(userid)) if !switches.restricted_events => vec![updated(userid, None)],
        _ => Vec::new(),
    }
}
