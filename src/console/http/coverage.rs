//! How many people have which field, as the pages of a data source and of a portal show it.

use serde::Deserialize;

use super::{
    refused::Refused,
    visit::{Visit, with_query},
};

/// How many people have which field.
#[derive(Debug, Deserialize)]
pub struct Coverage {
    /// People who are counted.
    pub people: u64,
    /// Of them, those who lack a field that is needed.
    pub lacking: u64,
    /// Each field.
    pub fields: Vec<FieldCoverage>,
    /// By what the list of these people is asked for: a parameter and its value.
    #[serde(skip)]
    whose: (&'static str, String),
}

/// How many people have one field.
#[derive(Debug, Deserialize)]
pub struct FieldCoverage {
    /// Which.
    pub field: String,
    /// Whether it is needed.
    pub needed: bool,
    /// Those who do not.
    pub without: u64,
    /// The share of those who have it.
    pub percent: u64,
    /// Those who declined to give it inside WeCom.
    pub declined: u64,
    /// Those of whom WeCom did not pass it on.
    pub withheld: u64,
}

impl Coverage {
    /// Reads it at this path of the API; the list of those who are counted is asked for by `whose`.
    ///
    /// # Errors
    /// What the API refuses.
    pub async fn read(visit: &Visit, path: &str, whose: (&'static str, &str)) -> Result<Self, Refused> {
        let mut coverage: Self = visit.get(path).await?;
        coverage.whose = (whose.0, whose.1.to_owned());
        Ok(coverage)
    }

    /// Whether WeCom did not pass something on of somebody.
    pub fn withholds(&self) -> bool {
        self.fields.iter().any(|field| field.withheld > 0)
    }

    /// Whether a field is needed at all.
    pub fn needs(&self) -> bool {
        self.fields.iter().any(|field| field.needed)
    }

    /// The list of those who lack this field.
    pub fn who_lacks(&self, field: &str) -> String {
        let (name, value) = &self.whose;
        with_query(
            "/console/people",
            [("status", "active"), (*name, value.as_str()), ("lacks", field)],
        )
    }

    /// The list of those who lack a needed field.
    pub fn who_lacks_needed(&self) -> String {
        let needed = self.fields.iter().filter(|field| field.needed);
        let needed: Vec<&str> = needed.map(|field| field.field.as_str()).collect();
        self.who_lacks(&needed.join(","))
    }
}
