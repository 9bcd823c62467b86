//! Signs pages of the console for WeCom's script, for sessions to which names may be shown (reference 11).

use std::time::Duration;

use uuid::Uuid;

use super::{
    failure::NameProofFailure,
    model::{SignedPage, Viewer, is_console_page},
    scanning::agent_of,
    service::NameProofs,
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{failure::Result, secret::Secret},
    wecom::{
        model::{Credential, TicketKind},
        signature,
    },
};

/// How long a ticket serves at least before another one is fetched because the component refused it: a page that is opened again and again must not
/// use up what WeCom allows an app (100 an hour, reference 12).
const SERVES: Duration = Duration::from_secs(60);

/// What is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Its address as the browser sees it, without `#` and what follows.
    pub url: &'a str,
    /// For which of the two calls.
    pub ticket: TicketKind,
    /// The component refused a signature by this ticket, as [`SignedPage::ticket`] told it.
    pub refused: Option<&'a str>,
}

impl NameProofs {
    /// Signs a page for a session to which names of this company may be shown.
    ///
    /// # Errors
    /// `NP-111` without a proof, `NP-112` for a page that is none of the console's; what WeCom refuses.
    pub async fn signed(&self, viewer: Viewer<'_>, source: Uuid, page: Page<'_>) -> Result<SignedPage> {
        if !is_console_page(&self.deps.public_url, page.url) {
            return Err(NameProofFailure::ForeignPage.into());
        }
        if !self.standing(viewer.session).await?.contains_key(&source) {
            return Err(NameProofFailure::NotProven.into());
        }
        let app = self.app(source).await?;
        let mut ticket = self.deps.wecom.js_ticket(&app, page.ticket).await?;
        if page.refused == Some(name(&ticket).as_str()) && self.may_drop((source, page.ticket)).await? {
            ticket = self.another(&app, page.ticket, &ticket).await?;
        }
        let (nonce, timestamp) = (self.deps.entropy.hex_id(), self.now().secs());
        Ok(SignedPage {
            signature: signature(&ticket, &nonce, timestamp, page.url),
            ticket: name(&ticket),
            agent_id: agent_of(&app),
            corp_id: app.corp_id,
            timestamp,
            nonce,
        })
    }

    async fn may_drop(&self, (source, kind): (Uuid, TicketKind)) -> Result<bool> {
        let kind = match kind {
            TicketKind::App => "app",
            TicketKind::Corp => "corp",
        };
        let key = format!("names:ticket-dropped:{kind}:{source}");
        self.deps.ephemeral.put_new(&key, b"1", SERVES).await
    }

    async fn another(&self, app: &Credential, kind: TicketKind, refused: &Secret<String>) -> Result<Secret<String>> {
        let wecom = &self.deps.wecom;
        wecom.drop_js_ticket(app, kind, refused).await?;
        Ok(wecom.js_ticket(app, kind).await?)
    }
}

/// By what a ticket is told from others, without telling it.
fn name(ticket: &Secret<String>) -> String {
    sha256_base64url(format!("name of a ticket:{}", ticket.expose()).as_bytes())
}
