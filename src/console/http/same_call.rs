//! *Same over the API*: a call of a page as somebody would make it in a shell, with no secret in it. Pure.

use actix_web::http::Method;
use serde_json::Value;

/// The same call for a shell, with the token in a variable.
pub(super) fn curl(method: &Method, path: &str, body: Option<&Value>) -> String {
    let method = match *method {
        Method::GET => String::new(),
        ref method => format!("-X {method} "),
    };
    let body = body.map(|body| {
        format!(
            " \\\n  -H 'content-type: application/json' -d '{}'",
            masked(body).to_string().replace('\'', "'\\''")
        )
    });
    format!(
        "curl -sS -H @menjin-token {method}'{{public_url}}{}{path}'{}",
        super::api::BASE,
        body.unwrap_or_default()
    )
}

fn is_secret(name: &str) -> bool {
    name.ends_with("secret") || matches!(name, "password" | "token" | "encoding_aes_key")
}

/// A body with a sign in the place of each secret: the page must not bring back what was typed.
fn masked(body: &Value) -> Value {
    match body {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match value {
                    Value::String(_) if is_secret(name) => "…".into(),
                    value => masked(value),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(entries) => entries.iter().map(masked).collect(),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use serde_json::json;

    use super::curl;

    #[test]
    fn a_call_for_a_shell_shows_no_secret() {
        let body =
            json!({ "name": "it's", "app": { "secret": "s3cret" }, "contacts_secret": "s3cret", "token": "s3cret" });
        let call = curl(&Method::POST, "data-sources", Some(&body));
        assert!(call.contains("'\\''s") && !call.contains("s3cret"), "{call}");
    }
}
