//! Installing a suite, changing what it may see, deleting it, resetting its code: the world and the pushes (reference §9.2, §9.3, §9.6).

use super::acting::{act, push_all};
use super::delivery::Delivery;
use super::pushes::Push;
use super::told::{Acted, Pushed};
use crate::errmsg::alphanumeric;
use crate::state::{Shared, State};
use crate::suites::AuthCode;
use crate::world::{Action, Agreement, Scope, is_template};

/// Where somebody agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the install page, which redirects with the code.
    Browser,
    /// On the phone or in the market: the code is pushed.
    Phone,
}

/// Installs. Returns the auth code, and the pushes of it. `None`: the suite, the corp or the member is unknown.
pub(crate) async fn install(
    shared: &Shared,
    corp: &str,
    agreement: Agreement,
    place: Place,
    delivery: Option<Delivery>,
) -> Option<(String, Vec<Pushed>)> {
    let code = agree(&mut shared.lock(), corp, agreement, place, shared.clock.now())?;
    Some((code, push_all(shared, delivery).await))
}

fn agree(state: &mut State, corp: &str, agreement: Agreement, place: Place, now: u64) -> Option<String> {
    let (suite_id, given) = (agreement.suite_id.clone(), agreement.state.clone());
    let permanent_code = alphanumeric(&mut state.rng, 86);
    let agreement = Agreement {
        permanent_code,
        ..agreement
    };
    state.edit(|world| world.install(corp, agreement))?;
    let code = AuthCode {
        suite_id: suite_id.clone(),
        corp: corp.to_owned(),
    };
    let State { suites, rng, .. } = state;
    let auth_code = suites.codes.give_auth(code, now, rng);
    if place == Place::Phone || state.world.switches.suites.browser_install_pushes_create_auth {
        let auth_code = auth_code.clone();
        let push = Push::CreateAuth {
            auth_code,
            state: given,
        };
        state.pushes.push((suite_id, push));
    }
    Some(auth_code)
}

/// Sets the visible scope of an installed app: who came and who went is told as of any app, then `change_auth`.
pub(crate) async fn rescope(
    shared: &Shared,
    (corp, suite_id): (&str, &str),
    scope: Scope,
    delivery: Delivery,
) -> Option<Acted> {
    let agentid = shared.lock().world.installed(corp, suite_id)?.agentid;
    act(shared, corp, Action::Scope { agentid, scope }, delivery).await
}

/// Tells of a change that was made to an installed app: enabled or disabled, or other permissions.
pub(crate) async fn changed(shared: &Shared, corp: &str, suite_id: &str, delivery: Option<Delivery>) -> Vec<Pushed> {
    let push = Push::ChangeAuth { corp: corp.to_owned() };
    shared.lock().pushes.push((suite_id.to_owned(), push));
    push_all(shared, delivery).await
}

/// Deletes the app. `None`: the corp did not have it.
pub(crate) async fn cancel(
    shared: &Shared,
    corp: &str,
    suite_id: &str,
    delivery: Option<Delivery>,
) -> Option<Vec<Pushed>> {
    {
        let mut state = shared.lock();
        state.edit(|world| world.uninstall(corp, suite_id))?;
        let push = Push::CancelAuth { corp: corp.to_owned() };
        state.pushes.push((suite_id.to_owned(), push));
    }
    Some(push_all(shared, delivery).await)
}

/// Resets the permanent code of an app from a template. `None`: the corp has no such app.
pub(crate) async fn reset(
    shared: &Shared,
    corp: &str,
    suite_id: &str,
    delivery: Option<Delivery>,
) -> Option<Vec<Pushed>> {
    {
        let now = shared.clock.now();
        let mut state = shared.lock();
        let permanent_code = alphanumeric(&mut state.rng, 86);
        state.edit(|world| {
            let install = world.installed_mut(corp, suite_id)?.install.as_mut()?;
            let template = is_template(&install.suite_id);
            template.then(|| install.permanent_code = permanent_code)
        })?;
        let code = AuthCode {
            suite_id: suite_id.to_owned(),
            corp: corp.to_owned(),
        };
        let State {
            suites, rng, pushes, ..
        } = &mut *state;
        let auth_code = suites.codes.give_auth(code, now, rng);
        pushes.push((suite_id.to_owned(), Push::ResetPermanentCode { auth_code }));
    }
    Some(push_all(shared, delivery).await)
}
