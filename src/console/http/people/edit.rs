//! Fields of a person as a form: what is typed in is pinned, so that no sync changes it.

use actix_web::{
    HttpResponse,
    http::Method,
    web::{self, ServiceConfig},
};
use askama::Template;
use serde_json::{Map, Value, json};

use super::user::{self, PINNABLE, User};
use crate::{
    console::http::{
        form::{Form, see_other},
        frame::{Frame, Section},
        refused::{FieldFault, Refused},
        visit::{Reply, Visit},
    },
    kernel::calendar,
};

/// Fields that can be typed in, by their places in the API's document.
const TYPED: [&str; 6] = [
    "username",
    "display_name",
    "email",
    "phone_number",
    "locale",
    "profile.nickname",
];
/// The field of the date, which a form has as a day.
const UNTIL: &str = "access_until";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people/{id}/edit", web::get().to(show))
        .route("/people/{id}/edit", web::post().to(save));
}

#[derive(Template)]
#[template(path = "console/people/edit.html")]
struct EditPage {
    frame: Frame,
    user: User,
    tag: String,
    fields: Vec<Input>,
    until: String,
    until_fault: Option<FieldFault>,
    pins: Vec<(&'static str, bool)>,
    /// What was refused as a whole.
    refused: Option<Refused>,
}

struct Input {
    place: &'static str,
    value: String,
    fault: Option<FieldFault>,
}

async fn show(visit: Visit, id: web::Path<String>) -> Reply {
    let (user, tag) = read(&visit, &id).await?;
    let fields = TYPED.map(|place| Input {
        place,
        value: user.field(place).unwrap_or_default(),
        fault: None,
    });
    let until = user.access_until.map(calendar::last_day).unwrap_or_default();
    Ok(visit.page(&EditPage {
        frame: visit.frame("console-person-edit", Some(Section::People)),
        pins: PINNABLE.map(|place| (place, user.pinned(place))).to_vec(),
        fields: fields.into(),
        until,
        until_fault: None,
        refused: None,
        tag,
        user,
    }))
}

async fn read(visit: &Visit, id: &str) -> Result<(User, String), Refused> {
    let answer = visit.send(Method::GET, &user::path(id), None).await?;
    let user = visit.read(&answer)?;
    Ok((user, answer.tag.unwrap_or_default()))
}

async fn save(visit: Visit, form: Form, id: web::Path<String>) -> Reply {
    let (user, tag) = read(&visit, &id).await?;
    let until = user.access_until.map(calendar::last_day).unwrap_or_default();
    let change = change(&user, &until, &form);
    if change.is_empty() {
        return Ok(see_other(&user::done(&id, "saved")));
    }
    let path = user::path(&user.id);
    let change = change.into();
    let saved = visit.call((Method::PATCH, &path), Some(&change), form.get("tag"));
    match saved.await {
        Ok(_) => Ok(see_other(&user::done(&id, "saved"))),
        Err(refused) => Ok(again(&visit, (user, tag), &form, refused)),
    }
}

/// What differs from what there is. What the form names as pinned is so, and what was changed besides, unless its pin was taken away.
fn change(user: &User, until: &str, form: &Form) -> Map<String, Value> {
    let (mut change, mut profile, mut changed) = (Map::new(), Map::new(), Vec::new());
    for place in TYPED {
        let (old, new) = (user.field(place), form.get(place));
        if old.as_deref() == new {
            continue;
        }
        changed.push(place);
        match place.strip_prefix("profile.") {
            Some(name) => profile.insert(name.to_owned(), json!(new)),
            None => change.insert(place.to_owned(), json!(new)),
        };
    }
    if !profile.is_empty() {
        change.insert("profile".to_owned(), Value::Object(profile));
    }
    let wanted = form.get(UNTIL).unwrap_or_default();
    if wanted != until {
        change.insert(UNTIL.to_owned(), moment(wanted));
    }
    let ticked: Vec<&str> = form.all("pinned").collect();
    if PINNABLE
        .iter()
        .any(|place| user.pinned(place) != ticked.contains(place))
    {
        let kept = |place: &&str| ticked.contains(place) || (changed.contains(place) && !user.pinned(place));
        let pinned: Vec<&str> = PINNABLE.into_iter().filter(kept).collect();
        change.insert("pinned".to_owned(), json!(pinned));
    }
    change
}

/// When the day of a form is over; what is no day is left for the API to refuse.
fn moment(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => calendar::end(text).map_or_else(|| json!(text), Value::from),
    }
}

/// The form again with everything that was typed, and each fault at its field. Where somebody changed the user meanwhile it says so, and
/// sent once more it changes the state that there is now.
fn again(visit: &Visit, (user, tag): (User, String), form: &Form, refused: Refused) -> HttpResponse {
    let fault = |place: &str| refused.problem().fault(&place.replace('.', "/")).cloned();
    let fields = TYPED.map(|place| Input {
        place,
        value: form.get(place).unwrap_or_default().to_owned(),
        fault: fault(place),
    });
    let ticked: Vec<&str> = form.all("pinned").collect();
    let page = EditPage {
        frame: visit.frame("console-person-edit", Some(Section::People)),
        fields: fields.into(),
        until: form.get(UNTIL).unwrap_or_default().to_owned(),
        until_fault: fault(UNTIL),
        pins: PINNABLE.map(|place| (place, ticked.contains(&place))).to_vec(),
        tag,
        refused: Some(refused.clone()),
        user,
    };
    let mut reply = visit.page(&page);
    *reply.status_mut() = actix_web::ResponseError::status_code(&refused);
    refused.in_reply(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_day_is_left_for_the_api_to_refuse() {
        assert_eq!(moment("2026-11-29"), json!(1_795_968_000_000_i64));
        assert_eq!(moment(""), Value::Null);
        for rubbish in [
            "x",
            "2026-13-01",
            "2026-02-31",
            "2026-1",
            "-1-1-1",
            "99999999999999999999-1-1",
        ] {
            assert_eq!(moment(rubbish), json!(rubbish));
        }
    }
}
