//! Handlers of the approver's page behind the link (`/access-requests/{token}`). Opening it decides nothing and uses nothing up, however often and by
//! whomever: without a session it says that somebody asks, and until when; with an approver's it shows who, and takes the decision by POST.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, USER_AGENT},
    },
    web::{Data, Form, Path},
};
use serde::Deserialize;

use super::{
    link_page::{Choices, Decided, Entered, LinkPage, SignInPage},
    reply::{Wrong, again, see_other},
};
use crate::{
    crypto::digest::equal,
    gate::Denied,
    kernel::{
        calendar,
        entity_tag::IfMatch,
        failure::{Failure, Result},
    },
    requests::{
        approver::{Approver, Entrance, login_request},
        failure::RequestFailure,
        input::{ApproveInput, RefuseInput},
        model::AccessRequest,
        service::Requests,
    },
    signin::{
        Journeys, OperatorWatch, Visitor,
        answer::About,
        http::failed::{failed, failed_about, signed_in_as},
    },
    web::{
        client_address::Proxies,
        context::{self, Company},
        cookies::{Cookies, Name},
        page,
    },
};

/// What an approval sends; a portal, and a group, stands there as often as some are chosen.
#[derive(Default)]
struct ApproveForm {
    confirm: String,
    username: String,
    until: String,
    /// `client_id` of each portal that is opened.
    portals: Vec<String>,
    /// Row id of each group that they come into.
    groups: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct RefuseForm {
    confirm: String,
    #[serde(default)]
    reason: String,
    show_reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ConfirmForm {
    confirm: String,
}

/// Why an approver's page is not shown.
enum Kept {
    /// The page that is shown instead.
    Page(HttpResponse),
    /// A failure.
    Failed(Failure),
}

impl From<Failure> for Kept {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn path(token: &str, request: &HttpRequest) -> String {
    format!("/access-requests/{token}?ui_locales={}", page::language(request).tag())
}

/// Who stands before the page of a link.
async fn entrance(
    request: &HttpRequest,
    (requests, cookies): (&Requests, &Cookies),
    token: &str,
) -> Result<(AccessRequest, Entrance), Kept> {
    let asked = requests.linked(token).await?;
    let session = cookies.read(request, Name::Session);
    let entrance = requests.enter(session.as_deref(), &asked).await;
    // Whoever approves may be of another company.
    context::company(|| Company::Source(asked.data_source));
    match entrance {
        Ok(entrance) => {
            note_place(request, &entrance).await;
            Ok((asked, entrance))
        }
        Err(Denied::Refused(refusal)) => {
            let about = About {
                who: signed_in_as(request).await,
                ..About::default()
            };
            Err(Kept::Page(failed_about(request, &refusal.failure(), about).await))
        }
        Err(Denied::Failed(failure)) => Err(failure.into()),
    }
}

/// Notes where somebody with a console role is: what they decide here they could decide at the console.
async fn note_place(request: &HttpRequest, entrance: &Entrance) {
    if let (Entrance::Open(approver), Some(watch)) = (entrance, request.app_data::<Data<OperatorWatch>>())
        && approver.console
    {
        let agent = request.headers().get(USER_AGENT).map(HeaderValue::as_bytes);
        let address = request.app_data::<Data<Proxies>>();
        let address = address.and_then(|proxies| proxies.client(request));
        watch.note((approver.user, approver.session), address, agent).await;
    }
}

/// The request and whoever decides about it; everybody else gets a page that says what is missing.
async fn approver(
    request: &HttpRequest,
    parts: (&Requests, &Cookies),
    token: &str,
) -> Result<(AccessRequest, Approver), Kept> {
    let (asked, entrance) = entrance(request, parts, token).await?;
    match entrance {
        Entrance::Open(approver) => Ok((asked, approver)),
        Entrance::SignIn => {
            let lang = page::language(request);
            let page = SignInPage::new(lang, token, &asked, parts.0.now());
            Err(Kept::Page(page::html(StatusCode::OK, &page)))
        }
        Entrance::NotTheirs => {
            let about = About {
                who: signed_in_as(request).await,
                ..About::default()
            };
            let failure = RequestFailure::NotAnApprover.failure();
            Err(Kept::Page(failed_about(request, &failure, about).await))
        }
    }
}

async fn shown(request: &HttpRequest, outcome: Result<HttpResponse, Kept>) -> HttpResponse {
    match outcome {
        Ok(reply) | Err(Kept::Page(reply)) => reply,
        Err(Kept::Failed(failure)) => failed(request, &failure).await,
    }
}

pub(super) async fn show(
    request: HttpRequest,
    requests: Data<Requests>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let showing = async {
        let (asked, approver) = approver(&request, (&requests, &cookies), token.as_str()).await?;
        let page = page_of(&request, &requests, (token.as_str(), &approver), asked).await?;
        Ok::<_, Kept>(page::html(StatusCode::OK, &page))
    };
    shown(&request, showing.await).await
}

async fn page_of(
    request: &HttpRequest,
    requests: &Requests,
    (token, approver): (&str, &Approver),
    asked: AccessRequest,
) -> Result<LinkPage> {
    let prospect = requests.prospect(&asked).await?;
    let choices = Choices {
        portals: requests.choices(&approver.decider, &asked).await?,
        groups: requests.groups(&approver.decider).await?,
    };
    let lang = page::language(request);
    let decided = Decided::of(lang, &asked);
    Ok(LinkPage::new(
        lang,
        (token, approver),
        (asked, requests.now()),
        (prospect, choices, decided),
    ))
}

/// Leads through a sign-in back to the page.
pub(super) async fn enter(
    request: HttpRequest,
    (requests, journeys): (Data<Requests>, Data<Journeys>),
    (cookies, proxies): (Data<Cookies>, Data<Proxies>),
    token: Path<String>,
) -> HttpResponse {
    let entering = async {
        requests.linked(token.as_str()).await?;
        let (session, trusted) = (
            cookies.read(&request, Name::Session),
            cookies.read(&request, Name::TrustedBrowser),
        );
        let visitor = Visitor {
            session: session.as_deref(),
            trusted_browser: trusted.as_deref(),
            address: proxies.client(&request),
            ..Visitor::default()
        };
        let wanted = login_request(format!("/access-requests/{token}"));
        let to = journeys.begin_for(wanted, &visitor).await?;
        let lang = page::language(&request).tag();
        Ok::<_, Failure>(see_other(&format!("{to}?ui_locales={lang}")))
    };
    shown(&request, entering.await.map_err(Kept::Failed)).await
}

/// Refuses a form that was not on the page shown to this session, and one that comes after the link's time.
fn check(approver: &Approver, asked: &AccessRequest, requests: &Requests, sent: &str) -> Result<()> {
    if !equal(approver.confirm.as_bytes(), sent.as_bytes()) {
        return Err(RequestFailure::Unconfirmed.into());
    }
    match asked.link_works(requests.now()) {
        true => Ok(()),
        false => Err(RequestFailure::LinkExpired.into()),
    }
}

pub(super) async fn approve(
    request: HttpRequest,
    requests: Data<Requests>,
    cookies: Data<Cookies>,
    token: Path<String>,
    form: Form<Vec<(String, String)>>,
) -> HttpResponse {
    let form = ApproveForm::of(form.into_inner());
    let deciding = async {
        let (asked, approver) = approver(&request, (&requests, &cookies), token.as_str()).await?;
        let decided = match check(&approver, &asked, &requests, &form.confirm) {
            Ok(()) => {
                let nothing = IfMatch::default();
                match form.input() {
                    Ok(input) => requests.approve(&approver.decider, asked.id, &input, &nothing).await,
                    Err(failure) => Err(failure),
                }
            }
            Err(failure) => Err(failure),
        };
        let entered = Entered {
            username: Some(form.username.clone()),
            until: form.until.clone(),
            portals: form.portals.clone(),
            groups: form.groups.clone(),
            ..Entered::default()
        };
        after(&request, &requests, (token.as_str(), &approver), (decided, entered)).await
    };
    shown(&request, deciding.await).await
}

pub(super) async fn refuse(
    request: HttpRequest,
    requests: Data<Requests>,
    cookies: Data<Cookies>,
    token: Path<String>,
    form: Form<RefuseForm>,
) -> HttpResponse {
    let deciding = async {
        let (asked, approver) = approver(&request, (&requests, &cookies), token.as_str()).await?;
        let input = RefuseInput {
            reason: Some(form.reason.clone()),
            show_reason: form.show_reason.is_some(),
        };
        let decided = match check(&approver, &asked, &requests, &form.confirm) {
            Ok(()) => {
                let nothing = IfMatch::default();
                requests.refuse(&approver.decider, asked.id, &input, &nothing).await
            }
            Err(failure) => Err(failure),
        };
        let entered = Entered {
            reason: form.reason.clone(),
            show_reason: input.show_reason,
            ..Entered::default()
        };
        after(&request, &requests, (token.as_str(), &approver), (decided, entered)).await
    };
    shown(&request, deciding.await).await
}

/// The page after a decision: by GET, so that a reload decides nothing; or again with what was entered and what is wrong with it.
async fn after(
    request: &HttpRequest,
    requests: &Requests,
    (token, approver): (&str, &Approver),
    (decided, entered): (Result<()>, Entered),
) -> Result<HttpResponse, Kept> {
    let Err(failure) = decided else {
        return Ok(see_other(&path(token, request)));
    };
    let asked = requests.linked(token).await?;
    let mut page = page_of(request, requests, (token, approver), asked).await?;
    page.entered = entered.or(page.entered);
    page.wrong = Some(Wrong::of(page.frame.lang, &failure));
    Ok(again(&failure, page.wrong.as_ref(), &page))
}

pub(super) async fn renew(
    request: HttpRequest,
    requests: Data<Requests>,
    cookies: Data<Cookies>,
    token: Path<String>,
    form: Form<ConfirmForm>,
) -> HttpResponse {
    let renewing = async {
        let (asked, approver) = approver(&request, (&requests, &cookies), token.as_str()).await?;
        if !equal(approver.confirm.as_bytes(), form.confirm.as_bytes()) {
            return Err(Kept::Failed(RequestFailure::Unconfirmed.failure()));
        }
        requests.renew_link(&approver, &asked).await?;
        Ok(see_other(&path(token.as_str(), &request)))
    };
    shown(&request, renewing.await).await
}

impl ApproveForm {
    /// By the names of its fields; what it does not know does nothing.
    fn of(fields: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "confirm" => form.confirm = value,
                "username" => form.username = value,
                "until" => form.until = value,
                "portal" => form.portals.push(value),
                "group" => form.groups.push(value),
                _ => {}
            }
        }
        form
    }

    /// What the form says.
    fn input(&self) -> Result<ApproveInput> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let access_until = match self.until.trim() {
            "" => None,
            day => Some(calendar::end(day).ok_or_else(no_day)?),
        };
        Ok(ApproveInput {
            username: text(&self.username),
            portals: Some(self.portals.clone()),
            groups: Some(self.groups.clone()),
            access_until,
        })
    }
}

fn no_day() -> Failure {
    let failure = RequestFailure::Invalid.failure();
    failure.field("access_until", "must be a day like 2026-12-31")
}
