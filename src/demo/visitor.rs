//! Somebody of the made-up history, or the demo itself: a browser without script and a phone, at the doors that everybody uses.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use reqwest::{Method, Response, header};
use url::Url;

use crate::{crypto::digest::sha256_base64url, kernel::entropy::Entropy};

/// What the browser calls itself, so that each row of the history tells what it is.
const AGENT: &str = "Mozilla/5.0 (made-up history of the Menjin demo)";
/// The cookie of a session, where Menjin is reached by plain http.
pub const SESSION: &str = "menjin_session";
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

/// At whose doors, with whose randomness.
pub struct Door<'a> {
    /// Where everything is.
    pub places: &'a Places,
    /// Randomness.
    pub entropy: &'a Entropy,
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
    jar: Mutex<HashMap<String, String>>,
}

/// A page that was shown.
pub struct Page {
    /// Its address.
    pub address: String,
    /// Its text.
    pub text: String,
}

/// Where following redirects ended.
enum End {
    /// At the portal, with this address.
    Portal(String),
    /// On a page.
    Page(Page),
}

/// What stands in a page between two texts.
pub fn between<'t>(page: &'t str, before: &str, after: &str) -> Option<&'t str> {
    page.split_once(before)?.1.split(after).next()
}

impl<'a> Visitor<'a> {
    /// A fresh browser.
    pub fn new(http: &'a reqwest::Client) -> Self {
        Self {
            http,
            jar: Mutex::default(),
        }
    }

    /// A browser that holds this session.
    pub fn with_session(http: &'a reqwest::Client, session: &str) -> Self {
        let jar = HashMap::from([(SESSION.to_owned(), session.to_owned())]);
        Self {
            http,
            jar: Mutex::new(jar),
        }
    }

    /// The session that the browser holds.
    pub fn session(&self) -> Option<String> {
        self.jar
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(SESSION)
            .cloned()
    }

    /// Opens an address and follows where it leads.
    pub async fn open(&self, address: &str) -> Result<Page, String> {
        match self.follow(address.to_owned(), None).await? {
            End::Page(page) => Ok(page),
            End::Portal(address) => Err(format!("{address} is a portal's")),
        }
    }

    /// Sends a form and follows where it leads.
    pub async fn submit(&self, address: &str, form: &[(&str, &str)]) -> Result<Page, String> {
        let answer = self.send(Method::POST, address, form).await?;
        if let Some(next) = led_to(&answer, address)? {
            return self.open(&next).await;
        }
        let status = answer.status();
        let text = answer.text().await.map_err(|error| error.to_string())?;
        match status.is_success() {
            true => Ok(Page {
                address: address.to_owned(),
                text,
            }),
            false => Err(format!("{address} answered {status}")),
        }
    }

    /// Signs in at a portal, with a scan where Menjin asks for one, and lets the portal redeem the code. Whether somebody was let in.
    pub async fn enter(&self, door: &Door<'_>, portal: &Credentials, who: As) -> Result<bool, String> {
        let verifier = door.entropy.token();
        let End::Portal(address) = self.come(door, portal, (who, verifier.expose())).await? else {
            return Ok(false);
        };
        let address = Url::parse(&address).map_err(|error| error.to_string())?;
        let code = address.query_pairs().find(|(name, _)| name == "code");
        let Some((_, code)) = code else { return Ok(false) };
        self.redeem(door, portal, (&code, verifier.expose())).await?;
        Ok(true)
    }

    /// Is refused at a portal as somebody who was not imported, and asks for access.
    pub async fn ask(&self, door: &Door<'_>, portal: &Credentials, (who, why): (As, &str)) -> Result<(), String> {
        let verifier = door.entropy.token();
        let End::Page(refused) = self.come(door, portal, (who, verifier.expose())).await? else {
            return Err("whoever was to ask for access has it".to_owned());
        };
        let link = between(&refused.text, "href=\"/access-request/", "\"");
        let link = link.ok_or_else(|| format!("nothing can be asked for at {}", refused.address))?;
        let form = self
            .open(&format!("{}/access-request/{link}", door.places.menjin))
            .await?;
        let confirm = between(&form.text, "name=\"confirm\" value=\"", "\"").unwrap_or_default();
        self.submit(&form.address, &[("confirm", confirm), ("reason", why)])
            .await
            .map(drop)
    }

    /// Comes to a portal's door, and scans where Menjin asks for that.
    async fn come(&self, door: &Door<'_>, portal: &Credentials, (who, verifier): (As, &str)) -> Result<End, String> {
        let state = door.entropy.hex_id();
        let challenge = sha256_base64url(verifier.as_bytes());
        let address = Url::parse_with_params(
            &format!("{}/oauth2/authorize", door.places.menjin),
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
        match self.follow(address, Some(portal)).await? {
            End::Page(page) if page.address.contains("/signin/") => {
                let at = page.address.split('?').next().unwrap_or_default();
                let at = format!("{at}/go/{}", door.places.auth_source);
                self.scan(&at, door, (portal, who)).await
            }
            end => Ok(end),
        }
    }

    /// Opens WeCom's page, confirms on the phone, and follows the browser on.
    async fn scan(&self, at: &str, door: &Door<'_>, (portal, who): (&Credentials, As)) -> Result<End, String> {
        let page = self.open(at).await?;
        let ticket = between(&page.text, "/phone/", "\"");
        let ticket = ticket.ok_or_else(|| format!("no QR code at {}", page.address))?;
        let form = match who {
            As::Member(userid) => vec![("as", "member"), ("userid", userid)],
            As::Outsider => vec![("as", "outsider")],
        };
        let wecom = &door.places.wecom;
        let phone = self.http.post(format!("{wecom}/phone/{ticket}"));
        phone.form(&form).send().await.map_err(|error| error.to_string())?;
        let back = format!("{wecom}/wwlogin/sso/wait?ticket={ticket}");
        self.follow(back, Some(portal)).await
    }

    async fn redeem(
        &self,
        door: &Door<'_>,
        portal: &Credentials,
        (code, verifier): (&str, &str),
    ) -> Result<(), String> {
        let request = self.http.post(format!("{}/oauth2/token", door.places.menjin)).form(&[
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
    async fn follow(&self, mut address: String, portal: Option<&Credentials>) -> Result<End, String> {
        for _ in 0..MOST {
            if portal.is_some_and(|portal| address.starts_with(&portal.redirect_uri)) {
                return Ok(End::Portal(address));
            }
            let answer = self.send(Method::GET, &address, &[]).await?;
            match led_to(&answer, &address)? {
                Some(next) => address = next,
                None => {
                    let text = answer.text().await.map_err(|error| error.to_string())?;
                    return Ok(End::Page(Page { address, text }));
                }
            }
        }
        Err(format!("too many redirects, last {address}"))
    }

    async fn send(&self, method: Method, address: &str, form: &[(&str, &str)]) -> Result<Response, String> {
        let cookies = {
            let jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
            let pairs = jar.iter().map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join("; ")
        };
        let mut request = self.http.request(method, address);
        if !form.is_empty() {
            request = request.form(form);
        }
        let request = request
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

/// Where an answer leads on.
fn led_to(answer: &Response, address: &str) -> Result<Option<String>, String> {
    let location = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
    let Some(location) = location else { return Ok(None) };
    let here = Url::parse(address).map_err(|error| error.to_string())?;
    let next = here.join(location).map_err(|error| error.to_string())?;
    Ok(Some(next.to_string()))
}
