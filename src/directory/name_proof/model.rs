//! Values of showing names. Pure.

use std::time::Duration;

use uuid::Uuid;

use crate::wecom::login_url::Lang;

/// How long WeCom may take to come back with a scan.
pub const SCAN_LIFE: Duration = Duration::from_secs(10 * 60);
/// Longest address of a page to return to, bytes.
const LONGEST_RETURN: usize = 2000;
/// Longest address of a page that is signed, bytes.
const LONGEST_PAGE: usize = 8000;
/// Pages of the console, below `public_url`.
const CONSOLE: &str = "/console";

/// Who looks: the session of their browser, and its person as the audit log names them.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// Row id of the session.
    pub session: Uuid,
    /// `user:<id>`.
    pub actor: &'a str,
}

/// A company that is connected by a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Row id of its data source.
    pub source: Uuid,
    /// What that is called.
    pub name: String,
    /// Corp ID as the suite knows it.
    pub corp_id: String,
    /// What names it in this mode ([`entity::data_source::corp_key`]).
    pub corp_key: String,
}

/// A member of such a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Row id of the data source.
    pub source: Uuid,
    /// As WeCom writes it.
    pub userid: String,
}

/// A department of such a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Row id of the data source.
    pub source: Uuid,
    /// WeCom's id.
    pub wecom_id: String,
}

/// What a scan is begun with.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    /// The browser is WeCom's own: nothing is scanned there, it knows who holds it.
    pub in_client: bool,
    /// Language of WeCom's page.
    pub lang: Lang,
    /// The page of the console to come back to.
    pub return_to: &'a str,
}

/// A scan that was begun, or is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Row id of the data source.
    pub source: Uuid,
    /// Its `corp_key` at that time.
    pub corp_key: String,
    /// The page of the console to come back to.
    pub return_to: String,
}

/// What `wx.config` or `wx.agentConfig` takes to show names on a page (reference 11).
#[derive(Clone, Debug)]
pub struct SignedPage {
    /// Corp ID as the suite knows it.
    pub corp_id: String,
    /// AgentId of the app in the company.
    pub agent_id: i64,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// Random.
    pub nonce: String,
    /// The signature.
    pub signature: String,
    /// Tells by which ticket it was made, without telling the ticket.
    pub ticket: String,
}

/// A page of the console to return to: a path of ours that leads nowhere else.
pub fn is_console_path(path: &str) -> bool {
    let here = path.strip_prefix(CONSOLE).is_some_and(is_below);
    here && path.len() <= LONGEST_RETURN && !path.contains(|c: char| c.is_control() || c == '\\')
}

/// What follows the address of the console stays below it: a browser goes up by `..` also where its dots are escaped.
fn is_below(rest: &str) -> bool {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let plain = |segment: &str| !matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    (rest.is_empty() || rest.starts_with(['/', '?'])) && path.split('/').all(plain)
}

/// A page as a browser sees it, which is one of the console's.
pub fn is_console_page(public_url: &str, page: &str) -> bool {
    let path = page
        .strip_prefix(public_url)
        .and_then(|path| path.strip_prefix(CONSOLE));
    let here = path.is_some_and(is_below);
    here && page.len() <= LONGEST_PAGE && !page.contains(|c: char| c.is_control() || c.is_whitespace() || c == '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://sso.example";

    #[test]
    fn only_pages_of_the_console_are_returned_to_and_signed() {
        for path in [
            "/console",
            "/console/people?q=a&page=2",
            "/console?setup=later",
            "/console/people/a..b?q=/../",
        ] {
            assert!(is_console_path(path), "{path}");
            assert!(is_console_page(PUBLIC, &format!("{PUBLIC}{path}")), "{path}");
        }
        for path in [
            "",
            "/consolex",
            "/account",
            "//evil.example/console",
            "/console\\@evil.example",
            "/console/\r\nset-cookie: x",
            "/console/../account",
            "/console/people/./x",
            "/console/people/..",
            "/console/.",
            "/console/%2e%2E/account",
            "/console/.%2e/account",
            "/console/people/%2e?x",
        ] {
            assert!(!is_console_path(path), "{path}");
            assert!(!is_console_page(PUBLIC, &format!("{PUBLIC}{path}")), "{path}");
        }
        for page in [
            "https://sso.example.evil.example/console",
            "https://other.example/console",
            "https://sso.example/console#x",
            "https://sso.example/console?a b",
        ] {
            assert!(!is_console_page(PUBLIC, page), "{page}");
        }
        let long = "x".repeat(LONGEST_PAGE);
        assert!(!is_console_path(&format!("/console?q={long}")));
        assert!(!is_console_page(PUBLIC, &format!("{PUBLIC}/console?q={long}")));
    }
}
