//! A channel: new, changed, tried, deleted.

use actix_web::{http::Method, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::console::http::{
    field::{self, Filling, Kind, Spec, field, needed},
    form::{Form, see_other},
    frame::Frame,
    refused::Refused,
    visit::{Reply, Visit},
    wecom::shared::{Trouble, choose_source, plain},
};

use super::saving::{Saving, Test, Tried, framed, text};

const PREFIX: &str = "console-notice-channel";

const EMAIL: [Spec; 9] = [
    needed("name", Kind::Line),
    needed("host", Kind::Line),
    field("port", Kind::Number),
    field("security", Kind::Choice(&["starttls", "tls", "none"])),
    field("username", Kind::Line),
    field("secret", Kind::Secret),
    needed("sender", Kind::Line),
    field("sender_name", Kind::Line),
    field("enabled", Kind::Tick),
];
const WECOM: [Spec; 3] = [
    needed("name", Kind::Line),
    field("data_source_id", Kind::Line),
    field("enabled", Kind::Tick),
];
const WEBHOOK: [Spec; 4] = [
    needed("name", Kind::Line),
    needed("url", Kind::Line),
    field("secret", Kind::Secret),
    field("enabled", Kind::Tick),
];

fn specs(kind: &str) -> &'static [Spec] {
    match kind {
        "wecom" => &WECOM,
        "webhook" => &WEBHOOK,
        _ => &EMAIL,
    }
}

#[derive(Deserialize)]
struct Created {
    id: String,
    secret: Option<String>,
}

#[derive(Deserialize)]
struct Sent {
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Delivery {
    state: String,
    problem: Option<Trouble>,
}

async fn saving(
    visit: &Visit,
    frame: Frame,
    (kind, filling): (&str, Filling<'_>),
    id: Option<&str>,
) -> Result<Saving, Refused> {
    let mut fields = field::fields(&frame, PREFIX, specs(kind), filling);
    if let Some(secret) = fields.iter_mut().find(|field| field.name == "secret") {
        let key = match (kind, id) {
            ("webhook", None) => "console-notice-channel-key-hint",
            ("webhook", Some(_)) => "console-notice-channel-key-kept",
            (_, None) => "console-notice-channel-password-hint",
            (_, Some(_)) => "console-notice-channel-password-kept",
        };
        secret.hint = Some(frame.t(key));
        if kind == "webhook" {
            secret.label = frame.t("console-notice-channel-key");
        }
    }
    choose_source(visit, &frame, &mut fields, None).await?;
    let here = "/console/settings/notices/channels";
    Ok(Saving {
        fields,
        version: filling.version(),
        action: match id {
            Some(id) => format!("{here}/{id}"),
            None => format!("{here}/new?kind={kind}"),
        },
        delete: id.map(|id| format!("{here}/{id}/delete")).unwrap_or_default(),
        effect: "console-notice-channel-delete-effect",
        test: id.map(|id| Test {
            action: format!("{here}/{id}/test"),
            takes_address: kind != "webhook",
            address: String::new(),
            outcome: None,
        }),
        made: None,
        frame,
    })
}

/// The kind of a new channel; what is none is e-mail.
fn kind(visit: &Visit) -> &'static str {
    match visit.param("kind") {
        Some("wecom") => "wecom",
        Some("webhook") => "webhook",
        _ => "email",
    }
}

fn titled(visit: &Visit) -> Frame {
    let title = framed(visit, "").word("console-notice-channel-new", kind(visit));
    framed(visit, &title)
}

pub(super) async fn new(visit: Visit) -> Reply {
    let first = json!({ "enabled": true, "security": "starttls" });
    let filling = (kind(&visit), Filling::Stored(&first));
    Ok(saving(&visit, titled(&visit), filling, None).await?.shown(&visit))
}

pub(super) async fn create(visit: Visit, form: Form) -> Reply {
    let kind = kind(&visit);
    let mut body = field::body(&form, specs(kind));
    field::put(&mut body, "kind", kind.into());
    let answer = match visit.make_once(&form, "notice-channels", Some(&body)).await {
        Ok(answer) => answer,
        Err(refused) => {
            let filling = (kind, Filling::Sent(&form, refused.problem()));
            return Ok(saving(&visit, titled(&visit), filling, None).await?.again(&refused));
        }
    };
    let created: Created = visit.read(&answer)?;
    if created.secret.is_none() {
        return Ok(see_other(&format!("/console/settings/notices/channels/{}", created.id)));
    }
    let mut page = of(&visit, &created.id).await?;
    page.made = created.secret;
    Ok(page.shown(&visit))
}

async fn stored(visit: &Visit, id: &str) -> Result<(Value, String), Refused> {
    let path = format!("notice-channels/{}", plain(visit, id)?);
    let answer = visit.send(Method::GET, &path, None).await?;
    Ok((visit.read(&answer)?, answer.tag.unwrap_or_default()))
}

fn named<'a>(channel: &'a Value, name: &str) -> &'a str {
    channel.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The page of a channel as it is stored.
async fn of(visit: &Visit, id: &str) -> Result<Saving, Refused> {
    let (channel, version) = stored(visit, id).await?;
    let frame = framed(visit, named(&channel, "name"));
    let filling = (named(&channel, "kind"), Filling::Stored(&channel));
    let saving = saving(visit, frame, filling, Some(id)).await?;
    Ok(Saving { version, ..saving })
}

pub(super) async fn edit(visit: Visit, id: web::Path<String>) -> Reply {
    Ok(of(&visit, &id).await?.shown(&visit))
}

pub(super) async fn change(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let (channel, _) = stored(&visit, &id).await?;
    let kind = named(&channel, "kind");
    let patch = field::change(&form, specs(kind), &channel);
    let path = format!("notice-channels/{}", plain(&visit, &id)?);
    let changed = visit.call((Method::PATCH, &path), Some(&patch), form.get("version"));
    match changed.await {
        Ok(_) => Ok(see_other("/console/settings/notices?done=saved")),
        Err(refused) => {
            let frame = framed(&visit, named(&channel, "name"));
            let filling = (kind, Filling::Sent(&form, refused.problem()));
            Ok(saving(&visit, frame, filling, Some(&id)).await?.again(&refused))
        }
    }
}

pub(super) async fn test(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let path = format!("notice-channels/{}/test", plain(&visit, &id)?);
    let body = json!({ "address": form.get("address"), "language": visit.lang.tag() });
    let sent = visit.send(Method::POST, &path, Some(&body)).await;
    let mut page = of(&visit, &id).await?;
    if let Some(test) = &mut page.test {
        test.address = text(&form, "address");
    }
    match sent {
        Ok(answer) => {
            let sent: Sent = visit.read(&answer)?;
            let outcome = sent.deliveries.into_iter().next().map(|delivery| Tried {
                state: delivery.state,
                problem: delivery.problem,
            });
            if let Some(test) = &mut page.test {
                test.outcome = outcome;
            }
            Ok(page.shown(&visit))
        }
        Err(refused) => Ok(page.again(&refused)),
    }
}

pub(super) async fn delete(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let path = format!("notice-channels/{}", plain(&visit, &id)?);
    visit.delete(&path, &form).await?;
    Ok(see_other("/console/settings/notices?done=deleted"))
}
