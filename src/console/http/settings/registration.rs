//! Initial access tokens: by which portals register themselves.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::tokens::{TokenPage, expiry, until_day};
use crate::console::http::{
    address::segment,
    ask::Ask,
    field::{self, Field},
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    refused::{FieldFault, Problem, Refused},
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/settings/registration.html")]
struct RegistrationPage {
    frame: Frame,
    tokens: Vec<Line>,
    next: Option<String>,
    fields: [Field; 3],
    problem: Option<Problem>,
}

impl RegistrationPage {
    /// What is wrong and stands at no field.
    fn others(&self) -> Vec<&FieldFault> {
        let problem = self.problem.as_ref();
        problem.map_or_else(Vec::new, |problem| field::others(problem, &self.fields))
    }
}

/// The fields of the form, with what was entered and refused.
fn fields(frame: &Frame, sent: Option<(&Form, &Problem)>) -> [Field; 3] {
    let (form, problem) = sent.unzip();
    let text = |name: &str| form.and_then(|form| form.get(name)).unwrap_or_default().to_owned();
    let field = |key: &str, name: &str, kind| Field::new(frame, key, name, kind).filled(&text(name));
    let uses = field("console-registration-most", "max_uses", "number");
    let uses = if form.is_none() { uses.filled("1") } else { uses };
    [
        field("console-tokens-name", "name", "line").needed().judged(problem),
        uses.judged(problem),
        until_day(frame, &text("expires"), problem),
    ]
}

struct Line {
    token: Token,
    created: Moment,
    expires: Option<Moment>,
    state: &'static str,
}

#[derive(Deserialize)]
struct Token {
    id: String,
    name: String,
    uses: u64,
    max_uses: u64,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

#[derive(Deserialize)]
struct Created {
    name: String,
    token: String,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let page = page(&visit, None).await?;
    Ok(visit.page(&page))
}

async fn page(visit: &Visit, sent: Option<(&Form, &Problem)>) -> Result<RegistrationPage, Refused> {
    let tokens: Listing<Token> = visit.get(&visit.passing("initial-access-tokens", &["cursor"])).await?;
    let now = visit.operator.now.millis();
    let line = |token: Token| Line {
        created: visit.moment(token.created_at),
        expires: token.expires_at.map(|at| visit.moment(at)),
        state: match &token {
            token if token.revoked_at.is_some() => "revoked",
            token if token.expires_at.is_some_and(|at| at <= now) => "expired",
            token if token.uses >= token.max_uses => "used",
            _ => "valid",
        },
        token,
    };
    let frame = visit.frame("console-registration-title", Some(Section::Settings));
    Ok(RegistrationPage {
        fields: fields(&frame, sent),
        problem: sent.map(|(_, problem)| problem.clone()),
        frame,
        next: visit.next(tokens.next_cursor),
        tokens: tokens.items.into_iter().map(line).collect(),
    })
}

pub(super) async fn create(visit: Visit, form: Form) -> Reply {
    let uses = form.get("max_uses").map_or(json!(1), |text| {
        text.parse::<u32>().map_or_else(|_| json!(text), Value::from)
    });
    let body = json!({ "name": form.get("name"), "max_uses": uses, "expires_at": expiry(&visit, &form) });
    match visit.make_once(&form, "initial-access-tokens", Some(&body)).await {
        Ok(answer) => {
            let created: Created = visit.read(&answer)?;
            Ok(visit.page(&TokenPage {
                frame: visit.frame("console-token-title", Some(Section::Settings)),
                name: created.name,
                token: created.token,
                back: "/console/settings/registration",
            }))
        }
        Err(refused) => {
            let page = page(&visit, Some((&form, refused.problem()))).await?;
            Ok(refused.on(&page))
        }
    }
}

/// Says what ends, before it ends.
pub(super) async fn before_revoke(visit: Visit, token: Path<String>) -> Reply {
    let token: Token = visit.get(&format!("initial-access-tokens/{}", segment(&token))).await?;
    let frame = visit.frame("console-registration-title", Some(Section::Settings));
    let left = token.max_uses.saturating_sub(token.uses);
    visit.ask(Ask {
        section: Section::Settings,
        title: "console-registration-revoke",
        what: token.name,
        effects: vec![
            frame.with("console-registration-revoke-effect", "number", left),
            frame.with("console-registration-revoke-stays", "number", token.uses),
        ],
        action: format!("/console/settings/registration/{}/revoke", token.id),
        fields: Vec::new(),
        button: "console-tokens-revoke",
        back: ("/console/settings/registration".to_owned(), frame.title().to_owned()),
        user: None,
    })
}

pub(super) async fn revoke(visit: Visit, token: Path<String>, _: Form) -> Reply {
    visit
        .send(
            Method::DELETE,
            &format!("initial-access-tokens/{}", segment(&token)),
            None,
        )
        .await?;
    Ok(see_other("/console/settings/registration?done=revoked"))
}
