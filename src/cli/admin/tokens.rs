//! `menjin admin token`: makes, lists and revokes API tokens.

use std::{collections::BTreeMap, time::Duration};

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::here::Here;
use crate::{
    admin::{
        api_tokens::{NewToken, SORTS, TokenFilter},
        role::Role,
    },
    cli::{
        sync::report::{printable, text},
        terminal::{complain, say, told},
    },
    kernel::{clock::Timestamp, failure::Failure, json, pagination::MAX_LIMIT, sorting::SortedPage},
};

/// What to do with API tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token. It is printed this once, alone on standard output.
    Create {
        /// For people and the audit log.
        #[arg(long)]
        name: String,
        /// What it may do, by the words of the API: auditor, operator, admin and so on.
        #[arg(long)]
        role: String,
        /// Days until it stops working; unless given, never.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
        expires_in_days: Option<u32>,
        /// What a token of the role sync or portal is limited to, as data_sources=ID or clients=CLIENT_ID; may be given several times.
        #[arg(long, value_name = "FIELD=VALUE")]
        scope: Vec<String>,
    },
    /// List all tokens, revoked ones too.
    List,
    /// Revoke a token.
    Revoke {
        /// Its id or name.
        token: String,
    },
}

/// Runs the command.
///
/// # Errors
/// A sentence.
pub(super) async fn run(command: TokenCommand, here: &Here) -> Result<(), String> {
    let admin = &here.administration.admin;
    let failed = |failure: Failure| told(&failure);
    match command {
        TokenCommand::Create {
            name,
            role,
            expires_in_days,
            scope,
        } => {
            let expires_at = expires_in_days.map(|days| {
                let span = Duration::from_secs(u64::from(days) * 24 * 3600);
                here.clock.now().plus(span).millis()
            });
            let input = input(&name, &role, expires_at, &scope)?;
            let created = admin
                .create_token((&here.actor, Role::Owner), input)
                .await
                .map_err(failed)?;
            complain(&printable(&format!(
                "API token \"{name}\" with the role {role}, id {}. It is shown this once:",
                created.about.id
            )));
            say(&created.token);
        }
        TokenCommand::List => {
            for token in all(here).await? {
                say(&line(&token, here.clock.now()));
            }
        }
        TokenCommand::Revoke { token } => {
            let id = find(&all(here).await?, &token)?;
            admin
                .revoke_token((&here.actor, Role::Owner), id)
                .await
                .map_err(failed)?;
            say(&format!("Revoked: {id}"));
        }
    }
    Ok(())
}

/// What was typed, as the API would be told it.
fn input(name: &str, role: &str, expires_at: Option<i64>, scope: &[String]) -> Result<NewToken, String> {
    let mut bounds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for bound in scope {
        let (field, value) = bound.split_once('=').ok_or("--scope: must be FIELD=VALUE")?;
        bounds.entry(field).or_default().push(value);
    }
    let mut body = Map::new();
    if !bounds.is_empty() {
        body.insert("scope".to_owned(), json!(bounds));
    }
    for (field, value) in [
        ("name", json!(name)),
        ("role", json!(role)),
        ("expires_at", json!(expires_at)),
    ] {
        body.insert(field.to_owned(), value);
    }
    json::part("", &Value::Object(body)).map_err(|faults| faults.to_string())
}

/// All tokens as the API shows them.
async fn all(here: &Here) -> Result<Vec<Value>, String> {
    let mut tokens = Vec::new();
    let mut page = SortedPage::first(SORTS.unasked(), MAX_LIMIT);
    loop {
        let listing = here.administration.admin.tokens(&TokenFilter::default(), &page).await;
        let listing = listing.map_err(|failure| told(&failure))?;
        tokens.extend(listing.items.iter().map(|token| json!(token)));
        match page.after_that(listing.next_cursor.as_deref()) {
            Some(next) => page = next,
            None => return Ok(tokens),
        }
    }
}

/// The id of the token with this id, or of the only one with this name that works.
fn find(tokens: &[Value], wanted: &str) -> Result<uuid::Uuid, String> {
    let by_id = tokens.iter().find(|token| text(token, "id") == wanted);
    let named = tokens
        .iter()
        .filter(|token| text(token, "name") == wanted && token.get("revoked_at").is_none_or(Value::is_null));
    let mut found: Vec<&Value> = by_id.map_or_else(|| named.collect(), |token| vec![token]);
    match (found.pop(), found.is_empty()) {
        (Some(token), true) => text(token, "id")
            .parse()
            .map_err(|_| "its id cannot be read".to_owned()),
        (Some(_), false) => Err("Several tokens have this name: give the id.".to_owned()),
        (None, _) => Err("There is no token of this id, and none of this name that works.".to_owned()),
    }
}

fn line(token: &Value, now: Timestamp) -> String {
    let moment = |field: &str| token.get(field).and_then(Value::as_i64).map(Timestamp::from_millis);
    let days = |span: Duration| span.as_secs() / 86_400;
    let state = match (moment("revoked_at"), moment("expires_at")) {
        (Some(_), _) => "revoked".to_owned(),
        (None, Some(end)) if end <= now => "expired".to_owned(),
        (None, Some(end)) => format!("expires in {} d", days(end.since(now))),
        (None, None) => "never expires".to_owned(),
    };
    let (id, role, name) = (text(token, "id"), text(token, "role"), text(token, "name"));
    printable(&format!("{id}  {role:<10}  {state:<17}  {name}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{find, input, line};
    use crate::kernel::clock::Timestamp;

    const ID: &str = "00000000-0000-7000-8000-000000000001";

    #[test]
    fn what_is_typed_is_judged_as_the_api_does() {
        assert!(input("a", "admin", None, &[]).is_ok());
        let faults = input("a", "emperor", None, &["colour=red".to_owned()]).unwrap_err();
        assert!(
            faults.contains("role: ") && faults.contains("colour: is not known here"),
            "{faults}"
        );
        assert!(input("a", "admin", None, &["red".to_owned()]).is_err());
    }

    #[test]
    fn a_token_is_found_by_id_or_by_a_name_that_one_has() {
        let token =
            |id: &str, name: &str, revoked: bool| json!({ "id": id, "name": name, "revoked_at": revoked.then_some(1) });
        let other = "00000000-0000-7000-8000-000000000002";
        let tokens = [token(ID, "a", false), token(other, "a", true), token(other, "b", true)];
        assert_eq!(find(&tokens, "a").unwrap().to_string(), ID);
        assert_eq!(find(&tokens, other).unwrap().to_string(), other);
        assert!(find(&tokens, "b").is_err());
        let twice = [token(ID, "a", false), token(other, "a", false)];
        assert!(find(&twice, "a").unwrap_err().contains("Several"));
    }

    #[test]
    fn a_line_tells_how_long_a_token_works() {
        let now = Timestamp::from_secs(1000);
        let told = |revoked: Option<i64>, expires: Option<i64>| {
            line(
                &json!({ "id": ID, "role": "admin", "name": "n\u{1b}", "revoked_at": revoked, "expires_at": expires }),
                now,
            )
        };
        assert!(told(None, None).ends_with("admin       never expires      n?"));
        assert!(told(None, Some(86_400_000 * 3)).contains("expires in 2 d"));
        assert!(told(None, Some(5)).contains("expired"));
        assert!(told(Some(5), None).contains("revoked"));
    }
}
