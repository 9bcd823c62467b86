//! Sign-ins at a suite: who scanned, and what they consented to show (reference 9.8).

use serde_json::Value;

use super::model::SuiteIdentity;
use crate::wecom::{
    api_request::ApiRequest,
    client::WeCom,
    error::WeComError,
    identity,
    json_object::checked_userid,
    model::{SuiteCredential, UserDetail},
    reply::Reply,
    token_holder::Holder,
};

type Answer<T> = Result<T, WeComError>;

impl WeCom {
    /// Exchanges a single-use code of a sign-in at the suite for who it was (`service/auth/getuserinfo3rd`). Never repeated unless the token was
    /// dead.
    ///
    /// # Errors
    /// 40029 when the code was used, is older than five minutes, or is another suite's; 50001 for a domain that is not the suite's.
    pub async fn suite_identity(&self, suite: &SuiteCredential, code: &str) -> Answer<SuiteIdentity> {
        let ask = ApiRequest::new("service/auth/getuserinfo3rd")
            .with("code", code)
            .older_path("service/getuserinfo3rd");
        identity_of(&self.call_as(Holder::Suite(suite), ask).await?)
    }

    /// What a member consented to show (`service/auth/getuserdetail3rd`): never mobile, e-mail or address, and the userid in the place of the name.
    pub(in crate::wecom) async fn suite_user_detail(&self, suite: &SuiteCredential, body: Value) -> Answer<UserDetail> {
        let ask = ApiRequest::new("service/auth/getuserdetail3rd")
            .body(body)
            .older_path("service/getuserdetail3rd");
        identity::detail(&self.call_as(Holder::Suite(suite), ask).await?)
    }
}

/// Whoever has no corp and no userid is nobody's member: `openid` is not even read.
fn identity_of(reply: &Reply) -> Answer<SuiteIdentity> {
    let text = |key: &str| reply.row().exact(key).map_err(|reason| reply.unreadable(reason));
    let (Some(corp_id), Some(userid)) = (text("corpid")?, text("userid")?) else {
        return Ok(SuiteIdentity::Outsider);
    };
    if let Some((corp_id, userid)) = userid.split_once('/') {
        return Ok(SuiteIdentity::Linked {
            corp_id: corp_id.to_owned(),
            userid: userid.to_owned(),
        });
    }
    Ok(SuiteIdentity::Member {
        corp_id,
        userid: checked_userid(userid).map_err(|row| reply.unreadable(row.reason))?,
        open_userid: text("open_userid")?,
        user_ticket: text("user_ticket")?,
    })
}
