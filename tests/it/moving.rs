//! Companies that move from an app of the service provider to one of their own (product.md §3 S2.5, reference 5.6): everybody stays who they are.

mod changing;
mod console;
mod crossing;
mod forgetting;
mod pairs;
mod planning;
mod rehearsal;
mod staleness;
mod undoing;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulator::{World, sample};

use crate::{
    actors::{Portal, Reply, id, text},
    fixture::Fixture,
    installations, suites,
};

/// A company that is connected by the sample suite, and whose people have been read.
pub struct Company {
    /// Id of its data source.
    pub source: String,
    /// Id of its auth source.
    pub auth_source: String,
}

/// Connects the first sample corp by the sample suite, in a WeCom that was changed before.
async fn company_in(fixture: &Fixture, change: impl FnOnce(&mut World)) -> Company {
    let suite = suites::connected(fixture).await;
    fixture.wecom.edit(change);
    company_of(fixture, &suite).await
}

/// Connects the first sample corp by this suite.
async fn company_of(fixture: &Fixture, suite: &Value) -> Company {
    suites::ticket(fixture).await;
    let installation = installations::connected(fixture, suite).await;
    let source = text(&installation, "data_source_id").to_owned();
    let auth_sources = fixture.admin().items("auth-sources").await;
    let own = auth_sources.iter().find(|one| one["data_source_id"] == source.as_str());
    Company {
        auth_source: id(own.unwrap()).to_owned(),
        source,
    }
}

/// Connects the first sample corp by the sample suite.
pub async fn company(fixture: &Fixture) -> Company {
    company_in(fixture, |_| {}).await
}

/// Ids as the company itself knows them.
fn plain_ids(world: &mut World) {
    world.switches.suites.encrypted_corpids = false;
    world.switches.suites.encrypted_userids = false;
}

/// What an admin enters of the company's own app.
pub fn own_app() -> Value {
    json!({ "corp_id": sample::CORP, "agent_id": sample::AGENT_ID, "app_secret": sample::APP_SECRET })
}

impl Company {
    /// Address of its moves.
    fn moves(&self) -> String {
        format!("data-sources/{}/moves", self.source)
    }

    /// Address of a move, with what follows.
    fn at(&self, one: &Value, rest: &str) -> String {
        format!("{}/{}{rest}", self.moves(), id(one))
    }

    /// Plans a move.
    async fn plan(&self, fixture: &Fixture) -> Value {
        fixture.admin().create(&self.moves(), own_app()).await
    }

    /// Plans a move and pairs.
    async fn paired(&self, fixture: &Fixture) -> Value {
        let planned = self.plan(fixture).await;
        fixture.admin().create(&self.at(&planned, "/pair"), json!({})).await
    }

    /// Rehearses a move; it as it stands when that has ended.
    async fn rehearsed(&self, fixture: &Fixture, one: &Value) -> Value {
        let begun = fixture.admin().create(&self.at(one, "/rehearse"), json!({})).await;
        let run = fixture.admin().watch(text(&begun["rehearsal"], "run_id")).await;
        assert_eq!(run["state"], "rehearsed", "{run}");
        self.shown(fixture, one).await
    }

    /// A move as it stands now.
    async fn shown(&self, fixture: &Fixture, one: &Value) -> Value {
        fixture.admin().get(&self.at(one, "")).await
    }

    /// Changes the app, whatever the guard says.
    async fn change(&self, fixture: &Fixture, one: &Value) -> Reply {
        let body = json!({ "accept": true });
        fixture.admin().call("POST", &self.at(one, "/change"), Some(body)).await
    }

    /// Moves, and waits for the sync that follows.
    pub async fn moved(&self, fixture: &Fixture) -> Value {
        let paired = self.paired(fixture).await;
        let ready = self.rehearsed(fixture, &paired).await;
        assert_eq!(ready["ready"], true, "{ready}");
        let done = self.change(fixture, &ready).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert_eq!(done.body["state"], "done", "{}", done.body);
        self.settled(fixture).await;
        done.body
    }

    /// Takes a move back, and waits for the sync that follows.
    pub async fn undone(&self, fixture: &Fixture, one: &Value) -> Value {
        let undone = fixture.admin().create(&self.at(one, "/undo"), json!({})).await;
        assert_eq!(undone["state"], "undone", "{undone}");
        self.settled(fixture).await;
        undone
    }

    /// Waits for the sync that follows.
    pub async fn settled(&self, fixture: &Fixture) {
        let last = self.last_sync(fixture).await;
        fixture.admin().watch(id(&last)).await;
        fixture.wait_for_background_work().await;
    }

    /// The data source as it is shown now.
    async fn source(&self, fixture: &Fixture) -> Value {
        fixture.admin().get(&format!("data-sources/{}", self.source)).await
    }

    /// User ids of members by the userid that they have now.
    async fn people(&self, fixture: &Fixture) -> BTreeMap<String, Value> {
        let members = fixture
            .admin()
            .items(&format!("members?data_source={}&limit=200", self.source))
            .await;
        let person = |member: &Value| (text(member, "userid").to_owned(), member["user_id"].clone());
        members
            .iter()
            .filter(|member| member["state"] == "present")
            .map(person)
            .collect()
    }

    /// A portal that takes nothing but sign-ins at this company.
    async fn portal(&self, fixture: &Fixture, client_id: &str) -> Portal {
        fixture
            .portal(client_id, json!({ "auth_sources": [self.auth_source] }))
            .await
    }

    /// The last run that was applied.
    async fn last_sync(&self, fixture: &Fixture) -> Value {
        let runs = fixture
            .admin()
            .items(&format!("sync-runs?data_source={}&mode=apply", self.source))
            .await;
        runs.first().unwrap().clone()
    }
}

/// The userid by which the sample suite knows a member of the first sample corp.
fn told(fixture: &Fixture, userid: &str) -> String {
    let told = fixture
        .wecom
        .edit(|world| world.as_told(sample::SUITE, sample::CORP, userid));
    told.unwrap().1
}

/// The numbers of what is wrong with a move.
fn problems(one: &Value) -> Vec<&str> {
    let problems = one["problems"].as_array().unwrap();
    problems.iter().map(|problem| text(problem, "number")).collect()
}
