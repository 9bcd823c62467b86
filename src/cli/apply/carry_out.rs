//! Carries a plan out: data sources, auth sources, groups, portals, notice channels, subscriptions and brandings, then what is to be deleted. What an earlier kind brings along (a data source
//! with a login app brings its auth source) is looked at before the next kind is begun. Where something is refused, it ends; run again, it
//! goes on from there.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    branding,
    compare::{SAME, differences},
    entry::{Entry, SecretField, Target, put},
    kind::Kind,
    plan::{Action, Found, Standing, Step, Surplus},
};
use crate::{
    cli::{
        client::{Client, part},
        sync::report::{printable, text},
        terminal::say,
    },
    kernel::entropy::Entropy,
};

/// Carries plans out on one server.
pub(super) struct Worker<'a> {
    pub(super) client: &'a Client,
    pub(super) entries: &'a [Entry],
    /// Send all secrets again.
    pub(super) secrets: bool,
    pub(super) entropy: Entropy,
}

impl Worker<'_> {
    /// Everything of a kind that the server has; of notice channels also whether their secrets are those of the file.
    async fn all(&self, kind: Kind) -> Result<Vec<Value>, String> {
        if kind == Kind::Branding {
            return self.brandings().await;
        }
        let mut all = self.client.all(kind.path()).await?;
        if kind == Kind::NoticeChannel {
            for view in &mut all {
                self.compare(view).await?;
            }
        }
        Ok(all)
    }

    /// The branding of the installation and of each company, where the file has any.
    async fn brandings(&self) -> Result<Vec<Value>, String> {
        if self.entries.iter().all(|entry| entry.kind != Kind::Branding) {
            return Ok(Vec::new());
        }
        let installation = self.client.get("branding").await?;
        let sources = self.client.all(Kind::DataSource.path()).await?;
        let own = self.client.all("branding/companies").await?;
        Ok(branding::views(installation, &sources, &own))
    }

    /// Changes a branding, and its logo where that is among what changes.
    async fn brand(
        &self,
        entry: &Entry,
        wanted: &Map<String, Value>,
        change: &Map<String, Value>,
    ) -> Result<Value, String> {
        let (path, fields) = (branding::path(wanted), branding::plain(change));
        if !fields.is_empty() {
            self.client.patch(&path, Value::Object(fields)).await?;
        }
        let logo = format!("{path}/logo");
        match (change.get(branding::LOGO), &entry.logo) {
            (Some(_), Some(picture)) => self.client.put_file(&logo, picture.clone()).await.map(drop)?,
            (Some(_), None) => self.client.delete(&logo).await?,
            (None, _) => {}
        }
        let shown = self.client.get(&path).await?;
        Ok(branding::view(shown, branding::source(wanted), &entry.name))
    }

    /// Asks whether the secrets of a channel are those of its entry. Who may only read is not told, and plans by what is shown.
    async fn compare(&self, view: &mut Value) -> Result<(), String> {
        let mut entries = self.entries.iter().filter(|entry| entry.kind == Kind::NoticeChannel);
        let Some(entry) = entries.find(|entry| entry.name == text(view, "name")) else {
            return Ok(());
        };
        let mut body = Map::new();
        if let Some(url) = entry.fields.get("url").filter(|url| url.is_string()) {
            body.insert("url".to_owned(), url.clone());
        }
        for (path, secret) in self.exposed(&entry.secrets.iter().collect::<Vec<_>>())? {
            put(&mut body, path, &secret);
        }
        if body.is_empty() {
            return Ok(());
        }
        let path = format!("notice-channels/{}/compare", part(text(view, "id")));
        if let (Ok(answer), Some(view)) = (
            self.client.post(&path, Some(Value::Object(body))).await,
            view.as_object_mut(),
        ) {
            view.insert(SAME.to_owned(), answer);
        }
        Ok(())
    }

    /// The row ids of people whom entries name by their usernames; answers sentences about those who are not there yet.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn find_people(client: &Client, entries: &mut [Entry]) -> Result<Vec<String>, String> {
        let mut missing = Vec::new();
        for entry in entries {
            for reference in entry.references.iter_mut().filter(|reference| reference.of.is_none()) {
                for name in &reference.names {
                    let found = client.all(&format!("users?username={}", part(name))).await?;
                    // A username may look like an id.
                    let named = found.first().map(|user| text(user, "id").to_owned());
                    match named.or_else(|| Uuid::parse_str(name).ok().map(|id| id.to_string())) {
                        Some(id) => reference.targets.push(Target::Id(id)),
                        None => missing.push(printable(&format!(
                            "{} \"{}\": {}: there is no user \"{name}\" yet, so nothing is said of them. Run it again once they were synced.",
                            entry.kind.word(),
                            entry.name,
                            reference.key
                        ))),
                    }
                }
            }
        }
        Ok(missing)
    }

    /// What the server has.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn standing(&self) -> Result<Standing, String> {
        let mut standing = Standing::new();
        for kind in Kind::ALL.iter().copied() {
            standing.insert(kind, self.all(kind).await?);
        }
        Ok(standing)
    }

    /// The steps of one kind, or of all.
    pub(super) fn steps(&self, found: &Found, standing: &Standing, of: Option<Kind>) -> Vec<Step> {
        let wanted = self.entries.iter().enumerate();
        let wanted = wanted.filter(|(_, entry)| of.is_none_or(|kind| entry.kind == kind));
        wanted
            .filter_map(|(index, _)| found.step(self.entries, index, standing, self.secrets))
            .collect()
    }

    /// Does it all.
    ///
    /// # Errors
    /// A sentence, at the first thing that is refused.
    pub(super) async fn carry_out(&self, mut standing: Standing, surplus: &[Surplus]) -> Result<(), String> {
        let mut found = Found::of(self.entries, &standing)?;
        let mut changed = false;
        for kind in Kind::ALL.iter().copied() {
            if changed {
                standing.insert(kind, self.all(kind).await?);
                found = Found::of(self.entries, &standing)?;
            }
            for step in self.steps(&found, &standing, Some(kind)) {
                let Some(entry) = self.entries.get(step.entry) else {
                    continue;
                };
                let Some(answer) = self.step(entry, &step.action, &found).await? else {
                    continue;
                };
                changed = true;
                found.note(step.entry, text(&answer, "id"));
                tell(&answer, &self.sent(entry, &found));
            }
            // What was made is known by its own row from here on.
            if changed {
                standing.insert(kind, self.all(kind).await?);
            }
        }
        for gone in surplus {
            let path = format!("{}/{}", gone.kind.path(), part(&gone.id));
            self.client
                .delete(&path)
                .await
                .map_err(|why| failed(gone.kind, &gone.name, &why))?;
            done("deleted", gone.kind, &gone.name);
        }
        Ok(())
    }

    async fn step(&self, entry: &Entry, action: &Action, found: &Found) -> Result<Option<Value>, String> {
        let answer = match action {
            Action::Keep => return Ok(None),
            Action::Change { body, .. } if entry.kind == Kind::Branding => {
                self.brand(entry, &self.sent(entry, found), body).await
            }
            Action::Create => {
                let secrets = self.exposed(&entry.secrets.iter().collect::<Vec<_>>())?;
                let body = entry.body(found.wanted(self.entries, entry), &secrets);
                self.client.post(entry.kind.path(), Some(body)).await
            }
            Action::Change { id, resent, body, .. } => {
                let resent: Vec<&SecretField> = resent.iter().filter_map(|index| entry.secrets.get(*index)).collect();
                let mut body = body.clone();
                for (path, secret) in self.exposed(&resent)? {
                    put(&mut body, path, &secret);
                }
                let path = format!("{}/{}", entry.kind.path(), part(id));
                self.client.patch(&path, Value::Object(body)).await
            }
        };
        let answer = answer.map_err(|why| failed(entry.kind, &entry.name, &why))?;
        let word = match action {
            Action::Create => "created",
            _ => "changed",
        };
        done(word, entry.kind, &entry.name);
        Ok(Some(answer))
    }

    /// Secrets as they go into a body.
    fn exposed<'b>(&self, secrets: &[&'b SecretField]) -> Result<Vec<(&'b [String], Value)>, String> {
        let secrets = secrets.iter();
        secrets
            .map(|secret| {
                let text = secret.source.get(&self.entropy)?;
                Ok((secret.path.as_slice(), json!(text.expose())))
            })
            .collect()
    }

    fn sent(&self, entry: &Entry, found: &Found) -> Map<String, Value> {
        found.wanted(self.entries, entry)
    }
}

fn failed(kind: Kind, name: &str, why: &str) -> String {
    printable(&format!(
        "{} \"{name}\": {why}\nWhat came before it is done. Run it again to go on.",
        kind.word()
    ))
}

fn done(word: &str, kind: Kind, name: &str) {
    say(&printable(&format!("{word} {} \"{name}\"", kind.word())));
}

/// Says what the server has to say about something it has just taken.
fn tell(answer: &Value, sent: &Map<String, Value>) {
    let list = |field: &str| answer.get(field).and_then(Value::as_array).into_iter().flatten();
    let warnings = list("warnings").filter_map(Value::as_str).map(str::to_owned);
    let problems = list("problems").map(|problem| format!("{} {}", text(problem, "number"), text(problem, "title")));
    let kept = differences(sent, answer);
    let otherwise = kept
        .iter()
        .map(|difference| format!("{}: the server keeps it otherwise than it was sent", difference.path));
    for line in warnings.chain(problems).chain(otherwise) {
        say(&printable(&format!("    {}", line.trim())));
    }
}
