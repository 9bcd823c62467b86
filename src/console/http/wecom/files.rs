//! Files by which WeCom verifies that a domain is ours: pasted, served at once, removed when they did their work.

use actix_web::{http::Method, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{
    super::{
        ask::Ask,
        field::{self, Field, Filling, Kind, Spec, needed},
        form::{Form, see_other},
        frame::{Frame, Section},
        listing::Listing,
        moment::Moment,
        refused::{FieldFault, Problem, Refused},
        visit::{Reply, Visit},
    },
    shared::{done, plain},
};

pub(in crate::console::http) const SPECS: [Spec; 2] = [needed("name", Kind::Line), needed("content", Kind::Line)];

#[derive(Deserialize)]
pub(in crate::console::http) struct File {
    pub(in crate::console::http) id: String,
    pub(in crate::console::http) name: String,
    pub(in crate::console::http) path: String,
    content: String,
    pub(in crate::console::http) updated_at: i64,
}

struct Row {
    file: File,
    at: Moment,
}

#[derive(Template)]
#[template(path = "console/wecom/files.html")]
struct FilesPage<'a> {
    frame: Frame,
    rows: Vec<Row>,
    next: Option<String>,
    fields: Vec<Field>,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
    done: Option<String>,
}

async fn page<'a>(visit: &Visit, sent: Option<(&Form, &'a Problem)>) -> Result<FilesPage<'a>, Refused> {
    let files: Listing<File> = visit.get(&visit.passing("verification-files", &["cursor"])).await?;
    let frame = visit.frame("console-files-title", Some(Section::WeCom));
    let empty = json!({});
    let filling = sent.map_or(Filling::Stored(&empty), |(form, problem)| Filling::Sent(form, problem));
    let fields = field::fields(&frame, "console-file", &SPECS, filling);
    let problem = sent.map(|(_, problem)| problem);
    let row = |file: File| Row {
        at: visit.moment(file.updated_at),
        file,
    };
    Ok(FilesPage {
        done: done(visit, &frame),
        rows: files.items.into_iter().map(row).collect(),
        next: visit.next(files.next_cursor),
        others: problem
            .map(|problem| field::others(problem, &fields))
            .unwrap_or_default(),
        fields,
        problem,
        frame,
    })
}

pub async fn list(visit: Visit) -> Reply {
    Ok(visit.page(&page(&visit, None).await?))
}

pub async fn create(visit: Visit, form: Form) -> Reply {
    let body = field::body(&form, &SPECS);
    match visit.send(Method::POST, "verification-files", Some(&body)).await {
        Ok(_) => Ok(see_other("/console/wecom/files?done=file")),
        Err(refused) => {
            let page = page(&visit, Some((&form, refused.problem()))).await?;
            Ok(refused.on(&page))
        }
    }
}

/// The fields of the form, with what would be wrong with them if it were sent; none where nothing would.
pub(in crate::console::http) async fn judged(visit: &Visit, form: &Form) -> Vec<Field> {
    let (name, content) = (form.get("name"), form.get("content"));
    let body = json!({ "name": name.unwrap_or_default(), "content": content.unwrap_or_default() });
    let path = "verification-files?dry_run=true";
    let judged = visit.send(Method::POST, path, Some(&body)).await;
    let frame = visit.frame("console-files-title", None);
    judged.err().map_or_else(Vec::new, |refused| {
        field::fields(&frame, "console-file", &SPECS, Filling::Sent(form, refused.problem()))
    })
}

/// Says what goes, before it goes.
pub async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    let file: File = visit
        .get(&format!("verification-files/{}", plain(&visit, &id)?))
        .await?;
    let frame = visit.frame("console-files-title", Some(Section::WeCom));
    visit.ask(Ask {
        section: Section::WeCom,
        title: "console-file-delete",
        what: file.name,
        effects: vec![frame.t("console-file-delete-effect")],
        action: format!("/console/wecom/files/{}/delete", file.id),
        fields: Vec::new(),
        button: "console-delete",
        back: ("/console/wecom/files".to_owned(), frame.title().to_owned()),
        user: None,
    })
}

pub async fn delete(visit: Visit, id: web::Path<String>, _: Form) -> Reply {
    let path = format!("verification-files/{}", plain(&visit, &id)?);
    visit.send(Method::DELETE, &path, None).await?;
    Ok(see_other("/console/wecom/files?done=deleted"))
}
