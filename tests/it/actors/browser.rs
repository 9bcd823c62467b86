//! A browser without script: cookies, redirects, links and forms.

use std::{collections::HashMap, sync::Mutex};

use reqwest::{Method, Url};
use simulator::sample;

/// Fields of a form, as they are sent.
type Fields<'a> = &'a [(&'a str, &'a str)];

/// What an ordinary browser says of itself.
const ORDINARY: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
/// What the WeCom client on Windows says (reference 2.5).
const WECOM: &str =
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 wxwork/4.1.3 (MicroMessenger/6.2) WindowsWechat";

/// What WeChat says, in which the WeCom plugin lives (reference 2.5).
const WECHAT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0.40 NetType/WIFI";

/// A browser.
pub struct Browser {
    http: reqwest::Client,
    /// Cookies by (host, name); like real ones they do not look at ports.
    jar: Mutex<HashMap<(String, String), String>>,
    agent: &'static str,
    language: &'static str,
    address: Option<String>,
}

/// Where a request ended.
#[derive(Clone, Debug)]
pub struct Page {
    /// Address of this reply.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// Where it redirects to, absolute.
    pub location: Option<String>,
    /// Body.
    pub body: String,
}

impl Browser {
    /// An ordinary browser, English.
    pub fn new(http: &reqwest::Client) -> Self {
        Self {
            http: http.clone(),
            jar: Mutex::default(),
            agent: ORDINARY,
            language: "en",
            address: None,
        }
    }

    /// The browser inside the WeCom client.
    pub fn in_wecom(mut self) -> Self {
        self.agent = WECOM;
        self
    }

    /// The same, in the hands of this member of the first sample corp.
    pub fn in_wecom_of(self, userid: &str) -> Self {
        let inside = self.in_wecom();
        inside.plant("127.0.0.1", "sim_client", &format!("{}/{userid}", sample::CORP));
        inside
    }

    /// The same, in the hands of a member of this corp.
    pub fn in_wecom_at(self, corp: &str, userid: &str) -> Self {
        let inside = self.in_wecom();
        inside.plant("127.0.0.1", "sim_client", &format!("{corp}/{userid}"));
        inside
    }

    /// WeChat with the WeCom plugin, in the hands of this member of the first sample corp.
    pub fn in_wechat_of(self, userid: &str) -> Self {
        let mut inside = self.in_wecom_of(userid);
        inside.agent = WECHAT;
        inside
    }

    /// A browser of this `User-Agent`.
    pub fn with_agent(mut self, agent: &'static str) -> Self {
        self.agent = agent;
        self
    }

    /// A browser behind a proxy that says it comes from this address.
    pub fn at_address(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// A browser that prefers Chinese.
    pub fn in_chinese(mut self) -> Self {
        self.language = "zh-CN,zh;q=0.9";
        self
    }

    /// Plants a cookie.
    pub fn plant(&self, host: &str, name: &str, value: &str) {
        self.jar
            .lock()
            .unwrap()
            .insert((host.to_owned(), name.to_owned()), value.to_owned());
    }

    /// The value of a cookie, whatever the host.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar
            .lock()
            .unwrap()
            .iter()
            .find(|((_, known), _)| known == name)
            .map(|(_, value)| value.clone())
    }

    /// All cookies, name and value.
    pub fn all_cookies(&self) -> Vec<(String, String)> {
        let jar = self.jar.lock().unwrap();
        jar.iter()
            .map(|((_, name), value)| (name.clone(), value.clone()))
            .collect()
    }

    /// One GET, redirects not followed.
    pub async fn get(&self, url: &str) -> Page {
        self.request(Method::GET, url, None).await
    }

    /// One form POST, redirects not followed.
    pub async fn post(&self, url: &str, form: &[(&str, &str)]) -> Page {
        self.request(Method::POST, url, Some(form)).await
    }

    /// One form POST from this page, of which the browser says that it is the same server's; redirects not followed.
    pub async fn post_from(&self, page: &str, url: &str, form: &[(&str, &str)]) -> Page {
        self.send(Method::POST, url, (Some(form), Some(page))).await
    }

    /// Opens an address and follows redirects until a page, or until leaving for `portal.example`.
    pub async fn open(&self, url: &str) -> Page {
        self.follow(self.get(url).await).await
    }

