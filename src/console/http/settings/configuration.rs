//! The settings in effect, and where each was set. They are changed in the file and the environment, never here.

use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use crate::console::http::{
    frame::{Frame, Section},
    listing::Listing,
    values,
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/settings/configuration.html")]
struct ConfigurationPage {
    frame: Frame,
    search: String,
    source: String,
    settings: Vec<Line>,
    all: usize,
}

struct Line {
    setting: Setting,
    value: String,
    default: String,
}

#[derive(Deserialize)]
struct Setting {
    key: String,
    meaning: String,
    meaning_zh: String,
    source: String,
    variable: String,
    value: Value,
    default: Value,
}

impl Setting {
    /// Whether its name or meaning has this in it.
    fn has(&self, search: &str) -> bool {
        let search = search.to_lowercase();
        [&self.key, &self.meaning, &self.meaning_zh, &self.variable]
            .iter()
            .any(|text| text.to_lowercase().contains(&search))
    }
}

pub(super) async fn list(visit: Visit) -> Reply {
    let settings: Listing<Setting> = visit.get("settings").await?;
    let text = |name| visit.param(name).unwrap_or_default().to_owned();
    let (search, source) = (text("q"), text("source"));
    let all = settings.items.len();
    let wanted = |setting: &Setting| {
        setting.has(search.trim())
            && match source.as_str() {
                "" => true,
                "set" => setting.source != "default",
                source => setting.source == source,
            }
    };
    let line = |setting: Setting| Line {
        value: values::told("", &setting.value),
        default: values::told("", &setting.default),
        setting,
    };
    let settings = settings.items.into_iter().filter(wanted).map(line).collect();
    Ok(visit.page(&ConfigurationPage {
        frame: visit.frame("console-configuration-title", Some(Section::Settings)),
        search,
        source,
        settings,
        all,
    }))
}
