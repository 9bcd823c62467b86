//! Name, colour, logo and contact of the pages that everybody sees, and what a company has of its own in their place. How they look is shown beside the
//! form ([`preview`](super::branding_preview)).

use actix_web::{
    HttpResponse,
    http::{
        Method,
        header::{CONTENT_SECURITY_POLICY, HeaderValue},
    },
    web::Path,
};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::branding_preview::address;
use crate::console::http::{
    form::{Form, see_other},
    frame::{Frame, POLICY, Section},
    listing::Listing,
    refused::{Problem, Refused},
    upload::Upload,
    visit::{Reply, Visit},
};

/// The fields of the form.
const FIELDS: [&str; 5] = ["name_zh", "name", "accent", "contact_zh", "contact"];
/// Page of the installation's.
const PLACE: &str = "/console/settings/branding";

/// Whose branding a page shows.
enum Whose {
    /// The installation's.
    Installation,
    /// That of the company of this data source: id and name.
    Company(Uuid, String),
}

impl Whose {
    /// The company of a data source.
    async fn company(visit: &Visit, source: Uuid) -> Result<Self, Refused> {
        let source: Source = visit.get(&format!("data-sources/{source}")).await?;
        Ok(Self::Company(source.id, source.name))
    }

    /// What the admin API calls it.
    fn resource(&self) -> String {
        match self {
            Self::Installation => "branding".to_owned(),
            Self::Company(source, _) => format!("data-sources/{source}/branding"),
        }
    }

    /// Its page.
    fn page(&self) -> String {
        match self {
            Self::Installation => PLACE.to_owned(),
            Self::Company(source, _) => format!("{PLACE}/companies/{source}"),
        }
    }

    /// The data source.
    fn source(&self) -> Option<Uuid> {
        match self {
            Self::Installation => None,
            Self::Company(source, _) => Some(*source),
        }
    }
}

#[derive(Deserialize)]
struct Source {
    id: Uuid,
    name: String,
}

/// A company that has some of its own.
#[derive(Deserialize)]
struct Company {
    data_source_id: String,
    data_source_name: String,
    branding: Branding,
}