    /// Sends a form and follows redirects likewise.
    pub async fn submit(&self, url: &str, form: &[(&str, &str)]) -> Page {
        self.follow(self.post(url, form).await).await
    }

    /// Follows the redirects of a page.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..20 {
            // A notice about the account is read and passed.
            let noticed = page.url.contains("/signin/notice/") && page.status == 200;
            let onward = || page.find_link("/oauth2/").unwrap_or_else(|| page.link("/device"));
            let next = page.location.clone().or_else(|| noticed.then(onward));
            let Some(next) = next else { return page };
            if next.contains("portal.example") {
                return page;
            }
            page = self.get(&next).await;
        }
        panic!("too many redirects, last {}", page.url);
    }

    async fn request(&self, method: Method, url: &str, form: Option<&[(&str, &str)]>) -> Page {
        self.send(method, url, (form, None)).await
    }

    async fn send(&self, method: Method, url: &str, (form, from): (Option<Fields<'_>>, Option<&str>)) -> Page {
        let address = Url::parse(url).unwrap();
        let host = address.host_str().unwrap().to_owned();
        let mut request = self
            .http
            .request(method, url.split('#').next().unwrap())
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("user-agent", self.agent)
            .header("accept-language", self.language);
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        let cookies = self.cookies(&host);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        if let Some(form) = form {
            request = request.form(form);
        }
        if let Some(from) = from {
            request = request.header("sec-fetch-site", "same-origin").header("referer", from);
        }
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            self.store(&host, cookie.to_str().unwrap());
        }
        let location = answer
            .headers()
            .get("location")
            .map(|to| address.join(to.to_str().unwrap()).unwrap().to_string());
        Page {
            url: url.to_owned(),
            status: answer.status().as_u16(),
            location,
            body: answer.text().await.unwrap(),
        }
    }

    fn cookies(&self, host: &str) -> String {
        let jar = self.jar.lock().unwrap();
        let mine = jar.iter().filter(|((known, _), _)| known == host);
        mine.map(|((_, name), value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn store(&self, host: &str, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let key = (host.to_owned(), name.to_owned());
        let mut jar = self.jar.lock().unwrap();
        if attributes.contains("Max-Age=0") {
            jar.remove(&key);
        } else {
            jar.insert(key, value.to_owned());
        }
    }
}

impl Page {
    /// The address of the first link or form whose address contains `part`.
    pub fn link(&self, part: &str) -> String {
        self.find_link(part)
            .unwrap_or_else(|| panic!("no link with {part} in {}: {}", self.url, self.body))
    }

    /// Where the form is sent whose address has this part.
    pub fn action(&self, part: &str) -> String {
        let to = self.address_in(&["action=\""], part);
        to.unwrap_or_else(|| panic!("no form to {part} in {}: {}", self.url, self.body))
    }

    /// As [`Page::link`], where there may be none.
    pub fn find_link(&self, part: &str) -> Option<String> {
        self.address_in(&["href=\"", "action=\"", "url="], part)
    }

    fn address_in(&self, attributes: &[&str], part: &str) -> Option<String> {
        let to = attributes.iter().find_map(|attribute| {
            self.body
                .split(attribute)
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
                .find(|to| to.contains(part))
        })?;
        let address = Url::parse(&self.url)
            .unwrap()
            .join(&to.replace("&amp;", "&").replace("&#38;", "&"))
            .unwrap();
        Some(address.to_string())
    }

    /// The value of a form field.
    pub fn field(&self, name: &str) -> String {
        let field = format!("name=\"{name}\"");
        let found = self.body.split(&field).skip(1).find_map(|behind| {
            let rest = behind.split('>').next().unwrap();
            rest.split_once(" value=\"")
        });
        let (_, value) = found.unwrap_or_else(|| panic!("no field {name} in {}: {}", self.url, self.body));
        let value = value.split('"').next().unwrap();
        // As a browser reads it.
        value
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
    }

    /// A query parameter of the place this page redirects to.
    pub fn returned(&self, name: &str) -> Option<String> {
        let to = Url::parse(self.location.as_deref()?).unwrap();
        to.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The reference code of a refusal page.
    pub fn reference(&self) -> String {
        let code = self.body.rsplit("<code>").next().unwrap();
        code.split("</code>").next().unwrap().to_owned()
    }
}
