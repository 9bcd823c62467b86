//! A new auth source, for a data source or on its own, and changing one.

use actix_web::{http::Method, web};
use serde_json::{Value, json};

use super::{
    super::{
        field::{self, Filling, Kind, Spec, field, needed},
        form::{Form, see_other},
        frame::Frame,
        refused::Refused,
        visit::{Reply, Visit},
    },
    saving::{self, Saving},
    shared::{choose_source, framed, plain},
    source,
};
use crate::console::failure::ConsoleFailure;

const SPECS: [Spec; 6] = [
    needed("name", Kind::Line),
    needed("corp_id", Kind::Line),
    needed("agent_id", Kind::Number),
    field("app_secret", Kind::Secret),
    field("data_source_id", Kind::Line),
    field("enabled", Kind::Tick),
];

const PREFIX: &str = "console-auth-source";

/// The form; the data source is chosen from those there are.
async fn saving(visit: &Visit, frame: Frame, filling: Filling<'_>, id: Option<&str>) -> Result<Saving, Refused> {
    let mut fields = field::fields(&frame, PREFIX, &SPECS, filling);
    choose_source(visit, &frame, &mut fields, Some("console-auth-source-by-corp-id")).await?;
    let here = format!("/console/wecom/auth-sources/{}", id.unwrap_or("new"));
    Ok(Saving {
        form: "auth-source",
        source: String::new(),
        fields,
        rarer: Vec::new(),
        back: "/console/wecom".to_owned(),
        version: filling.version(),
        delete: id.map(|_| format!("{here}/delete")).unwrap_or_default(),
        action: here,
        callback_domain: String::new(),
        frame,
    })
}

fn titled(visit: &Visit) -> Frame {
    let title = framed(visit, "").t("console-auth-source-new");
    framed(visit, &title)
}

pub async fn new(visit: Visit) -> Reply {
    let mut first = json!({ "enabled": true });
    if let Some(id) = visit.param("data_source") {
        let source = source::read(&visit, id).await?;
        field::put(&mut first, "corp_id", source.corp_id.into());
        field::put(&mut first, "name", source.name.into());
        field::put(&mut first, "data_source_id", source.id.into());
    }
    let saving = saving(&visit, titled(&visit), Filling::Stored(&first), None).await?;
    Ok(saving.shown(&visit))
}

/// Refuses a corp ID that is not that of the data source which is named, unless whoever saves it insists.
pub(in crate::console::http) async fn refuse_mismatch(
    visit: &Visit,
    form: &Form,
    named: &Value,
) -> Result<(), Refused> {
    let Some(id) = named.get("data_source_id").and_then(Value::as_str) else {
        return Ok(());
    };
    let source = source::read(visit, id).await?;
    let corp_id = text(named, "corp_id");
    if form.has("mismatch_meant") || corp_id == source.corp_id {
        return Ok(());
    }
    let said = format!(
        "the data source '{}' has {}, and this is {corp_id}",
        source.name, source.corp_id
    );
    Err(visit.failed(&ConsoleFailure::CorpMismatch.failure().field("corp_id", said)))
}

async fn created(visit: &Visit, form: &Form, body: &Value) -> Result<(), Refused> {
    refuse_mismatch(visit, form, body).await?;
    visit.send(Method::POST, "auth-sources", Some(body)).await?;
    Ok(())
}

pub async fn create(visit: Visit, form: Form) -> Reply {
    let body = saving::body(&form, field::body(&form, &SPECS));
    match created(&visit, &form, &body).await {
        Ok(()) => Ok(see_other("/console/wecom?done=auth-source")),
        Err(refused) => {
            let filling = Filling::Sent(&form, refused.problem());
            Ok(saving(&visit, titled(&visit), filling, None).await?.again(&refused))
        }
    }
}

async fn stored(visit: &Visit, id: &str) -> Result<(Value, String), Refused> {
    let path = format!("auth-sources/{}", plain(visit, id)?);
    let answer = visit.send(Method::GET, &path, None).await?;
    Ok((visit.read(&answer)?, answer.tag.unwrap_or_default()))
}

fn text<'a>(source: &'a Value, name: &str) -> &'a str {
    source.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub async fn edit(visit: Visit, id: web::Path<String>) -> Reply {
    let (source, version) = stored(&visit, &id).await?;
    let frame = framed(&visit, text(&source, "name"));
    let saving = saving(&visit, frame, Filling::Stored(&source), Some(&id)).await?;
    let callback_domain = text(&source, "callback_domain").to_owned();
    let saving = Saving {
        version,
        callback_domain,
        ..saving
    };
    Ok(saving.shown(&visit))
}

pub async fn change(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let (source, _) = stored(&visit, &id).await?;
    let patch = saving::body(&form, field::change(&form, &SPECS, &source));
    let path = format!("auth-sources/{}", plain(&visit, &id)?);
    let changed = async {
        refuse_mismatch(&visit, &form, &field::body(&form, &SPECS)).await?;
        visit
            .call((Method::PATCH, &path), Some(&patch), form.get("version"))
            .await
    };
    match changed.await {
        Ok(_) => Ok(see_other("/console/wecom?done=changed")),
        Err(refused) => {
            let frame = framed(&visit, text(&source, "name"));
            let filling = Filling::Sent(&form, refused.problem());
            Ok(saving(&visit, frame, filling, Some(&id)).await?.again(&refused))
        }
    }
}

pub async fn delete(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let path = format!("auth-sources/{}", plain(&visit, &id)?);
    visit.delete(&path, &form).await?;
    Ok(see_other("/console/wecom?done=deleted"))
}
