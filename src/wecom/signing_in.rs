//! Calls of a sign-in: the exchange of a code for who scanned, and what a member consented to show (reference 3.1 to 3.3). People of a third-party
//! app sign in at its suite, where employees of any corp may (reference 9.8): only those of the app's corp are members here.

use serde_json::json;

use super::{
    api_request::ApiRequest,
    client::WeCom,
    error::WeComError,
    identity,
    model::{Credential, ScannedIdentity, UserDetail},
    suite::SuiteIdentity,
};

type Answer<T> = Result<T, WeComError>;

/// The older path of the code exchange (reference 3.2), which private deployments may have alone.
const OLDER_IDENTITY: &str = "user/getuserinfo";

/// The older path of details (reference 3.3).
const OLDER_DETAIL: &str = "user/getuserdetail";

impl WeCom {
    /// Exchanges a single-use code for who scanned (`auth/getuserinfo`). Never repeated unless the token was dead.
    ///
    /// # Errors
    /// 40029 when the code was used, is older than five minutes, or is another app's.
    pub async fn exchange_code(&self, credential: &Credential, code: &str) -> Answer<ScannedIdentity> {
        let answer = match credential.third_party() {
            Some(suite) => self
                .suite_identity(suite, code)
                .await
                .map(|found| of_corp(&credential.corp_id, found)),
            None => self.exchange_own(credential, code).await,
        };
        self.denials.note_exchange(&self.transport, credential, &answer).await;
        answer
    }

    async fn exchange_own(&self, credential: &Credential, code: &str) -> Answer<ScannedIdentity> {
        let call = if self.legacy_identity {
            OLDER_IDENTITY
        } else {
            "auth/getuserinfo"
        };
        // An API base without the new path (HTTP 404) has not used the code up.
        let ask = ApiRequest::new(call).with("code", code).older_path(OLDER_IDENTITY);
        identity::scanned_identity(&self.call(credential, ask).await?)
    }

    /// What the member consented to show (`auth/getuserdetail`), for the ticket of an in-app sign-in.
    ///
    /// # Errors
    /// 84014, 84015, 84090 when the ticket is no longer good or none; 60111 for a member out of the visible scope.
    pub async fn user_detail(&self, credential: &Credential, user_ticket: &str) -> Answer<UserDetail> {
        let body = json!({ "user_ticket": user_ticket });
        if let Some(suite) = credential.third_party() {
            return self.suite_user_detail(suite, body).await;
        }
        let call = if self.legacy_identity {
            OLDER_DETAIL
        } else {
            "auth/getuserdetail"
        };
        let ask = ApiRequest::new(call).body(body).older_path(OLDER_DETAIL);
        identity::detail(&self.call(credential, ask).await?)
    }
}

/// Who somebody is to this corp who signed in by a suite.
fn of_corp(corp: &str, found: SuiteIdentity) -> ScannedIdentity {
    match found {
        SuiteIdentity::Member {
            corp_id,
            userid,
            user_ticket,
            ..
        } if corp_id == corp => ScannedIdentity::Member { userid, user_ticket },
        SuiteIdentity::Member { corp_id, .. } => ScannedIdentity::OtherCorp { corp_id },
        SuiteIdentity::Linked { corp_id, userid } => ScannedIdentity::LinkedCorp { corp_id, userid },
        SuiteIdentity::Outsider => ScannedIdentity::Outsider,
    }
}
