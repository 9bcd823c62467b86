//! Conversion of ids between a service provider and the companies themselves (reference 5.6). Each answer is believed of what was asked about alone;
//! what it leaves out was not converted.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    api_request::ApiRequest,
    client::WeCom,
    error::WeComError,
    json_object::{JsonObject, checked_userid},
    model::{Credential, Malformed, ProviderCredential},
    reply::Reply,
    token_holder::Holder,
};

type Answer<T> = Result<T, WeComError>;

/// Ids that one call takes.
pub const CONVERTED_AT_ONCE: usize = 1000;

impl WeCom {
    /// The userids behind a provider's ids of members (`batch/openuserid_to_userid`), at most [`CONVERTED_AT_ONCE`] of them: by the app of the company's
    /// own that this credential is of, from its app with the AgentId `source`. Both must see the member.
    ///
    /// # Errors
    /// 60221 for an id of another provider, 40056 where there is no such app; what is left out of the answer was not converted.
    pub async fn userids_behind(&self, own: &Credential, source: i64, ids: &[&str]) -> Answer<HashMap<String, String>> {
        let body = json!({ "open_userid_list": ids, "source_agentid": source });
        let ask = ApiRequest::new("batch/openuserid_to_userid").body(body);
        converted(
            &self.call(own, ask).await?,
            "userid_list",
            ids,
            ("open_userid", "userid"),
        )
    }

    /// Which of these, at most [`CONVERTED_AT_ONCE`], are userids of the company itself (`batch/userid_to_openuserid`), asked by the app that it
    /// installed: each of them with the provider's id of that member.
    ///
    /// # Errors
    /// 48002 for an app that nobody installed; what is left out of the answer is no userid of a member whom the app sees.
    pub async fn open_userids_of(&self, installed: &Credential, ids: &[&str]) -> Answer<HashMap<String, String>> {
        let ask = ApiRequest::new("batch/userid_to_openuserid").body(json!({ "userid_list": ids }));
        converted(
            &self.call(installed, ask).await?,
            "open_userid_list",
            ids,
            ("userid", "open_userid"),
        )
    }

    /// The id by which a provider knows the company with this corp ID (`service/corpid_to_opencorpid`).
    ///
    /// # Errors
    /// 40013 for an unknown corp ID.
    pub async fn open_corp_id(&self, provider: &ProviderCredential, corp_id: &str) -> Answer<String> {
        let ask = ApiRequest::new("service/corpid_to_opencorpid").body(json!({ "corpid": corp_id }));
        let reply = self.call_as(Holder::Provider(provider), ask).await?;
        let found = reply.row().exact("open_corpid");
        found.ok().flatten().ok_or_else(|| reply.unreadable("no `open_corpid`"))
    }
}

