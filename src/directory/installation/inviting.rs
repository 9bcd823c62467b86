//! An admin wants to connect a corp: the invitation, and WeCom's install page or QR code.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::{
    failure::InstallationFailure,
    input::NewInvitation,
    model::{CODE_LIFE, Invitation, PHONE_LIFE, QR, Way},
    service::Installations,
    store::invitations,
    view::InvitationView,
};
use crate::{
    audit::difference::Difference,
    crypto::digest::sha256_base64url,
    directory::setup_problem::Problem,
    kernel::failure::{Failure, Result},
    wecom::{login_url, model::SuiteCredential},
};

/// Where WeCom's install page comes back to, below `public_url`.
const RETURN: &str = "/console/installations/return";

/// Longest life of a pre-auth code that is believed.
const LONGEST: Duration = Duration::from_secs(3600);

/// What WeCom gave for an invitation.
struct Begun {
    install_url: Option<String>,
    qr: Option<String>,
    life: Duration,
    problem: Option<Problem>,
}

impl Installations {
    /// Makes an invitation: of the browser way with the address of WeCom's install page, of the phone way with what the QR code holds.
    ///
    /// # Errors
    /// `IN-101` for an unknown suite, `IN-103` without a ticket, `IN-115` for a template in the browser; what WeCom refuses.
    pub async fn invite(&self, actor: &str, suite: Uuid, input: &NewInvitation) -> Result<InvitationView> {
        let credential = self.suite(suite).await?;
        let state = self.deps.entropy.hex_id();
        let begun = match input.way {
            Way::Browser => self.begin_in_browser(&credential, &state, input.test_install).await?,
            Way::Phone => self.begin_on_phone(&credential, &state).await?,
        };
        let change = self.begin(actor).await?;
        let qr_sealed = begun.qr.as_ref().map(|qr| self.deps.sealer.seal(QR, qr.as_bytes()));
        let new = Invitation {
            id: change.id(),
            suite,
            way: input.way,
            import: input.import,
            qr_sealed: qr_sealed.transpose()?,
            created_by: actor.to_owned(),
            created_at: change.millis(),
            expires_at: change.now().plus(begun.life).millis(),
            used_at: None,
            has_code: false,
            fulfilled_at: None,
            installation: None,
            refused: None,
        };
        invitations::insert(&change, &new, sha256_base64url(state.as_bytes())).await?;
        let shown =
            json!({ "suite_id": suite, "way": new.way, "import": new.import, "test_install": input.test_install });
        let subject = format!("installation_invitation:{}", new.id);
        let now = change.now();
        change
            .commit_difference(subject, ("created", &[]), Difference::created(&shown))
            .await?;
        Ok(InvitationView {
            install_url: begun.install_url,
            qr: begun.qr,
            problem: begun.problem,
            ..InvitationView::of(new, now)
        })
    }

    async fn begin_in_browser(&self, suite: &SuiteCredential, state: &str, test: bool) -> Result<Begun> {
        if suite.is_template() {
            return Err(InstallationFailure::NoBrowserWay.into());
        }
        let wecom = &self.deps.wecom;
        let begun = wecom.pre_auth_code(suite).await?;
        if test {
            wecom.set_session_info(suite, &begun.code, true).await?;
        }
        let back = format!("{}{RETURN}", self.deps.public_url);
        let url = login_url::install(wecom.endpoints(), &suite.suite_id, &begun.code, &back, state);
        Ok(Begun {
            install_url: Some(url),
            qr: None,
            // Whoever agrees at the last moment comes back with a code that is good for ten minutes.
            life: Duration::from_secs(begun.expires_in).min(LONGEST) + CODE_LIFE,
            problem: None,
        })
    }

    /// Where WeCom gives no code for this invitation (a suite that is not published has none) the company installs the app by a plain one: the
    /// scan that follows says which it is.
    async fn begin_on_phone(&self, suite: &SuiteCredential, state: &str) -> Result<Begun> {
        let (qr, problem) = match self.deps.wecom.install_qrcode(suite, state).await {
            Ok(qr) => (Some(qr), None),
            Err(error) if error.is_passing() => return Err(error.into()),
            Err(error) => {
                let refused = Failure::from(error);
                let detail = refused.detail.unwrap_or_default();
                (None, Some(Problem::of(refused.entry, detail).warning()))
            }
        };
        Ok(Begun {
            install_url: None,
            qr,
            life: PHONE_LIFE,
            problem,
        })
    }
}
