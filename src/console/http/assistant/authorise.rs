//! The contacts, and the external contacts: a secret that is tried at once; then URL, Token and EncodingAESKey, shown this once; and beside them
//! what arrives.

use actix_web::{http::Method, web};
use askama::Template;

use super::{
    covered::{covered, live_of_suite},
    guide::{Guide, Step},
};
use crate::{
    console::http::{
        field::{self, Filling, Kind, Spec, field},
        form::{Form, see_other},
        frame::Frame,
        refused::Refused,
        setup::{
            callbacks::{Watched, issued, watched},
            corp::PREFIX,
            credentials::{Asked, Refusal},
            wizard::Wizard,
        },
        visit::{Reply, Visit},
        wecom::{saving, source::Issued},
    },
    web::failure::WebFailure,
};

#[derive(Template)]
#[template(path = "console/assistant/authorise.html")]
struct AuthorisePage<'a> {
    frame: &'a Frame,
    wizard: &'a Wizard,
    asked: &'a Asked,
    refusal: Refusal<'a>,
    /// Whether the secret is stored.
    has_secret: bool,
    /// Whether WeCom takes it.
    accepted: bool,
    owner: &'static str,
    rows: Vec<Watched>,
    issued: Option<Issued>,
    action: String,
}

#[derive(Template)]
#[template(path = "console/assistant/live.html")]
struct LivePage {
    frame: Frame,
    wizard: Wizard,
    rows: Vec<Watched>,
}

/// A step that takes a secret.
#[derive(Clone, Copy)]
struct Authorising {
    step: Step,
    /// The API's word for the credential and the callback.
    owner: &'static str,
    specs: &'static [Spec],
}

const CONTACTS: &[Spec] = &[field("contacts_secret", Kind::Secret)];
const CUSTOMERS: &[Spec] = &[field("customer_secret", Kind::Secret)];

impl Authorising {
    fn of(visit: &Visit, word: &str) -> Result<Self, Refused> {
        let step = Step::of(word);
        let found = step.and_then(|step| Some((step, step.owner()?)));
        let (step, owner) = found.ok_or_else(|| visit.failed(&WebFailure::NotFound.failure()))?;
        Ok(Self {
            step,
            owner,
            specs: if step == Step::Contacts { CONTACTS } else { CUSTOMERS },
        })
    }

    fn asked(self, visit: &Visit, guide: &Guide, filling: Filling<'_>) -> Asked {
        let frame = self.step.framed(visit);
        Asked {
            wizard: guide.wizard(&frame, self.step),
            action: guide.address(self.step),
            form: "corp",
            source: guide.source.id.clone(),
            version: filling.version(),
            fields: field::fields(&frame, PREFIX, self.specs, filling),
            notes: Vec::new(),
            other: None,
            looks: guide.has_secret(self.step),
            frame,
        }
    }

    fn page<'a>(
        self,
        (visit, guide): (&Visit, Guide),
        (asked, refused): (&'a Asked, Option<&'a Refused>),
        issued: Option<Issued>,
    ) -> AuthorisePage<'a> {
        let has_secret = guide.has_secret(self.step);
        AuthorisePage {
            frame: &asked.frame,
            wizard: &asked.wizard,
            asked,
            refusal: asked.refusal(refused),
            has_secret,
            accepted: has_secret && guide.problems(self.step).next().is_none(),
            owner: self.owner,
            action: guide.address(self.step),
            rows: watched(visit, guide.callbacks, [self.owner]),
            issued,
        }
    }

    async fn shown(self, visit: &Visit, source: &str, issued: Option<Issued>) -> Reply {
        let guide = Guide::of(visit, source).await?;
        if guide.suite.is_some() {
            return covered(visit, &guide, self.step);
        }
        let asked = self.asked(visit, &guide, Filling::Stored(&guide.stored));
        let asked = Asked {
            version: guide.version.clone(),
            ..asked
        };
        let field_of: fn(&str) -> &'static str = match self.step {
            Step::Contacts => |_: &str| "contacts_secret",
            _ => |_: &str| "customer_secret",
        };
        let asked = asked.judged(guide.problems(self.step), field_of);
        Ok(visit.page(&self.page((visit, guide), (&asked, None), issued)))
    }
}

pub(super) async fn page(visit: Visit, path: web::Path<(String, String)>) -> Reply {
    let (source, step) = path.into_inner();
    Authorising::of(&visit, &step)?.shown(&visit, &source, None).await
}

/// Saves the secret, and makes the callback with it, where there is none yet.
pub(super) async fn save(visit: Visit, path: web::Path<(String, String)>, form: Form) -> Reply {
    let (source, step) = path.into_inner();
    let authorising = Authorising::of(&visit, &step)?;
    let guide = Guide::of(&visit, &source).await?;
    if guide.suite.is_some() {
        return Ok(see_other(&guide.address(authorising.step)));
    }
    let patch = saving::body(&form, field::change(&form, authorising.specs, &guide.stored));
    let path = format!("data-sources/{}", guide.source.id);
    match visit
        .call((Method::PATCH, &path), Some(&patch), form.get("version"))
        .await
    {
        Ok(_) => {
            let after = Guide::of(&visit, &source).await?;
            let makes = after.has_secret(authorising.step) && after.callback(authorising.step).is_none();
            let issued = match makes {
                true => Some(issued(&visit, &source, &form.or("owner", authorising.owner)).await?),
                false => None,
            };
            authorising.shown(&visit, &source, issued).await
        }
        Err(refused) => {
            let asked = authorising.asked(&visit, &guide, Filling::Sent(&form, refused.problem()));
            let page = authorising.page((&visit, guide), (&asked, Some(&refused)), None);
            Ok(refused.on(&page))
        }
    }
}

/// Makes the callback, or gives it a new Token and EncodingAESKey.
pub(super) async fn issue(visit: Visit, path: web::Path<(String, String)>, form: Form) -> Reply {
    let (source, step) = path.into_inner();
    let authorising = Authorising::of(&visit, &step)?;
    let issued = issued(&visit, &source, &form.or("owner", authorising.owner)).await?;
    authorising.shown(&visit, &source, Some(issued)).await
}

/// What arrived, for the script that asks every two seconds.
pub(super) async fn live(visit: Visit, path: web::Path<(String, String)>) -> Reply {
    let (source, step) = path.into_inner();
    let authorising = Authorising::of(&visit, &step)?;
    let guide = Guide::of(&visit, &source).await?;
    if guide.suite.is_some() {
        return live_of_suite(&visit, &guide, authorising.step);
    }
    let frame = authorising.step.framed(&visit);
    Ok(visit.page(&LivePage {
        wizard: guide.wizard(&frame, authorising.step),
        frame,
        rows: watched(&visit, guide.callbacks, [authorising.owner]),
    }))
}
