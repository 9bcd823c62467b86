//! What the pages about WeCom share.

use serde::Deserialize;

use super::super::{
    frame::{Frame, Section},
    moment::Moment,
    refused::Refused,
    visit::Visit,
};
use crate::web::failure::WebFailure;

/// A row id that may stand in a path of the API.
///
/// # Errors
/// What is not there.
pub(super) fn plain<'a>(visit: &Visit, id: &'a str) -> Result<&'a str, Refused> {
    let fits = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    match (1..=36).contains(&id.len()) && id.bytes().all(fits) {
        true => Ok(id),
        false => Err(visit.failed(&WebFailure::NotFound.failure())),
    }
}

/// The layout of a page of this section under the name of what it shows.
pub(super) fn framed(visit: &Visit, title: &str) -> Frame {
    visit.frame("console-wecom", Some(Section::WeCom)).titled(title)
}

/// The text of `?done=WORD`, where there is one.
pub(super) fn done(visit: &Visit, frame: &Frame) -> Option<String> {
    let key = format!("console-wecom-done-{}", visit.param("done")?);
    let text = frame.t(&key);
    (text != key).then_some(text)
}

/// Something wrong with a set-up.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Trouble {
    pub(super) number: String,
    pub(super) severity: String,
    pub(super) title: String,
    pub(super) title_zh: String,
    pub(super) detail: String,
    pub(super) remedy: String,
    #[serde(default, rename = "where")]
    pub(super) place: Option<String>,
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

/// An auth source.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct AuthSource {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) corp_id: String,
    pub(super) agent_id: Option<i64>,
    pub(super) enabled: bool,
    pub(super) data_source: Option<Brief>,
    pub(super) data_source_id: Option<String>,
    pub(super) problems: Vec<Trouble>,
}

/// A data source in short.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Brief {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) corp_id: String,
}

/// What the last probe of some credentials saw.
#[derive(Deserialize)]
pub(super) struct Probe {
    pub(super) credentials: Vec<Credential>,
}

#[derive(Deserialize)]
pub(super) struct Credential {
    pub(super) credential: String,
    #[serde(default)]
    pub(super) agent_id: Option<i64>,
    pub(super) capabilities: Vec<Capability>,
    pub(super) probed_at: Option<i64>,
    pub(super) next_at: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Capability {
    pub(super) capability: String,
    pub(super) outcome: String,
    pub(super) detail: String,
    pub(super) errcode: Option<i64>,
    pub(super) number: Option<String>,
    pub(super) observed_ip: Option<String>,
}

/// A credential with its moments.
pub(super) struct Probed {
    pub(super) credential: Credential,
    pub(super) at: Option<Moment>,
    pub(super) next: Option<Moment>,
}

pub(super) fn probed(visit: &Visit, probe: Probe) -> Vec<Probed> {
    let one = |credential: Credential| Probed {
        at: credential.probed_at.map(|at| visit.moment(at)),
        next: credential.next_at.map(|at| visit.moment(at)),
        credential,
    };
    probe.credentials.into_iter().map(one).collect()
}
