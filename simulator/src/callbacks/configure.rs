//! Saving a callback in a console: the URL is verified first (reference §6.1, §6.3, §6.4).

use super::deliver::verify;
use super::delivery::Owner;
use super::target::{SuiteCallback, Target};
use crate::state::{Shared, State};
use crate::world::{CUSTOMER_CONTACT, Callback};

/// Verifies and keeps the callback of a corp. The error is what the administrator would read.
pub(crate) async fn configure(shared: &Shared, corp: &str, owner: Owner, callback: Callback) -> Result<(), String> {
    let unknown = "no such corp or app";
    slot(&mut shared.lock(), corp, owner).ok_or(unknown)?;
    verify(shared, &Target::of(callback.clone(), corp)).await?;
    *slot(&mut shared.lock(), corp, owner).ok_or(unknown)? = Some(callback);
    Ok(())
}

fn slot<'a>(state: &'a mut State, corp: &str, owner: Owner) -> Option<&'a mut Option<Callback>> {
    let corp = state.world.corps.get_mut(corp)?;
    match owner {
        Owner::Contacts => Some(&mut corp.contacts_callback),
        Owner::App(CUSTOMER_CONTACT) => Some(&mut corp.customer_contact.callback),
        Owner::App(agentid) => corp.apps.get_mut(&agentid).map(|app| &mut app.callback),
    }
}

/// Verifies and keeps one of the callbacks of a suite; its Token and EncodingAESKey are those of both.
pub(crate) async fn configure_suite(
    shared: &Shared,
    suite_id: &str,
    which: SuiteCallback,
    callback: Callback,
) -> Result<(), String> {
    let unknown = "no such suite";
    let target = {
        let state = shared.lock();
        let suite = state.world.suites.get(suite_id).ok_or(unknown)?;
        let as_provider = state.world.switches.suites.command_verified_as_provider;
        let receive_id = match which {
            SuiteCallback::Command if !as_provider => suite_id,
            SuiteCallback::Command | SuiteCallback::Data => &suite.provider,
        };
        let url = callback.url.replace("$CORPID$", &suite.provider);
        let mut target = Target::of(
            Callback {
                url,
                ..callback.clone()
            },
            receive_id,
        );
        target.suite = Some(suite_id.to_owned());
        target
    };
    verify(shared, &target).await?;
    let mut state = shared.lock();
    let State { world, suites, .. } = &mut *state;
    let suite = world.suites.get_mut(suite_id).ok_or(unknown)?;
    (suite.token, suite.aes_key) = (callback.token, callback.aes_key);
    match which {
        SuiteCallback::Command => {
            suite.command_url = Some(callback.url);
            suites.tickets.forget_push(suite_id);
        }
        SuiteCallback::Data => suite.data_url = Some(callback.url),
    }
    Ok(())
}
