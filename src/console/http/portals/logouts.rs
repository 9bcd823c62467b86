//! Whether a portal hears of logouts: the logout tokens on their way to it, and sending one again.

use actix_web::{http::Method, web};
use askama::Template;
use serde::Deserialize;

use super::{
    super::{
        form::{Form, see_other},
        frame::Frame,
        listing::{self, Listing},
        moment::Moment,
        names,
        visit::{Reply, Visit},
    },
    portal::{Head, Tab, framed, plain, portal},
};

#[derive(Deserialize)]
struct Delivery {
    id: String,
    user_id: String,
    reason: String,
    state: String,
    attempts: i32,
    created_at: i64,
    delivered_at: Option<i64>,
    next_at: Option<i64>,
    last_status: Option<i32>,
    last_error: Option<String>,
}

impl Delivery {
    fn may_be_retried(&self) -> bool {
        self.state != "delivered"
    }
}

struct Row {
    delivery: Delivery,
    /// Whose session it was; none: the user is gone.
    who: Option<String>,
    created: Moment,
    delivered: Option<Moment>,
    next: Option<Moment>,
}

#[derive(Template)]
#[template(path = "console/portals/logouts.html")]
struct LogoutsPage {
    frame: Frame,
    head: Head,
    address: String,
    state: String,
    export: String,
    by_end: listing::Head,
    rows: Vec<Row>,
    next: Option<String>,
    done: Option<&'static str>,
}

pub async fn logouts(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    let own = [("client_id", portal.id.as_str())];
    let wanted = visit.passing_with("logout-deliveries", &["state", "sort", "cursor"], &own);
    let page: Listing<Delivery> = visit.get(&wanted).await?;
    let users = page.items.iter().map(|delivery| delivery.user_id.as_str());
    let people = names::people(&visit, users).await;
    let row = |delivery: Delivery| Row {
        who: people.get(&delivery.user_id).cloned(),
        created: visit.moment(delivery.created_at),
        delivered: delivery.delivered_at.map(|at| visit.moment(at)),
        next: delivery.next_at.map(|at| visit.moment(at)),
        delivery,
    };
    Ok(visit.page(&LogoutsPage {
        frame: framed(&visit, &portal, "console-portal-logouts-title"),
        head: Head::of(&portal, Some(Tab::Logouts)),
        address: portal.back_channel().to_owned(),
        state: visit.param("state").unwrap_or_default().to_owned(),
        export: visit.passing(&format!("/console/portals/{}/logouts.csv", portal.id), &["state"]),
        by_end: listing::Head::of(&visit, "-created_at", "-created_at"),
        rows: page.items.into_iter().map(row).collect(),
        next: visit.next(page.next_cursor),
        done: (visit.param("done") == Some("retried")).then_some("console-portal-done-retried"),
    }))
}

/// Exactly what the list shows.
pub async fn export(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    let own = [("client_id", portal.id.as_str())];
    visit
        .download(&visit.passing_with("logout-deliveries.csv", &["state"], &own))
        .await
}

pub async fn retry(visit: Visit, path: web::Path<(String, String)>, _: Form) -> Reply {
    let (id, delivery) = (plain(&visit, &path.0)?, plain(&visit, &path.1)?);
    visit
        .send(Method::POST, &format!("logout-deliveries/{delivery}/retry"), None)
        .await?;
    Ok(see_other(&format!("/console/portals/{id}/logouts?done=retried")))
}
