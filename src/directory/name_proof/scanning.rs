//! The scan that proves it: begun in a session for one company, used once, and believed only of a member of that very company who is there and active
//! as WeCom says now (product.md §3 S3.2).

use serde_json::json;
use uuid::Uuid;

use super::{
    failure::NameProofFailure,
    model::{Begun, SCAN_LIFE, Scan, Viewer, is_console_path},
    service::NameProofs,
    store,
};
use crate::{
    audit::{Kind, Record},
    crypto::digest::sha256_base64url,
    directory::{offboarding::model::EndReason, store::Change},
    kernel::{failure::Result, secret::Secret},
    wecom::{
        login_url::{self, Login, Scope},
        model::{Credential, MemberLookup, ScannedIdentity, SecretKind},
    },
};

/// Where WeCom's login page comes back to, below `public_url`: the host of the console's own pages, because WeCom shows names on no other (43016).
pub const RETURN: &str = "/console/names/return";
/// Longest code of WeCom's, bytes (reference 0.3).
const LONGEST_CODE: usize = 512;
/// Longest `state`, characters.
const LONGEST_STATE: usize = 128;

impl NameProofs {
    /// Begins a scan; answers the address of WeCom's login page: of the suite, or, of an app that was made for this company, of that app. What was
    /// proved before in this session of this company is over.
    ///
    /// # Errors
    /// `NP-101` and `NP-105` where the company is not connected by a suite; `NP-102` where the page to return to is none of the console.
    pub async fn begin_scan(&self, viewer: Viewer<'_>, source: Uuid, scan: Scan<'_>) -> Result<String> {
        if !is_console_path(scan.return_to) {
            return Err(NameProofFailure::Invalid.into());
        }
        let company = self.company(source).await?;
        let app = self.app(source).await?;
        let state = self.deps.entropy.hex_id();
        let begun = Begun {
            source,
            corp_key: company.corp_key,
            return_to: scan.return_to.to_owned(),
        };
        let digest = sha256_base64url(state.as_bytes());
        let until = self.now().plus(SCAN_LIFE);
        store::begin(&self.deps.database, viewer.session, &begun, (digest, until)).await?;
        Ok(self.login_url(&app, &state, scan))
    }

    fn login_url(&self, app: &Credential, state: &str, scan: Scan<'_>) -> String {
        let back = format!("{}{RETURN}", self.deps.public_url);
        let login = Login {
            corp_id: &app.corp_id,
            agent_id: agent_of(app),
            suite_id: app.third_party().map(|suite| suite.suite_id.as_str()),
            redirect_uri: &back,
            state,
        };
        let endpoints = self.deps.wecom.endpoints();
        match scan.in_client {
            true => login_url::in_app(endpoints, login, Scope::Base),
            false => login_url::web_login(endpoints, login, scan.lang),
        }
    }

    /// WeCom came back with a scan. Answers what was begun, which is proved now.
    ///
    /// # Errors
    /// `NP-102` for what is no code, `NP-103` for a scan that is over or was used, `NP-104` for another session's, `NP-105` where the company is not
    /// connected any more, or in another way; `NP-106` to `NP-110` for whoever is no active member of it in the visible scope; what WeCom refuses.
    pub async fn returned(&self, viewer: Viewer<'_>, state: &str, code: &Secret<String>) -> Result<Begun> {
        if !is_return(state, code.expose()) {
            return Err(NameProofFailure::Invalid.into());
        }
        let begun = self.take(viewer, state).await?;
        let company = self.company(begun.source).await?;
        if company.corp_key != begun.corp_key {
            return Err(NameProofFailure::NotConnected.into());
        }
        let app = self.app(begun.source).await?;
        let userid = self.who(&app, code.expose()).await?;
        let member = self.member(&app, begun.source, &userid).await?;
        let deps = &self.deps;
        let change = Change::begin(&deps.database, &deps.entropy, self.now(), viewer.actor).await?;
        let proved = store::prove(change.transaction(), viewer.session, &begun, (member, change.now())).await?;
        if !proved {
            return Err(NameProofFailure::ScanOver.into());
        }
        let record = Record {
            kind: Kind::NamesProven,
            actor: viewer.actor.to_owned(),
            subject: format!("data_source:{}", begun.source),
            reference: None,
            number: None,
            detail: json!({ "corp_id": company.corp_id, "userid": userid, "session_id": viewer.session }),
        };
        change.commit_as(record).await?;
        Ok(begun)
    }

    /// Uses the scan up. What another session brings stays as it is, for the one that began it.
    async fn take(&self, viewer: Viewer<'_>, state: &str) -> Result<Begun> {
        let database = &self.deps.database;
        let digest = sha256_base64url(state.as_bytes());
        if let Some(begun) = store::take(database, (&digest, viewer.session), self.now()).await? {
            return Ok(begun);
        }
        match store::session_of(database, &digest).await? {
            Some(session) if session != viewer.session => Err(NameProofFailure::ForeignScan.into()),
            _ => Err(NameProofFailure::ScanOver.into()),
        }
    }

    /// Who scanned, of this very company.
    async fn who(&self, app: &Credential, code: &str) -> Result<String> {
        match self.deps.wecom.exchange_code(app, code).await? {
            ScannedIdentity::Member { userid, .. } => Ok(userid),
            ScannedIdentity::OtherCorp { .. } => Err(NameProofFailure::OtherCorp.into()),
            ScannedIdentity::LinkedCorp { .. } => Err(NameProofFailure::LinkedCorp.into()),
            ScannedIdentity::Outsider => Err(NameProofFailure::Outsider.into()),
        }
    }

    /// Row id of whoever scanned. Refuses whoever is not in the visible scope and active as WeCom says now, or is not in the directory.
    async fn member(&self, app: &Credential, source: Uuid, userid: &str) -> Result<Uuid> {
        let MemberLookup::Visible(member) = self.deps.wecom.member(app, userid).await? else {
            return Err(NameProofFailure::OutsideScope.into());
        };
        if member.status.and_then(EndReason::of_status).is_some() {
            return Err(NameProofFailure::Inactive.into());
        }
        let known = store::knows(&self.deps.database, source, userid).await?;
        known.ok_or_else(|| NameProofFailure::OutsideScope.into())
    }
}

/// AgentId of an app.
pub(super) const fn agent_of(app: &Credential) -> i64 {
    match app.kind {
        SecretKind::App { agent_id } => agent_id,
        SecretKind::ContactsSync | SecretKind::ExternalContacts => 0,
    }
}

fn is_return(state: &str, code: &str) -> bool {
    let plain = (1..=LONGEST_STATE).contains(&state.len()) && state.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain && (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic())
}
