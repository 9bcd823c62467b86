//! Companies that are connected by an app of a service provider: their people sign in at it, are known by ids, and by no name (reference 9.8, 9.10;
//! product.md §3 S3, S5).

mod contacts;
mod failing;
mod modes;
pub mod names;
mod signing_in;
mod switched_ids;
mod switched_visits;
pub mod templates;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::{World, sample};

use crate::{
    actors::{Portal, text},
    fixture::Fixture,
    installations, suites,
};

/// A company that is connected by the sample suite, and whose people have been read.
pub struct Company {
    /// Id of its data source.
    pub source: String,
}

/// Connects the first sample corp by the sample suite.
pub async fn company(fixture: &Fixture) -> Company {
    company_in(fixture, |_| {}).await
}

/// The same in a WeCom that was changed before.
pub async fn company_in(fixture: &Fixture, change: impl FnOnce(&mut World)) -> Company {
    let suite = suites::connected(fixture).await;
    fixture.wecom.edit(change);
    suites::ticket(fixture).await;
    let installation = installations::connected(fixture, &suite).await;
    let source = text(&installation, "data_source_id").to_owned();
    Company { source }
}

/// A portal that takes nothing but sign-ins at this company.
async fn portal_of(fixture: &Fixture, company: &Company) -> Portal {
    let auth_source = auth_source_of(fixture, &company.source).await;
    fixture
        .portal("wiki", json!({ "auth_sources": [auth_source["id"]] }))
        .await
}

/// The auth source of a data source.
pub async fn auth_source_of(fixture: &Fixture, source: &str) -> Value {
    let found = fixture.admin().items("auth-sources").await;
    let own = |one: &&Value| one["data_source_id"] == source;
    found.iter().find(own).unwrap_or_else(|| panic!("{found:?}")).clone()
}

/// The userid by which the sample suite knows a member of the first sample corp.
pub fn told(fixture: &Fixture, userid: &str) -> String {
    let told = fixture
        .wecom
        .edit(|world| world.as_told(sample::SUITE, sample::CORP, userid));
    told.unwrap().1
}

/// Userids of the members of a data source.
async fn userids(fixture: &Fixture, source: &str) -> BTreeSet<String> {
    let members = fixture
        .admin()
        .items(&format!("members?data_source={source}&limit=200"))
        .await;
    members.iter().map(|member| text(member, "userid").to_owned()).collect()
}
