//! Dispatches `/cgi-bin/service/…` and checks whose token it is.

use super::super::admission::{frequency, trusts};
use super::super::call::{Answer, ApiCall};
use super::{convert, installs, login, qrcode, tokens};
use crate::errmsg::{Refusal, refusal};
use crate::state::State;
use crate::suites::Holder;

/// A call with a suite's token; the text is the suite id.
type BySuite = fn(&ApiCall, &str, &mut State) -> Answer;
/// A call with a provider's token; the text is the provider's corpid.
type ByProvider = fn(&ApiCall, &str, &mut State) -> Answer;

fn by_suite(name: &str) -> Option<BySuite> {
    Some(match name {
        "get_pre_auth_code" => installs::pre_auth_code,
        "set_session_info" => installs::session_info,
        "get_permanent_code" => installs::permanent_code,
        "v2/get_permanent_code" => installs::permanent_code_fast,
        "get_auth_info" | "v2/get_auth_info" => installs::auth_info,
        "get_corp_token" => installs::corp_token,
        "get_admin_list" => installs::admin_list,
        "get_app_qrcode" => qrcode::of_app,
        "auth/getuserinfo3rd" | "getuserinfo3rd" => login::user_info,
        "auth/getuserdetail3rd" | "getuserdetail3rd" => login::user_detail,
        _ => return None,
    })
}

fn by_provider(name: &str) -> Option<ByProvider> {
    Some(match name {
        "corpid_to_opencorpid" => convert::corpid,
        "get_customized_auth_url" => qrcode::of_template,
        _ => return None,
    })
}

/// The answer; `None`: there is no such address.
pub(in crate::api) fn answer(call: &ApiCall, state: &mut State) -> Option<Answer> {
    let name = call.path.strip_prefix("/cgi-bin/service/")?;
    let known = matches!(name, "get_suite_token" | "get_provider_token");
    if !known && by_suite(name).is_none() && by_provider(name).is_none() {
        return None;
    }
    Some(frequency(call, state).and_then(|()| carried_out(name, call, state)))
}

fn carried_out(name: &str, call: &ApiCall, state: &mut State) -> Answer {
    match name {
        "get_suite_token" => return tokens::of_suite(call, state),
        "get_provider_token" => return tokens::of_provider(call, state),
        _ => {}
    }
    if let Some(api) = by_provider(name) {
        let token = call
            .param("provider_access_token")
            .or_else(|| call.param("access_token"));
        let token = token.ok_or_else(|| refusal(40082))?;
        let Holder::Provider(corpid) = state.suites.tokens.check(token, call.now)?.0.clone() else {
            return Err(refusal(40082));
        };
        is_trusted(&corpid, call, state)?;
        return api(call, &corpid, state);
    }
    let api = by_suite(name).ok_or_else(|| refusal(-1))?;
    let token = call.param("suite_access_token").ok_or_else(|| refusal(41022))?;
    let checked = state.suites.tokens.check(token, call.now);
    let checked = checked.map(|(holder, secret)| (holder.clone(), secret.to_owned()));
    let (holder, secret) = checked.inspect_err(|_| lose_code(name, call, state))?;
    let Holder::Suite(suite_id) = holder else {
        return Err(refusal(40082));
    };
    let suite = state.world.suites.get(&suite_id).ok_or_else(|| refusal(40083))?;
    if suite.secret != secret {
        return Err(refusal(40082));
    }
    is_trusted(&suite.provider.clone(), call, state)?;
    api(call, &suite_id, state)
}

/// Uses the code of a sign-in up whose exchange failed for its token, if so set (§1.3).
fn lose_code(name: &str, call: &ApiCall, state: &mut State) {
    let survives = state.world.switches.code_survives_token_error;
    if let Some(code) = call
        .param("code")
        .filter(|_| name.ends_with("getuserinfo3rd") && !survives)
    {
        state.suites.codes.spend_login(code, call.now);
    }
}

/// 60020 for an IP that is not on the provider's list.
pub(super) fn is_trusted(provider: &str, call: &ApiCall, state: &State) -> Result<(), Refusal> {
    let provider = state.world.providers.get(provider);
    if trusts(provider.and_then(|provider| provider.trusted_ips.as_deref()), &call.ip) {
        Ok(())
    } else {
        Err(refusal(60020))
    }
}
