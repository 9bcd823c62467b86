//! What strangers send is read in one way: as JSON by `kernel::json`, in handlers by the extractors of `web::input`.

use super::{code, is_test, report, sources};

/// The files that read bodies and query strings with actix's own extractors, for pages; each field of a page's form is a text.
const PAGES: &[&str] = &[
    "src/web/page.rs",
    "src/web/language.rs",
    "src/console/http/welcome.rs",
    "src/requests/http/link.rs",
    "src/requests/http/person.rs",
    "src/signin/http/forgotten.rs",
    "src/signin/http/login.rs",
    "src/signin/http/one_time_links.rs",
    "src/signin/http/own_email.rs",
    "src/signin/http/own_passkeys.rs",
    "src/signin/http/passkeys.rs",
    "src/signin/http/password.rs",
    "src/signin/http/private_fields.rs",
    "src/signin/http/wecom.rs",
];

/// Files that read JSON which Menjin wrote itself, or the replies of servers it called.
const OWN_JSON: &[&str] = &[
    "src/kernel/json/read.rs",
    "src/store/ephemeral/json.rs",
    "src/signin/journey.rs",
    "src/signin/wecom_callback.rs",
    "src/signin/refused_identity.rs",
    "src/requests/store/dressing.rs",
    "src/directory/sync/store/scope_tally.rs",
    "src/signin/trial/service.rs",
    "src/signin/passkey/ceremony.rs",
    "src/signin/passkey/challenge.rs",
    "src/signin/password/trusted_browser.rs",
    "src/oidc/keys/verifying_key.rs",
    "src/oidc/client_keys/fetch.rs",
    "src/oidc/client_keys/jwt.rs",
    "src/oidc/consent/store.rs",
    "src/oidc/registration/store/row.rs",
    "src/oidc/store/clients.rs",
    "src/oidc/store/grant_state.rs",
    "src/oidc/store/grants.rs",
    "src/admin/idempotency/store.rs",
    "src/admin/offboardings/store.rs",
    "src/console/http/refused.rs",
    "src/console/http/same_call.rs",
    "src/console/http/visit.rs",
    "src/console/kept_form.rs",
    "src/directory/probe/store.rs",
    "src/directory/user/store/documents.rs",
    "src/directory/email/store.rs",
    "src/directory/data_source/store.rs",
    "src/directory/identity/store.rs",
    "src/directory/sync/store/runs.rs",
    "src/directory/sync/store/images.rs",
    "src/directory/sync/store/undo/row.rs",
    "src/directory/sync/store/undo/structure.rs",
    "src/notices/channel/settings.rs",
    "src/notices/store/alerts.rs",
    "src/notices/store/cards.rs",
    "src/notices/store/deliveries.rs",
    "src/outbound/transport.rs",
    "src/doctor/checks/proxy.rs",
    "src/wecom/denials.rs",
    "src/wecom/tokens.rs",
    "src/wecom/list_reader.rs",
    "src/wecom/reply.rs",
    "src/wecom/row_splitter.rs",
    "src/wecom/callback/fields.rs",
];

#[test]
fn handlers_read_bodies_and_queries_by_our_extractors_only() {
    let mut faults = Vec::new();
    for (file, text) in sources("src") {
        let by_actix = ["Json", "Query", "Form", "Either", "JsonBody", "JsonConfig"];
        if is_test(&file) || file.starts_with("src/demo/") || file == "src/web/input.rs" {
            continue;
        }
        let code = code(&text);
        let extracts = |word: &&str| {
            let imported = code.contains("web::{") && code.split("web::{").skip(1).any(|list| names(list, word));
            code.contains(&format!("web::{word}")) || imported
        };
        let used: Vec<&str> = by_actix.into_iter().filter(extracts).collect();
        let page = PAGES.contains(&file.as_str()) && !used.contains(&"Json");
        if !used.is_empty() && !page {
            faults.push(format!("{file} reads by actix's {used:?}; use web::input"));
        }
    }
    report(&faults);
}

/// Whether a `{…}` list of imports names this word.
fn names(list: &str, word: &str) -> bool {
    let list = list.split('}').next().unwrap_or_default();
    list.split([',', '{', ' ', '\n']).any(|item| item == word)
}

#[test]
fn json_of_strangers_is_read_by_the_kernel_only() {
    let mut faults = Vec::new();
    for (file, text) in sources("src") {
        let code = code(&text);
        let parses = ["from_slice(", "from_str(", "from_value(", "from_reader("]
            .into_iter()
            .any(|call| {
                code.contains(&format!("serde_json::{call}"))
                    || code.contains(&format!("serde_json::{}::<", call.trim_end_matches('(')))
            });
        if parses && !is_test(&file) && !file.starts_with("src/demo/") && !OWN_JSON.contains(&file.as_str()) {
            faults.push(format!("{file} reads JSON by serde_json; use kernel::json"));
        }
    }
    report(&faults);
}

#[test]
fn what_is_sent_to_the_console_is_read_where_its_confirmation_is_checked() {
    let console = sources("src/console/http");
    let mut faults = Vec::new();
    for (file, text) in &console {
        if file.ends_with("/welcome.rs") {
            continue;
        }
        for handler in text
            .split("post().to(")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let name = handler.rsplit("::").next().unwrap_or_default();
            let opens = format!("async fn {name}(");
            let module = handler.rsplit("::").nth(1);
            let here = |other: &String| match module {
                None => other == file,
                Some(module) => {
                    other.ends_with(&format!("/{module}.rs")) || other.ends_with(&format!("/{module}/mod.rs"))
                }
            };
            let found = console
                .iter()
                .filter(|(other, _)| here(other))
                .find_map(|(_, text)| text.split(&opens).nth(1));
            let arguments = found.and_then(|rest| rest.split("->").next()).unwrap_or_default();
            if !arguments.contains(": Form") && !arguments.contains(": Upload") {
                faults.push(format!(
                    "{file}: {handler} changes something without a form that is confirmed (CSRF)"
                ));
            }
        }
    }
    report(&faults);
}
