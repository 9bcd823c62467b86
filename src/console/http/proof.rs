//! Acts that are hard to take back, or that give power away: for them the person must have proved who they are within the last quarter of an
//! hour. Which these are says the table of acts; asked before any handler runs, so that a page cannot forget it.

use std::time::Duration;

use actix_web::{dev::ServiceRequest, http::Method};

use super::{
    acts::{Proof, of_route},
    address::{filled, parts},
};
use crate::console::operator::Operator;

/// How long a proof counts.
const RECENT: Duration = Duration::from_secs(15 * 60);
/// How old it may be where a form is shown, so that there is time to fill it in.
const AT_THE_FORM: Duration = Duration::from_secs(10 * 60);

/// The page to come back to after a new proof, where this request needs one that this person has not given lately; `None`: it goes on. What is sent
/// to an address that no table names needs one.
pub(super) fn missing(request: &ServiceRequest, operator: &Operator) -> Option<String> {
    let sends = request.method() == Method::POST;
    if operator.now.since(operator.proved) < if sends { RECENT } else { AT_THE_FORM } {
        return None;
    }
    let pattern = request.match_pattern()?;
    let Some(act) = of_route(pattern.strip_prefix("/console")?) else {
        return sends.then(|| "/console".to_owned());
    };
    let asked = match act.proof {
        Proof::Never => false,
        Proof::Sent => sends,
        // Who only reads the page is asked for nothing.
        Proof::Shown => sends || act.is_at_its_own_page() && operator.role.covers(act.role),
    };
    let page = || match sends {
        true => filled(&format!("/console{}", act.page), parts(&pattern, request.path())),
        false => request
            .uri()
            .path_and_query()
            .map_or_else(String::new, |target| target.as_str().to_owned()),
    };
    asked.then(page)
}
