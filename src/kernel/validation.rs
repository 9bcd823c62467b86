//! Input validation that collects every fault of one input, so that the caller mends it in one go. Pure; names fields, never their values.

use std::fmt::Display;

use super::failure::{Entry, Failure, Result};

/// Most faults named in a reply, so that it never grows with the input.
const TOLD: usize = 50;

/// The faults found so far.
#[derive(Debug, Default)]
pub struct ValidationErrors(Vec<String>);

impl ValidationErrors {
    /// Adds a fault: `field` is wrong; `expected` says what was expected there.
    pub fn add(&mut self, field: &str, expected: impl Display) {
        self.0.push(format!("{field}: {expected}"));
    }

    /// Adds a fault for `field` unless `holds`.
    pub fn check(&mut self, holds: bool, field: &str, expected: impl Display) {
        if !holds {
            self.add(field, expected);
        }
    }

    /// Checks one line of text for people: not blank, at most `longest` characters, without control characters.
    pub fn line(&mut self, field: &str, value: &str, longest: usize) {
        let fits = !value.trim().is_empty() && value.chars().count() <= longest && !value.chars().any(char::is_control);
        self.check(fits, field, format_args!("needs 1 to {longest} characters on one line"));
    }

    /// Checks free text, possibly empty, at most `longest` characters; line breaks are fine.
    pub fn paragraph(&mut self, field: &str, value: &str, longest: usize) {
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        let fits = value.chars().count() <= longest && !value.chars().any(control);
        self.check(fits, field, format_args!("takes up to {longest} characters"));
    }

    /// Checks a secret somebody pasted: visible ASCII without blanks, between `shortest` and 512 characters.
    pub fn secret(&mut self, field: &str, value: &str, shortest: usize) {
        let fits = (shortest..=512).contains(&value.len()) && value.chars().all(|c| c.is_ascii_graphic());
        self.check(
            fits,
            field,
            format_args!("needs {shortest} to 512 visible ASCII characters without blanks"),
        );
    }

    /// Checks a number against bounds.
    pub fn within(&mut self, field: &str, value: i64, least: i64, most: i64) {
        self.check(
            (least..=most).contains(&value),
            field,
            format_args!("must lie between {least} and {most}"),
        );
    }

    /// `Ok` without faults, else a failure of this kind that names them.
    ///
    /// # Errors
    /// When there is at least one fault.
    pub fn into_result(mut self, entry: &'static Entry) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let untold = self.0.len().saturating_sub(TOLD);
        self.0.truncate(TOLD);
        let mut detail = self.0.join("; ");
        if untold > 0 {
            detail.push_str(&format!("; and {untold} more"));
        }
        Err(Failure::of(entry).detail(detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static ENTRY: Entry = Entry {
        number: "XX-101",
        status: 422,
        en: "x",
        zh: "x",
        remedy: "x",
    };

    #[test]
    fn all_faults_are_told_together() {
        let mut faults = ValidationErrors::default();
        faults.line("name", " ", 200);
        faults.line("title", "a\nb", 200);
        faults.within("hours", 5, 6, 7);
        faults.line("good", "门禁", 2);
        let failure = faults.into_result(&ENTRY).unwrap_err();
        assert_eq!(
            failure.detail.unwrap(),
            "name: needs 1 to 200 characters on one line; title: needs 1 to 200 characters on one line; hours: must lie between 6 and 7"
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        let mut faults = ValidationErrors::default();
        for _ in 0..60 {
            faults.add("uris", "bad");
        }
        assert!(
            faults
                .into_result(&ENTRY)
                .unwrap_err()
                .detail
                .unwrap()
                .ends_with("and 10 more")
        );
    }

    #[test]
    fn secrets_are_visible_ascii() {
        for (value, fits) in [
            ("abc", true),
            ("a b", false),
            ("ab\u{7f}", false),
            ("", false),
            ("密", false),
        ] {
            let mut faults = ValidationErrors::default();
            faults.secret("secret", value, 1);
            assert_eq!(faults.into_result(&ENTRY).is_ok(), fits, "{value:?}");
        }
    }
}
