//! Who joined after a move, and is a stranger to the service provider's app where that does not know them.

use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::model::{Move, framed, read};
use crate::console::http::{
    frame::Frame,
    listing::Listing,
    visit::{Reply, Visit},
};

#[derive(Deserialize)]
struct Joiner {
    userid: String,
    name: Option<String>,
    user_id: Option<String>,
}

#[derive(Template)]
#[template(path = "console/moves/joined.html")]
struct JoinedPage {
    frame: Frame,
    one: Move,
    rows: Vec<Joiner>,
    next: Option<String>,
}

pub(super) async fn list(visit: Visit, ids: Path<(String, String)>) -> Reply {
    let one = read(&visit, (&ids.0, &ids.1)).await?;
    let path = visit.passing(&one.path("/joined"), &["cursor"]);
    let found: Listing<Joiner> = visit.get(&path).await?;
    Ok(visit.page(&JoinedPage {
        frame: framed(&visit),
        rows: found.items,
        next: visit.next(found.next_cursor),
        one,
    }))
}
