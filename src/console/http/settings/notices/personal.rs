//! What people are told of themselves.

use actix_web::http::Method;
use serde_json::Value;

use crate::console::http::{
    field::{self, Filling, Kind, Spec, field},
    form::{Form, see_other},
    frame::Frame,
    refused::Refused,
    visit::{Reply, Visit},
};

use super::saving::{Saving, framed};

/// The words of the topics are those of subscriptions.
const PREFIX: &str = "console-notice-subscription";
const PLACE: &str = "personal-notices";

/// What somebody can be told of themselves.
const TOPICS: &[&str] = &[
    "access_ending",
    "password_forgotten",
    "password_link_made",
    "password_changed",
    "password_removed",
    "totp_link_made",
    "totp_set_up",
    "totp_removed",
    "passkey_added",
    "passkey_removed",
    "access_reset",
    "new_sign_in",
    "email_taken",
];
const SPECS: &[Spec] = &[field("topics", Kind::Ticks(TOPICS))];

fn titled(visit: &Visit) -> Frame {
    let title = framed(visit, "").t("console-notices-personal");
    framed(visit, &title)
}

fn saving(visit: &Visit, filling: Filling<'_>) -> Saving {
    let frame = titled(visit);
    Saving {
        fields: field::fields(&frame, PREFIX, SPECS, filling),
        version: filling.version(),
        action: "/console/settings/notices/personal".to_owned(),
        delete: String::new(),
        effect: "",
        test: None,
        made: None,
        frame,
    }
}

async fn stored(visit: &Visit) -> Result<(Value, String), Refused> {
    let answer = visit.send(Method::GET, PLACE, None).await?;
    Ok((visit.read(&answer)?, answer.tag.unwrap_or_default()))
}

pub(super) async fn edit(visit: Visit) -> Reply {
    let (told, version) = stored(&visit).await?;
    let saving = saving(&visit, Filling::Stored(&told));
    Ok(Saving { version, ..saving }.shown(&visit))
}

pub(super) async fn change(visit: Visit, form: Form) -> Reply {
    let (told, _) = stored(&visit).await?;
    let patch = field::change(&form, SPECS, &told);
    let changed = visit.call((Method::PATCH, PLACE), Some(&patch), form.get("version"));
    match changed.await {
        Ok(_) => Ok(see_other("/console/settings/notices?done=saved")),
        Err(refused) => {
            let filling = Filling::Sent(&form, refused.problem());
            Ok(saving(&visit, filling).again(&refused))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TOPICS;
    use crate::notices::Topic;

    // What the form does not name would be switched off by whoever saves it.
    #[test]
    fn the_form_names_all_that_people_are_told_of_themselves() {
        let words: Vec<&str> = Topic::PERSONAL.iter().map(|topic| topic.word()).collect();
        assert_eq!(TOPICS, words);
    }
}
