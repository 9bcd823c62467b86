//! What data sources, auth sources, WeCom apps and suites say is wrong with them: secrets, IPs, domains, scopes, corp IDs, announcements.

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        report::{Finding, Looked},
        surroundings::Server,
    },
    kernel::failure::Result,
};

pub const CHECK: Check = Check {
    name: "wecom",
    about: "data sources, auth sources, WeCom apps and suites",
    rests_on: &["database", "migrations", "ephemeral"],
    look: Of::Server(|_, server| look(server).boxed()),
};

async fn look(server: &Server) -> Result<Looked> {
    let troubled = server.directory.troubled().await?;
    let findings: Vec<Finding> = troubled
        .iter()
        .flat_map(|resource| {
            let place = format!("{}/{} {}", resource.collection, resource.id, resource.name);
            let problems = resource.problems.iter();
            problems.map(move |problem| {
                let found = Finding::taken_over(problem, place.trim_end());
                let page = match resource.collection {
                    "data-sources" => format!("/console/wecom/{}", resource.id),
                    "suites" => format!("/console/suites/{}", resource.id),
                    "auth-sources" => format!("/console/wecom/auth-sources/{}", resource.id),
                    _ => format!("/console/wecom/apps/{}", resource.id),
                };
                let own = format!("{}/{}", resource.collection, resource.id);
                Finding {
                    resource: Some(own),
                    ..found.of_source(resource.data_source).mended_on(page)
                }
            })
        })
        .collect();
    let seen = match findings.len() {
        0 => "none has a problem".to_owned(),
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    Ok(Looked::with(seen, findings))
}
