//! What the pages about WeCom share.

use serde::Deserialize;

use super::super::{
    field::{Choice, Field},
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    refused::{FieldFault, Refused},
    visit::Visit,
};
use crate::web::failure::WebFailure;

/// A row id that may stand in a path of the API.
///
/// # Errors
/// What is not there.
pub(in crate::console::http) fn plain<'a>(visit: &Visit, id: &'a str) -> Result<&'a str, Refused> {
    let fits = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    match (1..=36).contains(&id.len()) && id.bytes().all(fits) {
        true => Ok(id),
        false => Err(visit.failed(&WebFailure::NotFound.failure())),
    }
}

/// The layout of a page of this section under the name of what it shows.
pub(in crate::console::http) fn framed(visit: &Visit, title: &str) -> Frame {
    visit.frame("console-wecom", Some(Section::WeCom)).titled(title)
}

/// The text of `?done=WORD`, where there is one.
pub(in crate::console::http) fn done(visit: &Visit, frame: &Frame) -> Option<String> {
    let key = format!("console-wecom-done-{}", visit.param("done")?);
    let text = frame.t(&key);
    (text != key).then_some(text)
}

/// Something wrong with a set-up.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::console::http) struct Trouble {
    pub(in crate::console::http) number: String,
    pub(in crate::console::http) severity: String,
    /// `contacts` or `app`, where it is about what a credential may do.
    #[serde(default)]
    pub(in crate::console::http) credential: Option<String>,
    pub(in crate::console::http) title: String,
    pub(in crate::console::http) title_zh: String,
    pub(in crate::console::http) detail: String,
    pub(in crate::console::http) remedy: String,
    pub(in crate::console::http) remedy_zh: String,
    #[serde(default, rename = "where")]
    pub(in crate::console::http) place: Option<String>,
}

impl Trouble {
    /// The same as what is wrong with the field of this name.
    pub(in crate::console::http) fn at(&self, field: &str) -> FieldFault {
        FieldFault {
            number: self.number.clone(),
            pointer: Some(format!("#/{}", field.replace('.', "/"))),
            parameter: None,
            title: self.title.clone(),
            title_zh: self.title_zh.clone(),
            detail: self.detail.clone(),
            remedy: self.remedy.clone(),
            remedy_zh: self.remedy_zh.clone(),
            place: self.place.clone(),
        }
    }
}

/// Lets the data source be chosen from those there are; `none`: key of the text for none.
pub(in crate::console::http) async fn choose_source(
    visit: &Visit,
    frame: &Frame,
    fields: &mut [Field],
    none: Option<&str>,
) -> Result<(), Refused> {
    let sources: Listing<Brief> = visit.get("data-sources?limit=200").await?;
    let entries = sources
        .items
        .into_iter()
        .map(|source| (source.id, format!("{} · {}", source.name, source.corp_id)));
    let none = none.map(|key| (String::new(), frame.t(key)));
    choose(fields, "data_source_id", none.into_iter().chain(entries));
    Ok(())
}

/// Makes a field a choice of these, each with what is sent and what is read.
pub(in crate::console::http) fn choose(
    fields: &mut [Field],
    name: &str,
    entries: impl Iterator<Item = (String, String)>,
) {
    let Some(field) = fields.iter_mut().find(|field| field.name == name) else {
        return;
    };
    field.kind = "choice";
    field.choices = entries
        .map(|(value, label)| Choice {
            chosen: field.value == value,
            label,
            value,
        })
        .collect();
}

/// An auth source.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::console::http) struct AuthSource {
    pub(in crate::console::http) id: String,
    pub(in crate::console::http) name: String,
    pub(in crate::console::http) corp_id: String,
    pub(in crate::console::http) agent_id: Option<i64>,
    pub(in crate::console::http) enabled: bool,
    pub(in crate::console::http) data_source: Option<Brief>,
    pub(in crate::console::http) data_source_id: Option<String>,
    pub(in crate::console::http) problems: Vec<Trouble>,
}

/// A data source in short.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::console::http) struct Brief {
    pub(in crate::console::http) id: String,
    pub(in crate::console::http) name: String,
    pub(in crate::console::http) corp_id: String,
}

/// What the last probe of some credentials saw.
#[derive(Deserialize)]
pub(in crate::console::http) struct Probe {
    pub(in crate::console::http) credentials: Vec<Credential>,
}

#[derive(Deserialize)]
pub(in crate::console::http) struct Credential {
    pub(in crate::console::http) credential: String,
    #[serde(default)]
    pub(in crate::console::http) agent_id: Option<i64>,
    pub(in crate::console::http) capabilities: Vec<Capability>,
    pub(in crate::console::http) probed_at: Option<i64>,
    pub(in crate::console::http) next_at: Option<i64>,
}

#[derive(Deserialize)]
pub(in crate::console::http) struct Capability {
    pub(in crate::console::http) capability: String,
    pub(in crate::console::http) outcome: String,
    pub(in crate::console::http) detail: String,
    pub(in crate::console::http) errcode: Option<i64>,
    pub(in crate::console::http) number: Option<String>,
    pub(in crate::console::http) observed_ip: Option<String>,
}

/// A credential with its moments.
pub(in crate::console::http) struct Probed {
    pub(in crate::console::http) credential: Credential,
    pub(in crate::console::http) at: Option<Moment>,
    pub(in crate::console::http) next: Option<Moment>,
}

pub(in crate::console::http) fn probed(visit: &Visit, probe: Probe) -> Vec<Probed> {
    let one = |credential: Credential| Probed {
        at: credential.probed_at.map(|at| visit.moment(at)),
        next: credential.next_at.map(|at| visit.moment(at)),
        credential,
    };
    probe.credentials.into_iter().map(one).collect()
}
