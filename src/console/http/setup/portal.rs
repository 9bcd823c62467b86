//! Where to: a portal, by a recipe or one that is there.

use actix_web::web;
use askama::Template;

use super::{
    state::{State, Step},
    wizard::{Wizard, framed},
};
use crate::console::{
    http::{
        frame::Frame,
        visit::{Reply, Visit},
    },
    recipes::{RECIPES, Recipe},
};

#[derive(Template)]
#[template(path = "console/setup/portal.html")]
struct PortalPage {
    frame: Frame,
    wizard: Wizard,
    state: State,
    recipes: &'static [Recipe],
}

pub(super) async fn page(visit: Visit, source: web::Path<String>) -> Reply {
    let state = State::of(&visit, &source).await?;
    let frame = framed(&visit, Step::Portal);
    Ok(visit.page(&PortalPage {
        wizard: Wizard::new(&frame, Some(&state), Step::Portal),
        frame,
        state,
        recipes: RECIPES,
    }))
}
