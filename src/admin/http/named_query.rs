//! The query string of the list of tags.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::query::Reading;
use crate::{
    directory::contacts::model::{NAMED_SORTS, NamedFilter},
    kernel::{failure::Result, sorting::SortedPage},
};

/// Query of a list of tags.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NamedQuery {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|name|wecom_id)$")]
    sort: Option<String>,
    /// Only of the data source with this row id.
    data_source: Option<Uuid>,
    /// Only those whose name contains this text, without regard to letter case.
    #[param(max_length = 200)]
    q: Option<String>,
}

impl NamedQuery {
    /// What is wanted.
    ///
    /// # Errors
    /// `AD-104`, `AD-105`.
    pub fn wanted(&self) -> Result<(NamedFilter, SortedPage)> {
        let mut reading = Reading::default();
        let page = reading.sorted(&NAMED_SORTS, [&self.cursor, &self.limit, &self.sort]);
        let filter = NamedFilter {
            data_source: self.data_source,
            search: reading.text("q", self.q.as_deref()).map(str::to_owned),
        };
        reading.done().map(|()| (filter, page))
    }
}