/// The pairs of a list, from one field to the other. Ids that nobody asked about are nobody's, and of what is told twice in two ways nothing is
/// believed.
fn converted(reply: &Reply, list: &str, asked: &[&str], (from, to): (&str, &str)) -> Answer<HashMap<String, String>> {
    let rows = reply.rows(list, |row: &Value| {
        let row = JsonObject::of(row).ok_or_else(|| Malformed::nameless("not an object"))?;
        let text = |key: &str| {
            let found = row.exact(key).map_err(Malformed::nameless)?;
            checked_userid(found.ok_or_else(|| Malformed::nameless("an id is missing"))?)
        };
        Ok((text(from)?, text(to)?))
    })?;
    let mut found: HashMap<String, Option<String>> = HashMap::new();
    for (id, other) in rows.rows {
        if !asked.contains(&id.as_str()) {
            continue;
        }
        let known = found.entry(id).or_insert_with(|| Some(other.clone()));
        if known.as_ref() != Some(&other) {
            *known = None;
        }
    }
    Ok(found.into_iter().filter_map(|(id, other)| Some((id, other?))).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use crate::wecom::testing::{Reaction, Stub, app, bench, installed, suite};

    fn answering(answer: Value) -> Stub {
        Stub::start(move |call| {
            let told = match call.path.trim_start_matches("/cgi-bin/") {
                path if path.starts_with("batch/") || path.ends_with("opencorpid") => answer.clone(),
                "service/get_provider_token" => json!({ "provider_access_token": "provider-1" }),
                "service/get_suite_token" => json!({ "suite_access_token": "suite-1" }),
                _ => json!({ "access_token": "corp-1", "expires_in": 7200 }),
            };
            Reaction::json(&told.to_string())
        })
    }

    fn pairs<const N: usize>(of: [(&str, &str); N]) -> HashMap<String, String> {
        of.map(|(one, other)| (one.to_owned(), other.to_owned())).into()
    }

    #[tokio::test]
    async fn what_is_converted_is_exactly_what_was_asked_and_told_once() {
        let stub = answering(json!({
            "errcode": 0,
            "userid_list": [
                { "userid": "LiHua", "open_userid": "woAAA" },
                { "userid": "stranger", "open_userid": "woNOBODY" },
                { "userid": "one", "open_userid": "woTWICE" },
                { "userid": "other", "open_userid": "woTWICE" },
                { "userid": "lower", "open_userid": "woaaa" },
                { "userid": "with blank", "open_userid": "woBLANK" },
                { "open_userid": "woNOTHING" },
                "noise",
            ],
            "invalid_open_userid_list": ["woGONE"],
        }));
        let asked = ["woAAA", "woaaa", "woTWICE", "woBLANK", "woNOTHING", "woGONE"];
        let found = bench(&stub)
            .wecom
            .userids_behind(&app(), 1_000_009, &asked)
            .await
            .unwrap();
        // Ids that differ by letter case alone are two members.
        assert_eq!(found, pairs([("woAAA", "LiHua"), ("woaaa", "lower")]));
        let sent = stub.calls().pop().unwrap();
        let body: Value = serde_json::from_str(&sent.body).unwrap();
        assert_eq!(body, json!({ "open_userid_list": asked, "source_agentid": 1_000_009 }));
        assert_eq!(sent.query("access_token").as_deref(), Some("corp-1"));
    }

    #[tokio::test]
    async fn which_ids_are_the_companys_own_the_installed_app_tells() {
        let stub = answering(json!({
            "open_userid_list": [{ "userid": "LiHua", "open_userid": "woAAA" }], "invalid_userid_list": ["woBBB"],
        }));
        let found = bench(&stub)
            .wecom
            .open_userids_of(&installed(), &["LiHua", "woBBB"])
            .await;
        assert_eq!(found.unwrap(), pairs([("LiHua", "woAAA")]));
        // Nothing at all converted is no failure.
        let none = answering(json!({ "errcode": 0, "errmsg": "ok" }));
        let found = bench(&none).wecom.userids_behind(&app(), 1, &["woAAA"]).await;
        assert!(found.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_refused_conversion_is_told_with_its_code() {
        let stub = answering(json!({ "errcode": 60221, "errmsg": "not the provider's" }));
        let refused = bench(&stub).wecom.userids_behind(&app(), 1, &["woAAA"]).await;
        assert_eq!(refused.unwrap_err().errcode, Some(60221));
    }

    #[tokio::test]
    async fn a_provider_knows_a_company_by_another_id() {
        let provider = suite().provider.unwrap();
        let stub = answering(json!({ "errcode": 0, "open_corpid": "wpAAA" }));
        let bench_of = bench(&stub);
        let found = bench_of.wecom.open_corp_id(&provider, "ww1").await;
        assert_eq!(found.unwrap(), "wpAAA");
        let call = stub.calls().pop().unwrap();
        assert_eq!(call.query("provider_access_token").as_deref(), Some("provider-1"));
        let stub = answering(json!({ "errcode": 0 }));
        assert!(bench(&stub).wecom.open_corp_id(&provider, "ww1").await.is_err());
    }
}
