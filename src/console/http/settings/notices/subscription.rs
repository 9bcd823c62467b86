//! A subscription: new, changed, deleted.

use actix_web::{http::Method, web};
use serde_json::{Value, json};

use crate::console::http::{
    field::{self, Filling, Kind, Spec, field, needed},
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    refused::Refused,
    visit::{Reply, Visit},
    wecom::shared::{choose, choose_source, plain},
};

use super::{
    overview::Channel,
    saving::{Saving, framed, with_clocks, with_minutes},
};

const PREFIX: &str = "console-notice-subscription";

/// What somebody can be told of.
const TOPICS: &[&str] = &[
    "access_requested",
    "access_approved",
    "access_refused",
    "access_request_expired",
    "access_request_closed",
    "access_ending",
    "alert",
];

/// Its channel stays once it is made.
const CHANNEL: Spec = needed("channel_id", Kind::Line);
const SPECS: [Spec; 8] = [
    field("address", Kind::Line),
    field("topics", Kind::Ticks(TOPICS)),
    field("data_source_id", Kind::Line),
    field("language", Kind::Choice(&["zh-CN", "en"])),
    field("digest", Kind::Choice(&["none", "hourly", "daily"])),
    field("quiet_from", Kind::Line),
    field("quiet_to", Kind::Line),
    field("utc_offset", Kind::Number),
];

async fn saving(visit: &Visit, frame: Frame, filling: Filling<'_>, id: Option<&str>) -> Result<Saving, Refused> {
    let mut specs = SPECS.to_vec();
    if id.is_none() {
        specs.insert(0, CHANNEL);
    }
    let mut fields = field::fields(&frame, PREFIX, &specs, filling);
    choose_source(visit, &frame, &mut fields, Some("console-notice-subscription-all")).await?;
    if id.is_none() {
        let channels: Listing<Channel> = visit.get("notice-channels?limit=200&sort=name").await?;
        let entry = |channel: Channel| {
            let kind = frame.word("console-notice-kind", &channel.kind);
            (channel.id, format!("{} · {kind}", channel.name))
        };
        let entries: Vec<(String, String)> = channels.items.into_iter().map(entry).collect();
        choose(&mut fields, "channel_id", entries.into_iter());
    }
    let here = "/console/settings/notices/subscriptions";
    Ok(Saving {
        fields,
        version: filling.version(),
        action: format!("{here}/{}", id.unwrap_or("new")),
        delete: id.map(|id| format!("{here}/{id}/delete")).unwrap_or_default(),
        effect: "console-notice-subscription-delete-effect",
        test: None,
        made: None,
        frame,
    })
}

fn titled(visit: &Visit, key: &str) -> Frame {
    let title = framed(visit, "").t(key);
    framed(visit, &title)
}

pub(super) async fn new(visit: Visit) -> Reply {
    let first = json!({
        "channel_id": visit.param("channel"),
        "topics": ["access_requested", "alert"],
        "language": visit.lang.tag(),
        "digest": "none",
        "utc_offset": 480,
    });
    let frame = titled(&visit, "console-notice-subscription-new");
    let saving = saving(&visit, frame, Filling::Stored(&first), None).await?;
    Ok(saving.shown(&visit))
}

pub(super) async fn create(visit: Visit, form: Form) -> Reply {
    let mut specs = SPECS.to_vec();
    specs.insert(0, CHANNEL);
    let body = with_minutes(field::body(&form, &specs));
    match visit.make_once(&form, "notice-subscriptions", Some(&body)).await {
        Ok(_) => Ok(see_other("/console/settings/notices?done=saved")),
        Err(refused) => {
            let frame = titled(&visit, "console-notice-subscription-new");
            let filling = Filling::Sent(&form, refused.problem());
            Ok(saving(&visit, frame, filling, None).await?.again(&refused))
        }
    }
}

async fn stored(visit: &Visit, id: &str) -> Result<(Value, String), Refused> {
    let path = format!("notice-subscriptions/{}", plain(visit, id)?);
    let answer = visit.send(Method::GET, &path, None).await?;
    let subscription: Value = visit.read(&answer)?;
    Ok((with_clocks(subscription), answer.tag.unwrap_or_default()))
}

pub(super) async fn edit(visit: Visit, id: web::Path<String>) -> Reply {
    let (subscription, version) = stored(&visit, &id).await?;
    let frame = titled(&visit, "console-notice-subscription-title");
    let saving = saving(&visit, frame, Filling::Stored(&subscription), Some(&id)).await?;
    Ok(Saving { version, ..saving }.shown(&visit))
}

pub(super) async fn change(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let (subscription, _) = stored(&visit, &id).await?;
    let patch = with_minutes(field::change(&form, &SPECS, &subscription));
    let path = format!("notice-subscriptions/{}", plain(&visit, &id)?);
    let changed = visit.call((Method::PATCH, &path), Some(&patch), form.get("version"));
    match changed.await {
        Ok(_) => Ok(see_other("/console/settings/notices?done=saved")),
        Err(refused) => {
            let frame = titled(&visit, "console-notice-subscription-title");
            let filling = Filling::Sent(&form, refused.problem());
            Ok(saving(&visit, frame, filling, Some(&id)).await?.again(&refused))
        }
    }
}

pub(super) async fn delete(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let path = format!("notice-subscriptions/{}", plain(&visit, &id)?);
    visit.delete(&path, &form).await?;
    Ok(see_other("/console/settings/notices?done=deleted"))
}
