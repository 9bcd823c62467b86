//! What the pages of access requests share: redirects, moments in words, a failure at a form.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use crate::{
    kernel::{calendar, clock::Timestamp, failure::Failure},
    web::{
        failure::Told,
        page,
        texts::{Lang, text_with},
    },
};

/// Leads to a page with GET after something was done, so that a reload does nothing twice.
pub(super) fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"))
        .finish()
}

/// A day and the hour, in China: `2026-11-29 20:24`.
pub(super) fn moment(at: Timestamp) -> String {
    let of_day = at.millis().saturating_add(calendar::AHEAD).rem_euclid(86_400_000) / 60_000;
    format!("{} {:02}:{:02}", calendar::day(at.millis()), of_day / 60, of_day % 60)
}

/// What is wrong with what was sent, on the page of its form.
pub(super) struct Wrong {
    /// In the page's language.
    pub(super) sentence: String,
    /// Which field, and what is expected there, in English; nothing where the sentence says it all.
    pub(super) detail: Option<String>,
    /// Reference number.
    pub(super) number: &'static str,
    /// Code of this occurrence.
    pub(super) reference: String,
    /// JSON pointers of the fields that are wrong.
    fields: Vec<String>,
    told: Told,
}

impl Wrong {
    pub(super) fn of(lang: Lang, failure: &Failure) -> Self {
        let told = Told::of(failure);
        let sentence = match lang {
            Lang::Zh => failure.entry.zh,
            Lang::En => failure.entry.en,
        };
        Self {
            sentence: sentence.to_owned(),
            detail: failure.detail.clone(),
            number: failure.entry.number,
            reference: told.reference.clone(),
            fields: failure.faults.iter().map(|fault| fault.pointer.to_string()).collect(),
            told,
        }
    }

    /// Whether this field is wrong.
    pub(super) fn is_at(&self, field: &str) -> bool {
        self.fields
            .iter()
            .any(|pointer| pointer.trim_start_matches('#') == format!("/{field}"))
    }
}

/// The page of a form again, with the status of the failure that it shows.
pub(super) fn again(failure: &Failure, wrong: Option<&Wrong>, template: &impl Template) -> HttpResponse {
    let status = StatusCode::from_u16(failure.entry.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let page = page::html(status, template);
    match wrong {
        Some(wrong) => wrong.told.clone().in_reply(page),
        None => page,
    }
}

/// The text under a key with a moment in it.
pub(super) fn at(lang: Lang, key: &str, at: Timestamp) -> String {
    text_with(lang, key, &[("at", &moment(at))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_clocks_in_china_show_them() {
        assert_eq!(moment(Timestamp::from_secs(0)), "1970-01-01 08:00");
        assert_eq!(moment(Timestamp::from_secs(1_767_600_000)), "2026-01-05 16:00");
    }
}
