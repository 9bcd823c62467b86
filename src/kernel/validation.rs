//! Input validation that collects every fault of one input, so that the caller mends it in one go. Pure; names fields, never their values.

use std::fmt::{self, Display};

use super::failure::{Entry, Failure, Result};

/// Most faults named in a reply, so that it never grows with the input.
pub const MOST_TOLD: usize = 50;

/// The faults found so far.
#[derive(Debug, Default)]
pub struct ValidationErrors {
    told: Vec<String>,
    untold: usize,
}

impl ValidationErrors {
    /// Adds a fault: `field` is wrong; `expected` says what was expected there. Never the value that was sent: it may be a secret.
    pub fn add(&mut self, field: impl Display, expected: impl Display) {
        if self.told.len() < MOST_TOLD {
            self.told.push(format!("{field}: {expected}"));
        } else {
            self.untold += 1;
        }
    }

    /// Adds the faults of a part.
    pub fn append(&mut self, other: Self) {
        self.untold += other.untold;
        for fault in other.told {
            if self.told.len() < MOST_TOLD {
                self.told.push(fault);
            } else {
                self.untold += 1;
            }
        }
    }

    /// Whether nothing was found.
    pub const fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Adds a fault for `field` unless `holds`.
    pub fn check(&mut self, holds: bool, field: &str, expected: impl Display) {
        if !holds {
            self.add(field, expected);
        }
    }

    /// Checks one line of text for people: not blank, at most `longest` characters, without control characters.
    pub fn line(&mut self, field: &str, value: &str, longest: usize) {
        let fits = !value.trim().is_empty() && value.chars().count() <= longest && is_line(value);
        self.check(fits, field, format_args!("needs 1 to {longest} characters on one line"));
        self.check(
            !value.chars().any(is_invisible),
            field,
            "must not hold characters that are invisible or turn the direction of writing",
        );
    }

    /// Checks free text, possibly empty, at most `longest` characters; line breaks are fine.
    pub fn paragraph(&mut self, field: &str, value: &str, longest: usize) {
        let fits = value.chars().count() <= longest && is_paragraph(value);
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
    pub fn into_result(self, entry: &'static Entry) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        Err(self.into_failure(entry))
    }

    /// A failure of this kind that names the faults.
    pub fn into_failure(self, entry: &'static Entry) -> Failure {
        Failure::of(entry).detail(self.to_string())
    }
}

impl fmt::Display for ValidationErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told.join("; "))?;
        if self.untold > 0 {
            write!(f, "; and {} more", self.untold)?;
        }
        Ok(())
    }
}

/// Whether a text holds no control characters.
pub fn is_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Whether a character is seen by nobody and may make a text look like another: marks and overrides of the direction of writing (Unicode
/// Standard Annex 9), blanks without width, fillers, separators of lines, tags. Not the joiner that emoji are made with.
pub const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Whether a text holds no control characters besides tabs and line breaks.
pub fn is_paragraph(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
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
        faults.line("turned", "a\u{202e}b", 200);
        let failure = faults.into_result(&ENTRY).unwrap_err();
        assert_eq!(
            failure.detail.unwrap(),
            "name: needs 1 to 200 characters on one line; title: needs 1 to 200 characters on one line; hours: must lie between 6 and 7; \
             turned: must not hold characters that are invisible or turn the direction of writing"
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
