//! Handlers of *who can sign in*: one person at a portal, everybody at a portal, how many. Needs `web::Data<Gate>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use super::{
    access_query::{AllOf, OnePerson, PageOf},
    authorization::{Caller, OrPortal, Reads},
    export::{CSV, Export, streamed},
    query, reply,
};
use crate::{
    admin::{access_csv, failure::AdminFailure, service::Admin},
    gate::{
        Gate,
        explain::{Question, WhatIf, Who},
    },
    kernel::failure::Result,
    oidc::registration::RegistrationFailure,
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/access-checks").get(explain))
        .service(web::resource("/clients/{id}/access-checks").get(list))
        .service(web::resource("/clients/{id}/access-checks.csv").get(export))
        .service(web::resource("/clients/{id}/access-checks/counts").get(counts));
}

impl OnePerson {
    /// Exactly one of the three ways to name somebody.
    fn who(&self) -> Result<Who> {
        match (self.user_id, self.member_id, self.data_source, &self.userid) {
            (Some(user), None, None, None) => Ok(Who::User(user)),
            (None, Some(member), None, None) => Ok(Who::Member(member)),
            (None, None, Some(data_source), Some(_)) => {
                let userid = query::text("userid", self.userid.as_deref())?
                    .unwrap_or_default()
                    .to_owned();
                Ok(Who::Userid { data_source, userid })
            }
            _ => Err(AdminFailure::Invalid
                .failure()
                .detail("user_id: name one person, by user_id, by member_id, or by data_source and userid")),
        }
    }
}

/// What is asked about a portal, if the caller reaches it.
async fn question<Q>(
    caller: &Caller<OrPortal<Reads>, Q>,
    (admin, client): (&Admin, &str),
    what_if: Option<WhatIf>,
) -> Result<Question> {
    let portal = admin.registrations().client(client).await?.id;
    caller.reaches_portal(portal, RegistrationFailure::NotFound)?;
    Ok(Question { portal, what_if })
}

async fn explain(caller: Caller<OrPortal<Reads>, OnePerson>, admin: web::Data<Admin>, gate: web::Data<Gate>) -> Reply {
    let wanted = &caller.query;
    let (who, (live, what_if)) = (wanted.who()?, wanted.wanted()?);
    let question = question(&caller, (&admin, &wanted.client_id), what_if).await?;
    Ok(reply::ok(&gate.explain(&who, &question, live).await?))
}

async fn list(
    caller: Caller<OrPortal<Reads>, PageOf>,
    admin: web::Data<Admin>,
    gate: web::Data<Gate>,
    id: web::Path<String>,
) -> Reply {
    let wanted = &caller.query;
    let page = query::page(wanted.cursor.as_deref(), wanted.limit.as_deref())?;
    let (filter, what_if) = wanted.wanted()?;
    let question = question(&caller, (&admin, &id), what_if).await?;
    Ok(reply::ok(&gate.access_page(&question, &filter, page).await?))
}

async fn counts(
    caller: Caller<OrPortal<Reads>, AllOf>,
    admin: web::Data<Admin>,
    gate: web::Data<Gate>,
    id: web::Path<String>,
) -> Reply {
    let (filter, what_if) = caller.query.wanted()?;
    let question = question(&caller, (&admin, &id), what_if).await?;
    Ok(reply::ok(&gate.access_counts(&question, &filter).await?))
}

/// Streams everybody wanted.
async fn export(
    caller: Caller<OrPortal<Reads>, AllOf>,
    admin: web::Data<Admin>,
    gate: web::Data<Gate>,
    id: web::Path<String>,
) -> Reply {
    let (filter, what_if) = caller.query.wanted()?;
    let question = question(&caller, (&admin, &id), what_if).await?;
    let file = format!("access-{}.csv", question.portal);
    let export = Export {
        file: &file,
        media: CSV,
        head: access_csv::head(),
    };
    let read = move |page| {
        let (gate, question, filter) = (gate.clone(), question.clone(), filter.clone());
        async move { gate.access_page(&question, &filter, page).await }
    };
    streamed(export, read, access_csv::lines).await
}
