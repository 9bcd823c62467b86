//! Somebody of the made-up history: a browser without script and a phone, at the doors that everybody uses.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use reqwest::{Method, Response, header};
use url::Url;

use crate::{crypto::digest::sha256_base64url, kernel::entropy::Entropy};

/// What the browser calls itself, so that each row of the history tells what it is.
const AGENT: &str = "Mozilla/5.0 (made-up history of the Menjin demo)";
/// Most redirects that are followed.
const MOST: usize = 20;

/// Where everything is.
pub struct Places {
    /// `public_url` of Menjin.
    pub menjin: String,
    /// The simulated WeCom.
    pub wecom: String,
    /// The auth source that is chosen on the login page.
    pub auth_source: String,
}

/// The client of a portal, with whose credentials codes are redeemed.
#[derive(Clone)]
pub struct Credentials {
    /// Client id.
    pub client_id: String,
    /// Its secret.
    pub secret: String,
    /// Where codes go.
    pub redirect_uri: String,
}

/// As whom the phone acts.
#[derive(Clone, Copy)]
pub enum As {
    /// A member.
    Member(&'static str),
    /// Somebody of no company.
    Outsider,
}

/// A browser.
pub struct Visitor<'a> {
    http: &'a reqwest::Client,
    places: &'a Places,
    entropy: &'a Entropy,
    jar: Mutex<HashMap<String, String>>,
}

/// Where following redirects ended.
enum End {
    /// At the portal, with this address.
    Portal(String),
    /// On a page: its address and its text.
    Page(String, String),
}

impl<'a> Visitor<'a> {
    /// A fresh browser.
    pub fn new(http: &'a reqwest::Client, places: &'a Places, entropy: &'a Entropy) -> Self {
        Self {
            http,
            places,
            entropy,
            jar: Mutex::default(),
        }
    }

    /// Signs in at a portal, with a scan where Menjin asks for one, and lets the portal redeem the code. Whether somebody was let in.
    pub async fn enter(&self, portal: &Credentials, who: As) -> Result<bool, String> {
        let (verifier, state) = (self.entropy.token(), self.entropy.hex_id());
        let challenge = sha256_base64url(verifier.expose().as_bytes());
        let address = Url::parse_with_params(
            &format!("{}/oauth2/authorize", self.places.menjin),
            [
                ("client_id", portal.client_id.as_str()),
                ("redirect_uri", portal.redirect_uri.as_str()),
                ("response_type", "code"),
                ("scope", "openid profile"),
                ("state", state.as_str()),
                ("code_challenge", challenge.as_str()),
                ("code_challenge_method", "S256"),
            ],
        );
        let address = address.map_err(|error| error.to_string())?.to_string();
        let mut end = self.follow(address, portal).await?;
        if let End::Page(at, _) = &end
            && at.contains("/signin/")
        {
            let door = at.split('?').next().unwrap_or_default();
            let door = format!("{door}/go/{}", self.places.auth_source);
            end = self.scan(&door, portal, who).await?;
        }
        let End::Portal(address) = end else { return Ok(false) };
        let address = Url::parse(&address).map_err(|error| error.to_string())?;
        let code = address.query_pairs().find(|(name, _)| name == "code");
        let Some((_, code)) = code else { return Ok(false) };
        self.redeem(portal, &code, verifier.expose()).await?;
        Ok(true)
    }

    /// Opens WeCom's page, confirms on the phone, and follows the browser on.
    async fn scan(&self, door: &str, portal: &Credentials, who: As) -> Result<End, String> {
        let End::Page(at, page) = self.follow(door.to_owned(), portal).await? else {
            return Err("the login page did not lead to WeCom".to_owned());
        };
        let ticket = page.split("/phone/").nth(1).and_then(|rest| rest.split('"').next());
        let ticket = ticket.ok_or_else(|| format!("no QR code at {at}"))?;
        let form = match who {
            As::Member(userid) => vec![("as", "member"), ("userid", userid)],
            As::Outsider => vec![("as", "outsider")],
        };
        let phone = self.http.post(format!("{}/phone/{ticket}", self.places.wecom));
        phone.form(&form).send().await.map_err(|error| error.to_string())?;
        self.follow(
            format!("{}/wwlogin/sso/wait?ticket={ticket}", self.places.wecom),
            portal,
        )
        .await
    }

    async fn redeem(&self, portal: &Credentials, code: &str, verifier: &str) -> Result<(), String> {
        let request = self.http.post(format!("{}/oauth2/token", self.places.menjin)).form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", portal.redirect_uri.as_str()),
            ("code_verifier", verifier),
        ]);
        let request = request.basic_auth(&portal.client_id, Some(&portal.secret));
        let answer = request.send().await.map_err(|error| error.to_string())?;
        match answer.status().is_success() {
            true => Ok(()),
            false => Err(format!("the token endpoint answered {}", answer.status())),
        }
    }

    /// Follows redirects up to a page or the portal.
    async fn follow(&self, mut address: String, portal: &Credentials) -> Result<End, String> {
        for _ in 0..MOST {
            if address.starts_with(&portal.redirect_uri) {
                return Ok(End::Portal(address));
            }
            let answer = self.get(&address).await?;
            let here = Url::parse(&address).map_err(|error| error.to_string())?;
            let location = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let Some(location) = location else {
                let page = answer.text().await.map_err(|error| error.to_string())?;
                return Ok(End::Page(address, page));
            };
            address = here.join(location).map_err(|error| error.to_string())?.to_string();
        }
        Err(format!("too many redirects, last {address}"))
    }

    async fn get(&self, address: &str) -> Result<Response, String> {
        let cookies = {
            let jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
            let pairs = jar.iter().map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join("; ")
        };
        let request = self
            .http
            .request(Method::GET, address)
            .header(header::ACCEPT, "text/html")
            .header(header::USER_AGENT, AGENT)
            .header(header::COOKIE, cookies);
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let mut jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().ok().and_then(|cookie| cookie.split(';').next());
            if let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        drop(jar);
        Ok(answer)
    }
}
