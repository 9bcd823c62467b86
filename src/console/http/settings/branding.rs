//! Name, colour, logo and contact of the pages that everybody sees.

use actix_web::http::Method;
use askama::Template;
use serde::Deserialize;

use crate::console::http::{
    form::{Form, see_other},
    frame::{Frame, Section},
    refused::{Problem, Refused},
    upload::Upload,
    visit::{Reply, Visit},
};

/// The fields of the form.
const FIELDS: [&str; 5] = ["name_zh", "name", "accent", "contact_zh", "contact"];

#[derive(Template)]
#[template(path = "console/settings/branding.html")]
struct BrandingPage {
    frame: Frame,
    branding: Branding,
    /// Entity tag of what the form was filled with.
    version: String,
    problem: Option<Problem>,
    /// Whether it is the logo that was refused.
    of_logo: bool,
}

impl BrandingPage {
    /// What is wrong with a field, in the page's language.
    fn fault(&self, field: &str) -> Option<String> {
        let problem = self.problem.as_ref().filter(|_| !self.of_logo)?;
        let told = |zh: &str, en: &str, detail: &str| format!("{} {detail}", self.frame.pick(zh, en));
        if let Some(fault) = problem.fault(field) {
            return Some(told(&fault.title_zh, &fault.title, &fault.detail));
        }
        // A single fault is told in the detail, behind the field's name.
        let seen = problem.detail.as_deref()?.strip_prefix(field)?.strip_prefix(": ")?;
        Some(told(&problem.title_zh, &problem.title, seen))
    }

    fn value(&self, field: &str) -> &str {
        let branding = &self.branding;
        let value = match field {
            "name_zh" => &branding.name_zh,
            "name" => &branding.name,
            "accent" => &branding.accent,
            "contact_zh" => &branding.contact_zh,
            _ => &branding.contact,
        };
        value.as_deref().unwrap_or_default()
    }
}

#[derive(Default, Deserialize)]
struct Branding {
    name: Option<String>,
    name_zh: Option<String>,
    accent: Option<String>,
    contact: Option<String>,
    contact_zh: Option<String>,
    logo: Option<Logo>,
}

#[derive(Deserialize)]
struct Logo {
    url: String,
    width: u64,
    height: u64,
    bytes: u64,
    media_type: String,
}

async fn stored(visit: &Visit) -> Result<(Branding, String), Refused> {
    let answer = visit.send(Method::GET, "branding", None).await?;
    Ok((visit.read(&answer)?, answer.tag.unwrap_or_default()))
}

pub(super) async fn form(visit: Visit) -> Reply {
    let (branding, version) = stored(&visit).await?;
    Ok(visit.page(&BrandingPage {
        frame: visit.frame("console-branding-title", Some(Section::Settings)),
        branding,
        version,
        problem: None,
        of_logo: false,
    }))
}

pub(super) async fn save(visit: Visit, form: Form) -> Reply {
    let body = serde_json::Value::Object(form.object(&FIELDS));
    let changed = visit.call((Method::PATCH, "branding"), Some(&body), form.get("version"));
    match changed.await {
        Ok(_) => Ok(see_other("/console/settings/branding")),
        Err(refused) => {
            let (stored, _) = stored(&visit).await?;
            let text = |name| form.get(name).map(str::to_owned);
            let typed = Branding {
                name: text("name"),
                name_zh: text("name_zh"),
                accent: text("accent"),
                contact: text("contact"),
                contact_zh: text("contact_zh"),
                logo: stored.logo,
            };
            let version = form.get("version").unwrap_or_default().to_owned();
            Ok(again(&visit, (typed, version), &refused, false))
        }
    }
}

fn again(
    visit: &Visit,
    (branding, version): (Branding, String),
    refused: &Refused,
    of_logo: bool,
) -> actix_web::HttpResponse {
    let page = BrandingPage {
        frame: visit.frame("console-branding-title", Some(Section::Settings)),
        branding,
        version,
        problem: Some(refused.problem().clone()),
        of_logo,
    };
    refused.on(&page)
}

pub(super) async fn logo(visit: Visit, file: Upload) -> Reply {
    match visit.put_file("branding/logo", &file).await {
        Ok(_) => Ok(see_other("/console/settings/branding")),
        Err(refused) => Ok(again(&visit, stored(&visit).await?, &refused, true)),
    }
}

pub(super) async fn remove_logo(visit: Visit, form: Form) -> Reply {
    visit.delete("branding/logo", &form).await?;
    Ok(see_other("/console/settings/branding"))
}
