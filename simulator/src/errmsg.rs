//! Texts of WeCom's error codes, and the hint that WeCom appends to them (reference §1.1, §1.5).

use rand::RngExt;
use rand::rngs::StdRng;

use crate::world::{HintShape, Switches};

/// A business error: always HTTP 200 with `errcode` other than 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub code: i32,
    pub text: &'static str,
}

/// The error with its usual text.
pub(crate) fn refusal(code: i32) -> Refusal {
    Refusal { code, text: text(code) }
}

fn text(code: i32) -> &'static str {
    match code {
        -1 => "system busy",
        40001 => "invalid credential",
        40003 => "invalid userid",
        40013 => "invalid corpid",
        40014 => "invalid access_token",
        40029 => "invalid code",
        40032 => "userid list too long",
        40033 => "invalid request body, illegal character",
        40035 => "invalid parameter",
        40056 => "invalid agentid",
        40057 => "invalid callback url or failed to verify callback url",
        40058 => "invalid request parameter",
        40063 => "some parameters are empty",
        40068 => "invalid tagid",
        40073 => "invalid openid",
        40091 => "secret of another corp",
        41001 => "access_token missing",
        41002 => "corpid missing",
        41004 => "corpsecret missing",
        41008 => "code missing",
        41009 => "userid missing",
        41011 => "agentid missing",
        42001 => "access_token expired",
        42014 => "invalid task_id",
        42015 => "the app is not the one that sent the message",
        42022 => "code has been used",
        43004 => "member has not bound a wechat account",
        43012 => "the app needs a callback url",
        44004 => "empty content",
        45009 => "api freq out of limit",
        45033 => "api concurrent out of limit",
        45034 => "url must have a scheme",
        46004 => "user does not exist",
        48002 => "api forbidden",
        48006 => "api forbidden: the corp did not use the app for long",
        48009 => "contact details not readable from this ip with the contacts secret",
        50001 => "redirect_uri unauthorized",
        50002 => "member not in the permission range",
        50003 => "app disabled",
        60003 | 60123 => "department not found",
        60011 => "no privilege to access/modify contact/party/agent",
        60020 => "not allow to access from your ip",
        60021 => "userid not in the visible scope",
        60102 => "userid existed",
        60111 => "userid not found",
        60112 => "invalid username",
        60127 => "department missing",
        81011 => "no right on this tag",
        81013 => "user & party & tag all invalid",
        82001 => "user & party & tag all empty",
        84014 => "user ticket expired",
        84015 => "invalid user ticket",
        84025 => "invalid state",
        84090 => "user ticket missing",
        301002 => "no privilege for this agent",
        _ => text_of_suites(code),
    }
}

/// Texts of what only service providers, the script and external contacts meet.
fn text_of_suites(code: i32) -> &'static str {
    match code {
        40077 => "invalid pre_auth_code",
        40078 => "invalid auth_code",
        40080 => "invalid suite_secret",
        40082 => "invalid suite_access_token",
        40083 => "invalid suite_id",
        40084 => "invalid permanent_code",
        40085 => "invalid suite_ticket",
        40093 => "invalid jsapi signature",
        40096 => "invalid external_userid",
        41021 => "suite_id missing",
        41022 => "suite_access_token missing",
        41023 => "suite_ticket missing",
        41024 => "suite_secret missing",
        41025 => "permanent_code missing",
        42007 => "pre_auth_code expired",
        42009 => "suite_access_token expired",
        42012 => "jsapi ticket unusable",
        43016 => "not logged in",
        48003 => "suite_id mismatch",
        48004 => "invalid auth relation",
        84061 => "no external-contact relation",
        85005 => "trusted domain not verified",
        90307 => "login expired",
        701008 => "no valid interface licence",
        _ => "error",
    }
}

/// Appends the hint: `text, hint: [..], from ip: .., more info at ..` (§1.1).
pub(crate) fn with_tail(refusal: &Refusal, ip: &str, now: u64, switches: &Switches, rng: &mut StdRng) -> String {
    let hint = match switches.hint_shape {
        HintShape::Stamped => format!("{now}_{}_{}", rng.random_range(1..400), hex(rng, 32)),
        HintShape::Digits => format!("{now:010}{:014}", rng.random_range(0..100_000_000_000_000_u64)),
    };
    let (text, code) = (refusal.text, refusal.code);
    let ip = if switches.empty_from_ip { "" } else { ip };
    format!(
        "{text}, hint: [{hint}], from ip: {ip}, more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
    )
}

/// `digits` random lower-case hex digits.
pub(crate) fn hex(rng: &mut StdRng, digits: usize) -> String {
    (0..digits)
        .filter_map(|_| char::from_digit(rng.random_range(0..16), 16))
        .collect()
}

/// `length` random characters of `A-Za-z0-9`.
pub(crate) fn alphanumeric(rng: &mut StdRng, length: usize) -> String {
    (0..length)
        .map(|_| char::from(rng.sample(rand::distr::Alphanumeric)))
        .collect()
}
