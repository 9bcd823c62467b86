//! A portal's settings.

use askama::Template;
use futures_util::future::join_all;
use serde::Deserialize;

use super::{
    super::{
        coverage::Coverage,
        frame::Frame,
        moment::Moment,
        names::department,
        visit::{Reply, Visit},
    },
    portal::{Head, Portal, Tab, framed, portal},
};
use actix_web::web;

/// Departments, groups and people of whom the name is asked for; of more their number is told.
pub(super) const NAMED: usize = 8;

#[derive(Template)]
#[template(path = "console/portals/view.html")]
struct PortalPage {
    frame: Frame,
    head: Head,
    portal: Portal,
    coverage: Coverage,
    /// Names of the auth sources it accepts; `None`: all.
    sources: Option<Vec<String>>,
    departments: Vec<Named>,
    groups: Vec<Named>,
    users: Vec<Named>,
    created: Moment,
    updated: Moment,
    done: Option<String>,
}

/// Something with an id and a name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Named {
    /// Row id.
    pub(super) id: String,
    /// Name, as far as it has one.
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    username: Option<String>,
    /// WeCom's id, where it is a department.
    #[serde(default)]
    wecom_id: Option<i64>,
}

impl Named {
    /// What it is called.
    pub(super) fn label(&self) -> String {
        let names = [&self.display_name, &self.name, &self.username];
        let name = names.into_iter().flatten().find(|name| !name.is_empty()).cloned();
        name.unwrap_or_else(|| self.id.clone())
    }

    /// A department under the name that it bears everywhere.
    pub(super) fn department(mut self, frame: &Frame) -> Self {
        let told = self.name.take().unwrap_or_default();
        self.name = Some(match self.wecom_id {
            Some(id) => department(frame, &told, id),
            None => told,
        });
        self
    }
}

#[derive(Deserialize)]
pub(super) struct Items {
    /// Entries.
    pub(super) items: Vec<Named>,
}

/// The first of these by their names; one that is gone has its id for a name.
pub(super) async fn names(visit: &Visit, collection: &str, ids: &[String]) -> Vec<Named> {
    let named = ids.iter().take(NAMED).map(|id| async move {
        let found = visit.get::<Named>(&format!("{collection}/{id}")).await;
        found.unwrap_or_else(|_| Named {
            id: id.clone(),
            name: None,
            display_name: None,
            username: None,
            wecom_id: None,
        })
    });
    join_all(named).await
}

pub async fn view(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    let sources: Items = visit.get("auth-sources?limit=200").await?;
    let accepted = portal.auth_sources.as_ref().map(|ids| {
        let name = |id: &String| {
            let known = sources.items.iter().find(|source| source.id == *id);
            known.map_or_else(|| id.clone(), |source| source.label())
        };
        ids.iter().map(name).collect()
    });
    let counted = format!("clients/{}/coverage", portal.id);
    let coverage = Coverage::read(&visit, &counted, ("client", &portal.client_id)).await?;
    let done = visit.param("done").map(|word| format!("console-portal-done-{word}"));
    let frame = framed(&visit, &portal, "console-portal-settings-title");
    let departments = names(&visit, "departments", &portal.allowed_departments).await;
    Ok(visit.page(&PortalPage {
        head: Head::of(&portal, Some(Tab::Settings)),
        sources: accepted,
        coverage,
        departments: departments.into_iter().map(|named| named.department(&frame)).collect(),
        groups: names(&visit, "groups", &portal.allowed_groups).await,
        users: names(&visit, "users", &portal.allowed_users).await,
        created: visit.moment(portal.created_at),
        updated: visit.moment(portal.updated_at),
        done: done.filter(|key| frame.t(key) != *key),
        portal,
        frame,
    }))
}