#[derive(Template)]
#[template(path = "console/settings/branding.html")]
struct BrandingPage {
    frame: Frame,
    /// Its own address.
    place: String,
    /// Name of the data source, where it is the page of a company.
    company: Option<String>,
    /// Row id of it.
    source: Option<Uuid>,
    branding: Branding,
    /// Entity tag of what the form was filled with.
    version: String,
    problem: Option<Problem>,
    /// Whether it is the logo that was refused.
    of_logo: bool,
    /// What is shown is typed, and not saved.
    tried: bool,
    /// Frames with the pages as they would look: which, and its address.
    previews: Vec<(&'static str, String)>,
    companies: Vec<Company>,
    next: Option<String>,
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
        self.branding.field(field).unwrap_or_default()
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

impl Branding {
    /// As it was typed, with the logo that stands.
    fn typed(form: &Form, logo: Option<Logo>) -> Self {
        let text = |name| form.get(name).map(str::to_owned);
        Self {
            name: text("name"),
            name_zh: text("name_zh"),
            accent: text("accent"),
            contact: text("contact"),
            contact_zh: text("contact_zh"),
            logo,
        }
    }

    /// The value of a field of the form.
    fn field(&self, field: &str) -> Option<&str> {
        let value = match field {
            "name_zh" => &self.name_zh,
            "name" => &self.name,
            "accent" => &self.accent,
            "contact_zh" => &self.contact_zh,
            _ => &self.contact,
        };
        value.as_deref()
    }

    /// What it is called in the list.
    fn called(&self) -> &str {
        let name = self.name_zh.as_deref().or(self.name.as_deref());
        name.unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Logo {
    url: String,
    width: u64,
    height: u64,
    bytes: u64,
    media_type: String,
}

async fn stored(visit: &Visit, whose: &Whose) -> Result<(Branding, String), Refused> {
    visit.versioned(&whose.resource()).await
}

/// The page with this branding in its form.
async fn page(
    visit: &Visit,
    whose: &Whose,
    (branding, version): (Branding, String),
    (problem, of_logo): (Option<Problem>, bool),
) -> Result<BrandingPage, Refused> {
    let companies = match whose {
        Whose::Installation => visit.get(&visit.passing("branding/companies", &["cursor"])).await?,
        Whose::Company(..) => Listing::default(),
    };
    let company = match whose {
        Whose::Installation => None,
        Whose::Company(_, name) => Some(name.clone()),
    };
    let named = |name: &&'static str| Some((*name, branding.field(name)?));
    let fields: Vec<_> = FIELDS.iter().filter_map(named).collect();
    let previews = ["login", "refusal"].map(|page| (page, address(visit, whose.source(), &fields, page)));
    Ok(BrandingPage {
        frame: visit.frame("console-branding-title", Some(Section::Settings)),
        place: whose.page(),
        company,
        source: whose.source(),
        branding,
        version,
        problem,
        of_logo,
        tried: false,
        previews: previews.to_vec(),
        companies: companies.items,
        next: visit.next(companies.next_cursor),
    })
}

/// Lets the page show the previews, which are pages of ours, in frames.
fn with_frames(mut response: HttpResponse) -> HttpResponse {
    if let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}; frame-src 'self'")) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn shown(visit: &Visit, whose: &Whose) -> Reply {
    let stored = stored(visit, whose).await?;
    let page = page(visit, whose, stored, (None, false)).await?;
    Ok(with_frames(visit.page(&page)))
}

async fn again(
    visit: &Visit,
    whose: &Whose,
    stored: (Branding, String),
    (refused, of_logo): (&Refused, bool),
) -> Reply {
    let problem = Some(refused.problem().clone());
    let page = page(visit, whose, stored, (problem, of_logo)).await?;
    Ok(with_frames(refused.on(&page)))
}

async fn saved(visit: &Visit, whose: &Whose, form: &Form) -> Reply {
    let body = serde_json::Value::Object(form.object(&FIELDS));
    let resource = whose.resource();
    let changed = visit.call((Method::PATCH, &resource), Some(&body), form.get("version"));
    match changed.await {
        Ok(_) => Ok(see_other(&format!("{}?done=saved", whose.page()))),
        Err(refused) => {
            let typed = typed(visit, whose, form).await?;
            again(visit, whose, typed, (&refused, false)).await
        }
    }
}

/// What the form has, in the place of what stands.
async fn typed(visit: &Visit, whose: &Whose, form: &Form) -> Result<(Branding, String), Refused> {
    let (stands, _) = stored(visit, whose).await?;
    let version = form.get("version").unwrap_or_default().to_owned();
    Ok((Branding::typed(form, stands.logo), version))
}

/// The page with what was typed, and the previews of it; nothing is saved.
async fn tried(visit: &Visit, whose: &Whose, form: &Form) -> Reply {
    let typed = typed(visit, whose, form).await?;
    let page = BrandingPage {
        tried: true,
        ..page(visit, whose, typed, (None, false)).await?
    };
    Ok(with_frames(visit.page(&page)))
}

async fn uploaded(visit: &Visit, whose: &Whose, file: &Upload) -> Reply {
    match visit.put_file(&format!("{}/logo", whose.resource()), file).await {
        Ok(_) => Ok(see_other(&format!("{}?done=logo", whose.page()))),
        Err(refused) => again(visit, whose, stored(visit, whose).await?, (&refused, true)).await,
    }
}

pub(super) async fn form(visit: Visit) -> Reply {
    shown(&visit, &Whose::Installation).await
}

pub(super) async fn save(visit: Visit, form: Form) -> Reply {
    saved(&visit, &Whose::Installation, &form).await
}

pub(super) async fn try_out(visit: Visit, form: Form) -> Reply {
    tried(&visit, &Whose::Installation, &form).await
}

pub(super) async fn logo(visit: Visit, file: Upload) -> Reply {
    uploaded(&visit, &Whose::Installation, &file).await
}

pub(super) async fn remove_logo(visit: Visit, form: Form) -> Reply {
    visit.delete("branding/logo", &form).await?;
    Ok(see_other(&format!("{PLACE}?done=no-logo")))
}

pub(super) async fn company_form(visit: Visit, source: Path<Uuid>) -> Reply {
    shown(&visit, &Whose::company(&visit, *source).await?).await
}

pub(super) async fn company_save(visit: Visit, source: Path<Uuid>, form: Form) -> Reply {
    saved(&visit, &Whose::company(&visit, *source).await?, &form).await
}

pub(super) async fn company_try_out(visit: Visit, source: Path<Uuid>, form: Form) -> Reply {
    tried(&visit, &Whose::company(&visit, *source).await?, &form).await
}

pub(super) async fn company_logo(visit: Visit, source: Path<Uuid>, file: Upload) -> Reply {
    uploaded(&visit, &Whose::company(&visit, *source).await?, &file).await
}

pub(super) async fn company_remove_logo(visit: Visit, source: Path<Uuid>, form: Form) -> Reply {
    let resource = format!("data-sources/{source}/branding/logo");
    visit.delete(&resource, &form).await?;
    Ok(see_other(&format!("{PLACE}/companies/{source}?done=no-logo")))
}

pub(super) async fn company_remove(visit: Visit, source: Path<Uuid>, form: Form) -> Reply {
    visit.delete(&format!("data-sources/{source}/branding"), &form).await?;
    Ok(see_other(&format!("{PLACE}/companies/{source}?done=removed")))
}
