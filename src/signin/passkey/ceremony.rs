//! The two ceremonies of WebAuthn: setting a passkey up (Web Authentication Level 3 §7.1) and signing in by it (§7.2). The only file that uses
//! the crate `webauthn-rs`, which makes the challenges, from the operating system's randomness, and checks the answers. It verifies with public keys and has no private one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::{
    kernel::{failure::Result, json, passkey_host::passkey_host},
    signin::failure::PasskeyFailure,
};

/// Menjin as browsers know it in a ceremony: the host of `public_url`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    webauthn: Arc<Webauthn>,
    host: Arc<str>,
}

/// For whom a passkey is set up.
pub(super) struct Owner<'a> {
    pub user: Uuid,
    pub username: &'a str,
    pub display_name: &'a str,
    /// What the installation calls itself.
    pub installation: &'a str,
    /// Credential ids they have already, which the browser does not offer again.
    pub known: Vec<Vec<u8>>,
}

/// A ceremony that was begun: what the browser is told, and what must be kept for its answer.
pub(super) struct Begun {
    /// `publicKey` of the options for `navigator.credentials`, binary values in base64url.
    pub options: Value,
    /// The challenge in it.
    pub challenge: String,
    pub state: State,
}

/// What must be kept, on this side only, until the answer comes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum State {
    SignIn(DiscoverableAuthentication),
    SetUp(PasskeyRegistration),
}

/// A new credential, checked.
pub(super) struct NewCredential {
    /// The host that it is bound to.
    pub party: String,
    /// Base64url.
    pub id: String,
    /// As it is kept.
    pub credential: Value,
    /// Signature counter as it was set up.
    pub counter: i64,
    pub backed_up: bool,
}

/// An answer to a sign-in, not checked yet.
pub(super) struct Assertion(PublicKeyCredential);

/// What an accepted answer says.
pub(super) struct Accepted {
    /// The credential as it is to be kept from now on.
    pub credential: Value,
    /// Signature counter; 0 where the authenticator has none.
    pub counter: i64,
    pub backed_up: bool,
}

/// Why an answer is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unaccepted {
    /// Its counter did not go up: there may be a copy of the key (§7.2, step 22).
    CounterWentBack,
    /// Anything else.
    Invalid,
}

impl RelyingParty {
    /// At this `public_url`; `None` where browsers have no passkeys: an address that is no domain name, or plain http, other than for `localhost`.
    pub fn at(public_url: &str) -> Option<Self> {
        let (host, url) = (passkey_host(public_url)?, Url::parse(public_url).ok()?);
        let built = WebauthnBuilder::new(&host, &url).and_then(WebauthnBuilder::build);
        built.ok().map(|webauthn| Self {
            webauthn: Arc::new(webauthn),
            host: host.as_str().into(),
        })
    }

    /// The host that passkeys are bound to (RP ID).
    pub fn id(&self) -> &str {
        &self.host
    }

    /// Begins setting up. The passkey must be one that a browser finds without a username, and that its owner unlocks.
    pub(super) fn begin_set_up(&self, owner: Owner<'_>) -> Result<Begun> {
        let begun =
            self.webauthn
                .start_passkey_registration(owner.user, owner.username, owner.display_name, Some(owner.known));
        let (options, state) = begun.map_err(failed)?;
        let mut begun = begun_with(&options, State::SetUp(state))?;
        if let Some(options) = begun.options.as_object_mut() {
            options.insert(
                "authenticatorSelection".to_owned(),
                json!({ "residentKey": "required", "requireResidentKey": true, "userVerification": "required" }),
            );
            if let Some(party) = options.get_mut("rp").and_then(Value::as_object_mut) {
                party.insert("name".to_owned(), owner.installation.into());
            }
        }
        Ok(begun)
    }

    /// Begins a sign-in, of whomever the answer will name.
    pub(super) fn begin_sign_in(&self) -> Result<Begun> {
        let (options, state) = self.webauthn.start_discoverable_authentication().map_err(failed)?;
        begun_with(&options, State::SignIn(state))
    }

    /// Checks the answer to [`RelyingParty::begin_set_up`].
    ///
    /// # Errors
    /// `SI-223`, and `SI-228` where the browser says that the passkey cannot be found without a username.
    pub(super) fn finish_set_up(&self, answer: &Attestation, state: &PasskeyRegistration) -> Result<NewCredential> {
        let unfit = |error: WebauthnError| PasskeyFailure::Unfit.failure().cause(error);
        let passkey = self
            .webauthn
            .finish_passkey_registration(&answer.0, state)
            .map_err(unfit)?;
        let found = answer
            .0
            .extensions
            .cred_props
            .as_ref()
            .and_then(|properties| properties.rk);
        if found == Some(false) {
            return Err(PasskeyFailure::NeedsUsername.into());
        }
        let credential = kept(&passkey)?;
        Ok(NewCredential {
            party: self.id().to_owned(),
            id: base64url(passkey.cred_id()),
            counter: credential.pointer("/cred/counter").and_then(Value::as_i64).unwrap_or(0),
            backed_up: credential.pointer("/cred/backup_state") == Some(&Value::Bool(true)),
            credential,
        })
    }

