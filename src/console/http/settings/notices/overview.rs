//! Channels, subscriptions and the last notices on one page.

use actix_web::{http::Method, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::console::http::{
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    visit::{Reply, Visit},
    wecom::shared::{Brief, Trouble, plain},
};

use super::saving::clock;

/// What of the notices is exported.
const EXPORTED: [&str; 1] = ["state"];

#[derive(Deserialize)]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) name: String,
    enabled: bool,
    host: Option<String>,
    sender: Option<String>,
    url: Option<String>,
    data_source_id: Option<String>,
}

#[derive(Deserialize)]
struct Subscription {
    id: String,
    channel: String,
    address: Option<String>,
    topics: Vec<String>,
    data_source_id: Option<String>,
    quiet_from: Option<i64>,
    quiet_to: Option<i64>,
    digest: String,
}

#[derive(Deserialize)]
struct Notice {
    id: String,
    topic: String,
    title: String,
    title_zh: String,
    deliveries: Vec<Delivery>,
    created_at: i64,
}

#[derive(Deserialize)]
struct Delivery {
    kind: String,
    channel: Option<String>,
    address: Option<String>,
    state: String,
    attempts: i32,
    problem: Option<Trouble>,
    next_at: Option<i64>,
    delivered_at: Option<i64>,
}

struct ChannelRow {
    channel: Channel,
    /// Where it sends, or from where.
    place: String,
}

struct SubscriptionRow {
    subscription: Subscription,
    source: Option<String>,
    quiet: Option<String>,
}

struct NoticeRow {
    notice: Notice,
    at: Moment,
    deliveries: Vec<DeliveryRow>,
    failed: bool,
}

struct DeliveryRow {
    delivery: Delivery,
    /// When it was accepted.
    accepted: Option<Moment>,
    /// When it is tried next.
    next: Option<Moment>,
}

#[derive(Template)]
#[template(path = "console/settings/notices.html")]
struct NoticesPage {
    frame: Frame,
    channels: Vec<ChannelRow>,
    subscriptions: Vec<SubscriptionRow>,
    notices: Vec<NoticeRow>,
    state: String,
    export: String,
    next: Option<String>,
    done: Option<String>,
}

/// Exactly the notices that the page lists.
pub(super) async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("notices.csv", &EXPORTED)).await
}

pub(super) async fn list(visit: Visit) -> Reply {
    let channels: Listing<Channel> = visit.get("notice-channels?limit=200&sort=name").await?;
    let subscriptions: Listing<Subscription> = visit.get("notice-subscriptions?limit=200").await?;
    let sources: Listing<Brief> = visit.get("data-sources?limit=200").await?;
    let wanted = visit.passing_with("notices", &["state", "cursor"], &[("limit", "20")]);
    let notices: Listing<Notice> = visit.get(&wanted).await?;
    let frame = visit.frame("console-notices-title", Some(Section::Settings));
    let named = |id: Option<&String>| {
        let found = sources.items.iter().find(|source| Some(&source.id) == id);
        found.map(|source| source.name.clone())
    };
    let done = visit.param("done").map(|word| frame.word("console-notices-done", word));
    Ok(visit.page(&NoticesPage {
        channels: channels
            .items
            .into_iter()
            .map(|channel| ChannelRow {
                place: match (&channel.host, &channel.url) {
                    (Some(host), _) => format!("{} · {host}", channel.sender.as_deref().unwrap_or_default()),
                    (None, Some(url)) => url.clone(),
                    (None, None) => named(channel.data_source_id.as_ref()).unwrap_or_default(),
                },
                channel,
            })
            .collect(),
        subscriptions: subscriptions
            .items
            .into_iter()
            .map(|subscription| SubscriptionRow {
                source: named(subscription.data_source_id.as_ref()),
                quiet: subscription
                    .quiet_from
                    .zip(subscription.quiet_to)
                    .map(|(from, to)| format!("{}–{}", clock(from), clock(to))),
                subscription,
            })
            .collect(),
        notices: notices.items.into_iter().map(|notice| row(&visit, notice)).collect(),
        state: visit.param("state").unwrap_or_default().to_owned(),
        export: visit.passing("/console/settings/notices.csv", &EXPORTED),
        next: visit.next(notices.next_cursor),
        done,
        frame,
    }))
}

fn row(visit: &Visit, mut notice: Notice) -> NoticeRow {
    let deliveries = std::mem::take(&mut notice.deliveries);
    NoticeRow {
        at: visit.moment(notice.created_at),
        failed: deliveries
            .iter()
            .any(|delivery| matches!(delivery.state.as_str(), "failed" | "abandoned")),
        deliveries: deliveries
            .into_iter()
            .map(|delivery| DeliveryRow {
                accepted: delivery.delivered_at.map(|at| visit.moment(at)),
                next: delivery.next_at.map(|at| visit.moment(at)),
                delivery,
            })
            .collect(),
        notice,
    }
}

pub(super) async fn resend(visit: Visit, id: web::Path<String>, _: Form) -> Reply {
    let path = format!("notices/{}/resend", plain(&visit, &id)?);
    visit.send(Method::POST, &path, Some(&json!({}))).await?;
    Ok(see_other("/console/settings/notices?done=resent"))
}
