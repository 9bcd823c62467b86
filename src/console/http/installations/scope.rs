//! The employees and departments that a company authorised, as organisation: seen only by whoever proved, by a scan with WeCom of that company, that they are one of its
//! members (product.md §3 S3.3). Everybody else sees how many they are.

use actix_web::web::{Data, Path};
use askama::Template;
use uuid::Uuid;

use super::{
    model::Line,
    one::{framed, read},
};
use crate::{
    console::http::{
        frame::Frame,
        named::{Named, Names},
        people::members::{Organisation, organisation},
        visit::{Reply, Visit},
    },
    directory::name_proof::NameProofs,
};

#[derive(Template)]
#[template(path = "console/installations/scope.html")]
struct ScopePage {
    frame: Frame,
    line: Line,
    /// This page, to which the scan leads back.
    here: String,
    /// `None`: nobody scanned in this session.
    organisation: Option<Organisation>,
}

pub(super) async fn show(visit: Visit, proofs: Data<NameProofs>, id: Path<String>) -> Reply {
    let line = read(&visit, &id).await?;
    let standing = proofs.standing(visit.operator.session).await;
    let standing = standing.map_err(|failure| visit.failed(&failure))?;
    let source = line
        .one
        .data_source_id
        .as_deref()
        .filter(|_| line.one.status == "bound");
    let proven = source.filter(|source| {
        source
            .parse::<Uuid>()
            .is_ok_and(|source| standing.contains_key(&source))
    });
    let frame = framed(&visit, &line);
    let organisation = match proven {
        Some(source) => {
            let only = Named {
                id: source.to_owned(),
                name: line.one.name().to_owned(),
            };
            let sources = Names { items: vec![only] };
            let filters: &[&str] = &["department", "sort", "cursor"];
            Some(organisation((&visit, &frame), (filters, Some(source)), (&sources, Vec::new())).await?)
        }
        None => None,
    };
    Ok(visit.page(&ScopePage {
        frame,
        here: format!("/console/installations/{}/scope", line.one.id),
        organisation,
        line,
    }))
}
