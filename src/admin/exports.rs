//! Downloads of whole lists, told to the audit log: who took which list, filtered how, and how many entries.

use serde_json::{Map, Value, json};

use super::service::Admin;
use crate::{
    audit::{self, Kind, Record},
    kernel::failure::Result,
};

/// Longest value of a filter that is told, characters.
const LONGEST: usize = 200;
/// Most filters that are told.
const MOST: usize = 30;

/// A download.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Who takes it, as the audit log names them.
    pub actor: String,
    /// Which list: its path below the API, with what stands behind its name.
    pub list: String,
    /// Query parameters by which it is filtered.
    pub filter: Vec<(String, String)>,
}

impl Taken {
    fn record(&self, entries: u64, complete: bool) -> Record {
        let told = |(name, value): &(String, String)| {
            let value: String = value.chars().take(LONGEST).collect();
            (name.clone(), Value::String(value))
        };
        let filter: Map<String, Value> = self.filter.iter().take(MOST).map(told).collect();
        Record {
            kind: Kind::Exported,
            actor: self.actor.clone(),
            subject: format!("list:{}", self.list),
            reference: None,
            number: None,
            detail: json!({ "filter": filter, "entries": entries, "complete": complete }),
        }
    }
}

impl Admin {
    /// Tells the audit log of a download: how many entries went out, and whether these were all.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn note_export(&self, taken: &Taken, entries: u64, complete: bool) -> Result<()> {
        let record = taken.record(entries, complete);
        audit::store::insert(&self.database, &self.entropy, self.clock.now(), record).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Taken;

    #[test]
    fn what_was_filtered_is_told_and_bounded() {
        let long = "x".repeat(1000);
        let taken = Taken {
            actor: "token:a".to_owned(),
            list: "users.csv".to_owned(),
            filter: (0..100).map(|number| (format!("f{number}"), long.clone())).collect(),
        };
        let record = taken.record(7, false);
        let filter = record.detail["filter"].as_object().unwrap();
        assert_eq!((filter.len(), filter["f0"].as_str().unwrap().len()), (30, 200));
        assert_eq!(record.detail["entries"], 7);
        assert_eq!(record.detail["complete"], false);
        assert_eq!(record.subject, "list:users.csv");
    }
}
