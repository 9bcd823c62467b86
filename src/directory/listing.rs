//! Lists of data sources, auth sources and WeCom apps: how they can be sorted and filtered. There are few of them, so they are sorted in
//! memory. Pure.

use uuid::Uuid;

use crate::{
    directory::{auth_source::model::AuthSource, data_source::model::DataSource, wecom_app::model::WeComApp},
    kernel::sorting::{Kind, Position, Sort, SortValue, SortWords},
};

/// How a list of data sources or auth sources can be sorted.
pub const SOURCE_SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("name", Kind::Text),
        ("updated_at", Kind::Number),
    ],
    Sort::up("created_at", Kind::Id),
);

/// How a list of WeCom apps can be sorted.
pub const APP_SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("name", Kind::Text),
        ("agent_id", Kind::Number),
    ],
    Sort::up("created_at", Kind::Id),
);

/// Which data sources, auth sources or apps are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct SourceFilter {
    /// Data sources: no other than these.
    pub among: Option<Vec<Uuid>>,
    /// Data sources: whose name or corp ID contains this text, in small letters.
    pub search: Option<String>,
    /// With this corp ID.
    pub corp_id: Option<String>,
    /// Auth sources and apps: bound to this data source.
    pub data_source: Option<Uuid>,
    /// Switched on, or off; of apps: not disabled in WeCom, or disabled.
    pub enabled: Option<bool>,
}

impl SourceFilter {
    fn fits(&self, corp_id: &str, enabled: bool) -> bool {
        self.corp_id.as_ref().is_none_or(|wanted| wanted == corp_id)
            && self.enabled.is_none_or(|wanted| wanted == enabled)
    }

    /// Whether this data source is wanted.
    pub fn takes_source(&self, source: &DataSource) -> bool {
        let settings = &source.settings;
        let says = |text: &String| {
            [&settings.name, &settings.corp_id]
                .iter()
                .any(|said| said.to_lowercase().contains(text))
        };
        self.among.as_ref().is_none_or(|ids| ids.contains(&source.id))
            && self.search.as_ref().is_none_or(says)
            && self.fits(&settings.corp_id, settings.enabled)
    }

    /// Whether this auth source is wanted, which is bound to that data source.
    pub fn takes_auth_source(&self, auth_source: &AuthSource, bound_to: Option<Uuid>) -> bool {
        self.fits(&auth_source.corp_id, auth_source.enabled)
            && (self.data_source.is_none() || self.data_source == bound_to)
    }

    /// Whether this app is wanted, which is used by these data sources.
    pub fn takes_app(&self, app: &WeComApp, used_by: &[Uuid]) -> bool {
        self.fits(&app.corp_id, !app.closed) && self.data_source.is_none_or(|wanted| used_by.contains(&wanted))
    }
}

/// Where a data source stands in a list.
pub fn place_of_source(source: &DataSource, by: &'static str) -> Position {
    let name = &source.settings.name;
    Position {
        value: value(by, name, source.updated_at),
        id: source.id,
    }
}

/// Where an auth source stands in a list.
pub fn place_of_auth_source(auth_source: &AuthSource, by: &'static str) -> Position {
    Position {
        value: value(by, &auth_source.name, auth_source.updated_at),
        id: auth_source.id,
    }
}

/// Where an app stands in a list.
pub fn place_of_app(app: &WeComApp, by: &'static str) -> Position {
    Position {
        value: value(by, &app.name, app.agent_id),
        id: app.id,
    }
}

fn value(by: &'static str, name: &str, number: i64) -> SortValue {
    match by {
        "name" => SortValue::Text(name.to_owned()),
        "updated_at" | "agent_id" => SortValue::Number(number),
        _ => SortValue::Id,
    }
}
