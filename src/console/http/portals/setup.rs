//! What is to be entered at the other side, with this deployment's values.

use actix_web::web;
use askama::Template;

use super::{
    super::{
        frame::Frame,
        names,
        refused::Refused,
        visit::{Reply, Visit},
    },
    portal::{Head, Tab, framed, missing, portal},
};
use crate::console::recipes::{self, RECIPES, Recipe, Values};

/// What stands for a secret that is not shown.
const HIDDEN: &str = "…";

/// A block of settings, filled.
pub(super) struct Filled {
    /// Where it belongs.
    pub(super) place: &'static str,
    /// The settings.
    pub(super) text: String,
}

/// The blocks of a recipe, filled.
pub(super) fn blocks(recipe: &Recipe, values: &Values<'_>) -> Vec<Filled> {
    let fill = |block: &recipes::Block| Filled {
        place: block.place,
        text: values.fill(block.text),
    };
    recipe.blocks.iter().map(fill).collect()
}

/// This deployment's address, which is the issuer.
pub(super) async fn issuer(visit: &Visit) -> Result<String, Refused> {
    let setting = names::setting(visit, "server.public_url").await?;
    let address = setting.and_then(|value| value.as_str().map(str::to_owned));
    Ok(address.unwrap_or_default())
}

#[derive(Template)]
#[template(path = "console/portals/setup.html")]
struct SetupPage {
    frame: Frame,
    head: Head,
    recipes: &'static [Recipe],
    recipe: &'static Recipe,
    blocks: Vec<Filled>,
    issuer: String,
    secret: bool,
}

pub async fn setup(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    let issuer = issuer(&visit).await?;
    let chosen = visit.param("recipe").and_then(recipes::recipe);
    let recipe = chosen
        .or_else(|| recipes::recipe(portal.of_metadata("recipe")))
        .or_else(|| recipes::resembling(&portal.redirect_uris, portal.auth_method != "none"));
    let recipe = recipe.ok_or_else(|| visit.failed(&missing()))?;
    let origin = || {
        let url = url::Url::parse(portal.redirect_uris.first()?).ok()?;
        Some(url.origin().ascii_serialization())
    };
    let address = recipe
        .address(&portal.redirect_uris)
        .or_else(origin)
        .unwrap_or_default();
    let values = Values {
        issuer: &issuer,
        address: &address,
        client_id: &portal.client_id,
        client_secret: HIDDEN,
        random: HIDDEN,
    };
    Ok(visit.page(&SetupPage {
        frame: framed(&visit, &portal, "console-portal-tab-setup"),
        head: Head::of(&portal, Some(Tab::Setup)),
        recipes: RECIPES,
        blocks: blocks(recipe, &values),
        recipe,
        issuer,
        secret: portal.client_secret_set,
    }))
}
