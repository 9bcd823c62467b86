//! The query string of lists of data sources, auth sources and WeCom apps.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::query::Reading;
use crate::{
    directory::listing::SourceFilter,
    kernel::{
        failure::Result,
        sorting::{SortWords, SortedPage},
    },
};

/// Query of a list of data sources.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SourceQuery {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|name|updated_at)$")]
    sort: Option<String>,
    /// Part of the name or corp ID, without regard to letter case; up to 200 characters.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only of this corp ID.
    corp_id: Option<String>,
    /// Only those that are switched on, or only those that are not.
    #[param(value_type = Option<bool>)]
    enabled: Option<String>,
}

/// Query of a list of what is bound to data sources.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BoundQuery {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|name|updated_at|agent_id)$")]
    sort: Option<String>,
    /// Only of this corp ID.
    corp_id: Option<String>,
    /// Only those that are switched on, or only those that are not.
    #[param(value_type = Option<bool>)]
    enabled: Option<String>,
    /// Only of the data source with this row id.
    data_source: Option<Uuid>,
}

impl SourceQuery {
    /// What is wanted.
    ///
    /// # Errors
    /// `AD-104`, `AD-105`.
    pub fn wanted(&self, sorts: &SortWords) -> Result<(SourceFilter, SortedPage)> {
        let page = [&self.cursor, &self.limit, &self.sort];
        wanted(sorts, page, [&self.q, &self.corp_id, &self.enabled], None)
    }
}

impl BoundQuery {
    /// What is wanted.
    ///
    /// # Errors
    /// `AD-104`, `AD-105`.
    pub fn wanted(&self, sorts: &SortWords) -> Result<(SourceFilter, SortedPage)> {
        let page = [&self.cursor, &self.limit, &self.sort];
        wanted(sorts, page, [&None, &self.corp_id, &self.enabled], self.data_source)
    }
}

fn wanted(
    sorts: &SortWords,
    page: [&Option<String>; 3],
    [q, corp_id, enabled]: [&Option<String>; 3],
    data_source: Option<Uuid>,
) -> Result<(SourceFilter, SortedPage)> {
    let mut reading = Reading::default();
    let page = reading.sorted(sorts, page);
    let filter = SourceFilter {
        among: None,
        search: reading.text("q", q.as_deref()).map(str::to_lowercase),
        corp_id: reading.text("corp_id", corp_id.as_deref()).map(str::to_owned),
        enabled: reading.flag("enabled", enabled.as_deref()),
        data_source,
    };
    reading.done().map(|()| (filter, page))
}
