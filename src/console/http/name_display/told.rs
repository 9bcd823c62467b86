//! What a page that names members of companies whose names WeCom withholds tells under its title: whose names are shown here, and how to see those of others.

use actix_web::{HttpRequest, http::Method};
use askama::Template;
use url::form_urlencoded;
use uuid::Uuid;

use crate::{
    console::http::visit::with_query,
    directory::name_proof::Company,
    web::{
        page,
        texts::{Lang, text, text_with},
    },
};

/// Links to scans on one page, and to the names of other companies.
const MOST_LINKS: usize = 5;
/// Parameter of any page: the data source whose names are shown, of several.
const CHOICE: &str = "names";

#[derive(Template)]
#[template(path = "console/names/told.html")]
struct Told<'a> {
    lang: Lang,
    /// The company whose names are shown.
    shown: Option<&'a Company>,
    /// The page of that, from here.
    about: String,
    /// Companies that may be shown, but not beside another, each with the address of this page with their names instead.
    others: Vec<(&'a Company, String)>,
    /// Companies that may not, each with the address at which that is changed.
    hidden: Vec<(&'a Company, String)>,
    /// How many companies more there are of either kind.
    more: usize,
    script: &'a str,
}

impl Told<'_> {
    fn t(&self, key: &str) -> String {
        text(self.lang, key)
    }

    fn with(&self, key: &str, company: &Company) -> String {
        text_with(self.lang, key, &[("company", &company.name)])
    }

    fn more(&self) -> String {
        text_with(self.lang, "console-names-more", &[("number", &self.more.to_string())])
    }
}

/// That for the company whose names are shown, others whose names may be, and those whose names may not.
pub(super) fn told(
    request: &HttpRequest,
    (shown, others, hidden): (Option<&Company>, Vec<&Company>, Vec<&Company>),
    script: &str,
) -> String {
    if shown.is_none() && others.is_empty() && hidden.is_empty() {
        return String::new();
    }
    let back = here(request);
    let about = |company: &Company| {
        let page = format!("/console/names/{}", company.source);
        with_query(&page, [("back", back.as_str())])
    };
    let more = |all: &[&Company]| all.len().saturating_sub(MOST_LINKS);
    let told = Told {
        lang: page::language(request),
        shown,
        about: shown.map(about).unwrap_or_default(),
        more: more(&others).saturating_add(more(&hidden)),
        others: linked(others, |company| choosing(&back, company)),
        hidden: linked(hidden, about),
        script,
    };
    told.render().unwrap_or_default()
}

/// The first of these companies, each with an address.
fn linked(companies: Vec<&Company>, address: impl Fn(&Company) -> String) -> Vec<(&Company, String)> {
    let first = companies.into_iter().take(MOST_LINKS);
    first.map(|company| (company, address(company))).collect()
}

/// This page with the names of another company.
fn choosing(here: &str, company: &Company) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let kept = pairs.iter().filter(|(name, _)| name != CHOICE);
    let kept = kept.map(|(name, value)| (name.as_ref(), value.as_ref()));
    with_query(path, kept.chain([(CHOICE, company.source.to_string().as_str())]))
}

/// The company that somebody chose so.
pub(super) fn chosen(request: &HttpRequest) -> Option<Uuid> {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(name, _)| name == CHOICE)?.1.parse().ok()
}

/// The page that was asked for; of an answer to a form its address.
fn here(request: &HttpRequest) -> String {
    let asked = request.uri().path_and_query().map(|target| target.as_str());
    let asked = asked.filter(|_| request.method() == Method::GET);
    asked.unwrap_or_else(|| request.path()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_with_the_names_of_another_company_keeps_what_it_asks_for() {
        let company = Company {
            source: Uuid::from_u128(7),
            name: "B".to_owned(),
            corp_id: "wp".to_owned(),
            corp_key: "wp/suite".to_owned(),
        };
        let id = company.source;
        for (here, kept) in [
            ("/console/people".to_owned(), String::new()),
            (
                format!("/console/people?q=a+b&names={}", Uuid::nil()),
                "q=a+b&".to_owned(),
            ),
        ] {
            assert_eq!(choosing(&here, &company), format!("/console/people?{kept}names={id}"));
        }
    }

    #[test]
    fn of_many_companies_some_are_linked_and_the_rest_is_counted() {
        let request = actix_web::test::TestRequest::with_uri("/console/people").to_http_request();
        let company = |number: u128| Company {
            source: Uuid::from_u128(number),
            name: format!("C{number}"),
            corp_id: String::new(),
            corp_key: String::new(),
        };
        let all: Vec<Company> = (0..8).map(company).collect();
        let text = told(&request, (None, Vec::new(), all.iter().collect()), "");
        assert_eq!(text.matches("<a href=").count(), MOST_LINKS, "{text}");
        assert_eq!(text.matches("<p").count(), MOST_LINKS + 1, "{text}");
        assert!(!text.contains("C5"), "{text}");
        let all_linked = told(&request, (None, Vec::new(), all.iter().take(MOST_LINKS).collect()), "");
        assert_eq!(all_linked.matches("<p").count(), MOST_LINKS, "{all_linked}");
        assert_eq!(told(&request, (None, Vec::new(), Vec::new()), ""), "");
    }
}