    /// Checks the answer to [`RelyingParty::begin_sign_in`] against the credential that it names.
    pub(super) fn finish_sign_in(
        &self,
        answer: &Assertion,
        state: DiscoverableAuthentication,
        credential: Value,
    ) -> Result<Accepted, Unaccepted> {
        let mut passkey: Passkey = serde_json::from_value(credential).map_err(|_| Unaccepted::Invalid)?;
        let checked = self
            .webauthn
            .finish_discoverable_authentication_v2(&answer.0, state, &passkey);
        let result: AuthenticationResult = checked.map_err(|error| match error {
            WebauthnError::CredentialPossibleCompromise => Unaccepted::CounterWentBack,
            _ => Unaccepted::Invalid,
        })?;
        // Asked for, and checked by the crate; nobody comes in by an unlocked device that lay about.
        if !result.user_verified() {
            return Err(Unaccepted::Invalid);
        }
        passkey.update_credential(&result);
        Ok(Accepted {
            credential: kept(&passkey).map_err(|_| Unaccepted::Invalid)?,
            counter: result.counter().into(),
            backed_up: result.backup_state(),
        })
    }
}

/// An answer to a set-up, not checked yet.
pub(super) struct Attestation(RegisterPublicKeyCredential);

impl Attestation {
    /// From the JSON that our script sends; `None`: it is none.
    pub fn read(text: &str) -> Option<Self> {
        json::read(text.as_bytes()).ok().map(Self)
    }

    /// The challenge that it says it answers.
    pub fn challenge(&self) -> Option<String> {
        challenge_of(&self.0.response.client_data_json)
    }
}

impl Assertion {
    /// From the JSON that our script sends; `None`: it is none.
    pub fn read(text: &str) -> Option<Self> {
        json::read(text.as_bytes()).ok().map(Self)
    }

    /// The challenge that it says it answers.
    pub fn challenge(&self) -> Option<String> {
        challenge_of(&self.0.response.client_data_json)
    }

    /// The credential that it says it is of, base64url.
    pub fn credential_id(&self) -> String {
        base64url(self.0.get_credential_id())
    }

    /// Whose it says the credential is.
    pub fn user(&self) -> Option<Uuid> {
        self.0.get_user_unique_id().and_then(|id| Uuid::from_slice(id).ok())
    }
}

/// The challenge in the browser's own words; `None` also where the page was in a frame of another site (`crossOrigin`).
fn challenge_of(client_data: &[u8]) -> Option<String> {
    let said = json::object(client_data).ok()?;
    if said.get("crossOrigin") == Some(&Value::Bool(true)) {
        return None;
    }
    said.get("challenge")?.as_str().map(str::to_owned)
}

fn begun_with(options: &impl Serialize, state: State) -> Result<Begun> {
    let options = serde_json::to_value(options).map_err(failed)?;
    let options = options.get("publicKey").cloned().unwrap_or_default();
    let challenge = options.get("challenge").and_then(Value::as_str).unwrap_or_default();
    Ok(Begun {
        challenge: challenge.to_owned(),
        options,
        state,
    })
}

fn kept(passkey: &Passkey) -> Result<Value> {
    serde_json::to_value(passkey).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> crate::kernel::failure::Failure {
    PasskeyFailure::Unfit.failure().cause(error)
}

/// Bytes as WebAuthn writes them.
fn base64url(bytes: &[u8]) -> String {
    data_encoding::BASE64URL_NOPAD.encode(bytes)
}

/// The bytes of a credential id as it is kept.
pub(super) fn id_bytes(id: &str) -> Option<Vec<u8>> {
    data_encoding::BASE64URL_NOPAD.decode(id.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_where_browsers_have_them() {
        for at in [
            "https://sso.example.com",
            "https://sso.example.com:8443",
            "http://localhost:8080",
            "https://localhost",
        ] {
            assert!(RelyingParty::at(at).is_some(), "{at}");
        }
        for at in [
            "http://sso.example.com",
            "https://192.0.2.7",
            "http://127.0.0.1:8080",
            "https://[::1]",
            "http://sub.localhost:1",
            "",
        ] {
            assert!(RelyingParty::at(at).is_none(), "{at}");
        }
    }

    #[test]
    fn what_is_asked_of_a_browser_needs_no_username_and_an_unlocked_key() {
        let party = RelyingParty::at("https://sso.example.com").unwrap();
        let begun = party.begin_sign_in().unwrap();
        assert_eq!(begun.options["userVerification"], "required");
        assert_eq!(begun.options["rpId"], "sso.example.com");
        assert_eq!(begun.options["allowCredentials"], json!([]));
        assert!(begun.challenge.len() >= 43, "{}", begun.challenge);
        let owner = Owner {
            user: Uuid::nil(),
            username: "anna",
            display_name: "Anna",
            installation: "青云",
            known: vec![vec![1, 2, 3]],
        };
        let begun = party.begin_set_up(owner).unwrap();
        assert_eq!(begun.options["rp"], json!({ "id": "sso.example.com", "name": "青云" }));
        assert_eq!(begun.options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(begun.options["attestation"], "none");
        assert_eq!(begun.options["excludeCredentials"][0]["id"], "AQID");
    }

    #[test]
    fn a_frame_of_another_site_answers_nothing() {
        assert_eq!(
            challenge_of(br#"{"challenge":"c","crossOrigin":false}"#).as_deref(),
            Some("c")
        );
        for said in [
            &br#"{"challenge":"c","crossOrigin":true}"#[..],
            b"{}",
            b"[]",
            b"",
            br#"{"challenge":1}"#,
        ] {
            assert_eq!(challenge_of(said), None);
        }
    }
}
