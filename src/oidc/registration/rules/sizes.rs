//! Bounds of metadata fields that depend on no other field: lengths of lists, sizes of numbers.

use crate::{
    kernel::validation::ValidationErrors,
    oidc::{metadata::Metadata, registration::admin_fields::is_askable},
};

/// Most entries of `contacts` and of `default_acr_values`.
const MOST_WORDS: usize = 10;
/// Most entries of `decided`; there are fewer fields.
const MOST_DECIDED: usize = 64;
/// A year, seconds.
const LONGEST_AGE: u64 = 365 * 86_400;

pub(super) fn note(faults: &mut ValidationErrors, metadata: &Metadata) {
    short(faults, "metadata.contacts", &metadata.contacts);
    for (index, contact) in metadata.contacts.iter().take(MOST_WORDS).enumerate() {
        faults.line(&format!("metadata.contacts[{index}]"), contact, 254);
    }
    let decided = &metadata.decided;
    faults.check(
        decided.len() <= MOST_DECIDED && decided.iter().all(|field| is_askable(field)),
        "metadata.decided",
        "names fields that a client may set for itself",
    );
    for (index, field) in metadata.required_fields.iter().enumerate() {
        let earlier = metadata.required_fields.iter().take(index).any(|other| other == field);
        faults.check(
            field.is_filled_by_wecom() && !earlier,
            &format!("metadata.required_fields[{index}]"),
            "must be a field that WeCom fills, each listed once",
        );
    }
    let asked = &metadata.default_acr_values;
    short(faults, "metadata.default_acr_values", asked);
    for (index, value) in asked.iter().take(MOST_WORDS).enumerate() {
        faults.check(
            (1..=200).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic()),
            &format!("metadata.default_acr_values[{index}]"),
            "needs 1 to 200 visible ASCII characters",
        );
    }
    faults.check(
        metadata.recipe.as_deref().is_none_or(is_key),
        "metadata.recipe",
        "needs 1 to 64 lower-case letters, digits and hyphens",
    );
    faults.check(
        metadata.default_max_age.is_none_or(|age| age <= LONGEST_AGE),
        "metadata.default_max_age",
        format_args!("takes up to {LONGEST_AGE} seconds"),
    );
}

/// Whether it can be the key of a recipe; which there are, the console knows.
fn is_key(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

fn short(faults: &mut ValidationErrors, field: &str, list: &[String]) {
    faults.check(
        list.len() <= MOST_WORDS,
        field,
        format_args!("takes up to {MOST_WORDS} entries"),
    );
}
