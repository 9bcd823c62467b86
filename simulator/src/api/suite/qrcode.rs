//! QR codes that install: `service/get_app_qrcode`, `service/get_customized_auth_url` (reference §9.3).

use serde_json::{Value, json};

use super::super::call::{Answer, ApiCall, number, object};
use super::png::png;
use crate::errmsg::{Refusal, refusal};
use crate::state::State;

/// How long the code of a template is good, in seconds; it is only told.
const TEMPLATE_CODE_LIFETIME: u64 = 864_000;
/// Longest `state` of a QR code.
const LONGEST_STATE: usize = 32;
/// Templates of one call.
const MOST_TEMPLATES: usize = 9;

/// The `state` of the call; 84025 for a wrong one.
fn state_of(call: &ApiCall) -> Result<&str, Refusal> {
    let given = call.text("state").unwrap_or_default();
    if given.len() > LONGEST_STATE || !given.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(refusal(84025));
    }
    Ok(given)
}

/// The address behind a code: the install page of the phone.
fn address(call: &ApiCall, suite_id: &str, given: &str) -> String {
    let state = if given.is_empty() {
        String::new()
    } else {
        format!("?state={given}")
    };
    format!("http://{}/install/{suite_id}{state}", call.host)
}

pub(super) fn of_app(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    if call.text("suite_id").ok_or_else(|| refusal(41021))? != suite_id {
        return Err(refusal(48003));
    }
    let given = state_of(call)?;
    if !state.world.suites.get(suite_id).is_some_and(|suite| suite.published) {
        return Err(refusal(48002));
    }
    match number(call.body.get("result_type")) {
        None | Some(1 | 2) => Ok(object(json!({"qrcode": address(call, suite_id, given)}))),
        Some(_) => Err(refusal(40058)),
    }
}

/// Of several templates the code is that of the first.
pub(super) fn of_template(call: &ApiCall, provider: &str, state: &mut State) -> Answer {
    let given = state_of(call)?;
    let listed = call.body.get("templateid_list").and_then(Value::as_array);
    let listed = listed
        .filter(|list| (1..=MOST_TEMPLATES).contains(&list.len()))
        .ok_or_else(|| refusal(40058))?;
    let own = |id: &&str| {
        state
            .world
            .suites
            .get(*id)
            .is_some_and(|suite| suite.provider == provider)
    };
    let ids: Vec<&str> = listed.iter().filter_map(Value::as_str).filter(own).collect();
    let first = ids
        .first()
        .filter(|_| ids.len() == listed.len())
        .ok_or_else(|| refusal(40083))?;
    Ok(object(
        json!({"qrcode_url": address(call, first, given), "expires_in": TEMPLATE_CODE_LIFETIME}),
    ))
}

/// The picture that is answered instead of JSON; `None`: the call asked for the address, or failed.
pub(in crate::api) fn picture(call: &ApiCall, reply: &Value) -> Option<Vec<u8>> {
    let asked = call.path == "/cgi-bin/service/get_app_qrcode" && number(call.body.get("result_type")) != Some(2);
    let address = reply.get("qrcode").filter(|_| asked)?.as_str()?;
    png(address)
}
