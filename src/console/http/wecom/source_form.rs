//! A new data source, and changing one.

use actix_web::{http::Method, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{
        field::{self, Field, Filling, Kind, Spec, field, needed},
        form::{Form, see_other},
        frame::Frame,
        refused::Refused,
        visit::{Reply, Visit},
    },
    saving::{self, Saving},
    shared::{framed, plain},
};

/// Fields that everybody fills in.
const COMMON: [Spec; 10] = [
    needed("name", Kind::Line),
    needed("corp_id", Kind::Line),
    field("app.agent_id", Kind::Number),
    field("app.secret", Kind::Secret),
    field("contacts_secret", Kind::Secret),
    field("auto_sync_hours", Kind::Numbers(&["4", "12", "24", ""])),
    field("duplicate_rule", Kind::Choice(&["skip", "overwrite"])),
    field("login_methods", Kind::Ticks(&["wecom_qr", "password"])),
    field("description", Kind::Text),
    field("enabled", Kind::Tick),
];

/// Fields with good defaults.
const RARER: &[Spec] = &[
    field("customer_secret", Kind::Secret),
    field("import", Kind::Choice(&["all", "chosen"])),
    field("match_by", Kind::Ticks(&["username", "email", "mobile"])),
    field("username_template", Kind::Line),
    field("read_by", Kind::Choice(&["lists", "export"])),
    field("doubtful_identity", Kind::Choice(&["wait", "continue"])),
    field("removal_threshold_percent", Kind::Number),
    field("guard.departures.count", Kind::Number),
    field("guard.departures.percent", Kind::Number),
    field("guard.outside.count", Kind::Number),
    field("guard.outside.percent", Kind::Number),
    field("guard.overwrites.count", Kind::Number),
    field("guard.overwrites.percent", Kind::Number),
    field("email_sources", Kind::Lines),
    field("vouched_email_domains", Kind::Lines),
];

const PREFIX: &str = "console-source";

fn all() -> Vec<Spec> {
    COMMON.iter().chain(RARER).copied().collect()
}

/// What a new one has before anything is entered.
fn defaults() -> Value {
    json!({
        "auto_sync_hours": 4, "duplicate_rule": "skip", "login_methods": ["wecom_qr"], "enabled": true, "import": "all",
        "match_by": ["username"], "username_template": "{userid}", "read_by": "lists", "doubtful_identity": "wait",
        "removal_threshold_percent": 20, "guard": { "overwrites": { "percent": 50 } }
    })
}

fn saving(frame: Frame, filling: Filling<'_>, id: Option<&str>) -> Saving {
    let here = id.map_or_else(
        || "/console/wecom/new".to_owned(),
        |id| format!("/console/wecom/{id}/edit"),
    );
    Saving {
        fields: field::fields(&frame, PREFIX, &COMMON, filling),
        rarer: field::fields(&frame, PREFIX, RARER, filling),
        form: "source",
        source: id.unwrap_or_default().to_owned(),
        action: here,
        back: id.map_or_else(|| "/console/wecom".to_owned(), |id| format!("/console/wecom/{id}")),
        version: filling.version(),
        delete: String::new(),
        callback_domain: String::new(),
        frame,
    }
}

fn titled(visit: &Visit) -> Frame {
    let title = framed(visit, "").t("console-source-new");
    framed(visit, &title)
}

pub async fn new(visit: Visit) -> Reply {
    Ok(saving(titled(&visit), Filling::Stored(&defaults()), None).shown(&visit))
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

pub async fn create(visit: Visit, form: Form) -> Reply {
    let body = saving::body(&form, field::body(&form, &all()));
    match visit.send(Method::POST, "data-sources", Some(&body)).await {
        Ok(answer) => {
            let created: Created = visit.read(&answer)?;
            Ok(see_other(&format!("/console/wecom/{}?done=created", created.id)))
        }
        Err(refused) => {
            let filling = Filling::Sent(&form, refused.problem());
            Ok(saving(titled(&visit), filling, None).again(&refused))
        }
    }
}

/// The data source as the form has it: domains without who vouched for them.
async fn stored(visit: &Visit, id: &str) -> Result<(Value, String), Refused> {
    let path = format!("data-sources/{}", plain(visit, id)?);
    let answer = visit.send(Method::GET, &path, None).await?;
    let mut source: Value = visit.read(&answer)?;
    let domains = source.get("vouched_email_domains").and_then(Value::as_array);
    let domains: Value = domains
        .into_iter()
        .flatten()
        .filter_map(|vouched| vouched.get("domain").cloned())
        .collect();
    field::put(&mut source, "vouched_email_domains", domains);
    Ok((source, answer.tag.unwrap_or_default()))
}

fn name(source: &Value) -> &str {
    source.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// Secrets that can be taken away: the field, the box that does it, the key of its text, and by what it is known that there is one.
const REMOVALS: &[[&str; 4]] = &[
    [
        "contacts_secret",
        "remove_contacts_secret",
        "console-source-remove-contacts-secret",
        "contacts_secret_set",
    ],
    [
        "customer_secret",
        "remove_customer_secret",
        "console-source-remove-customer-secret",
        "customer_secret_set",
    ],
];

/// With a box for each secret that takes it away, where there is one.
fn with_removal(mut saving: Saving, source: &Value) -> Saving {
    for [_, name, key, set] in REMOVALS {
        if source.get(set) == Some(&Value::Bool(true)) {
            let removal = Field::new(&saving.frame, key, name, "tick");
            saving.rarer.push(removal);
        }
    }
    saving
}

pub async fn edit(visit: Visit, id: web::Path<String>) -> Reply {
    let (source, version) = stored(&visit, &id).await?;
    let saving = saving(framed(&visit, name(&source)), Filling::Stored(&source), Some(&id));
    Ok(with_removal(Saving { version, ..saving }, &source).shown(&visit))
}

pub async fn change(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let (source, _) = stored(&visit, &id).await?;
    let mut patch = saving::body(&form, field::change(&form, &all(), &source));
    for [secret, name, _, _] in REMOVALS {
        if form.has(name) {
            field::put(&mut patch, secret, Value::Null);
        }
    }
    let path = format!("data-sources/{}", plain(&visit, &id)?);
    match visit
        .call((Method::PATCH, &path), Some(&patch), form.get("version"))
        .await
    {
        Ok(_) => Ok(see_other(&format!("/console/wecom/{id}?done=changed"))),
        Err(refused) => {
            let filling = Filling::Sent(&form, refused.problem());
            let saving = saving(framed(&visit, name(&source)), filling, Some(&id));
            Ok(with_removal(saving, &source).again(&refused))
        }
    }
}
