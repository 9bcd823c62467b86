//! Addresses made of what somebody typed or of what the API named. Pure.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All that has a meaning in a path; the unreserved characters stay (RFC 3986 §2.3).
const IN_A_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A word as one segment of a path, whatever it holds: neither nothing nor dots, which would make it another path.
pub(super) fn segment(word: &str) -> String {
    match word.bytes().all(|byte| byte == b'.') {
        true => "-".to_owned(),
        false => utf8_percent_encode(word, IN_A_SEGMENT).to_string(),
    }
}

/// A text with each `{name}` replaced by what bears that name, as a segment of a path; the others stay.
pub(super) fn filled<'a>(pattern: &str, values: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    values.fold(pattern.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), &segment(value))
    })
}

/// What stands in a path for each `{name}` of its pattern; also before its handler is looked for.
pub(super) fn parts<'a>(pattern: &'a str, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let both = pattern.split('/').zip(path.split('/'));
    both.filter_map(|(name, value)| Some((name.strip_prefix('{')?.strip_suffix('}')?, value)))
}

#[cfg(test)]
mod tests {
    use super::{filled, parts, segment};

    #[test]
    fn what_stands_in_a_path_is_found_by_its_pattern() {
        let mut found = parts("/people/{id}/to/{other}", "/people/7/to/8");
        assert_eq!(
            (found.next(), found.next(), found.next()),
            (Some(("id", "7")), Some(("other", "8")), None)
        );
    }

    #[test]
    fn a_segment_stays_one() {
        assert_eq!(segment("7K3F-9QXA"), "7K3F-9QXA");
        assert_eq!(segment("../a b?c#d%"), "..%2Fa%20b%3Fc%23d%25");
        for other in ["", ".", ".."] {
            assert_eq!(segment(other), "-", "{other:?}");
        }
    }

    #[test]
    fn what_varies_is_filled_in_by_its_name() {
        let values = [("id", "a/b"), ("run", "7")];
        assert_eq!(filled("x/{id}/y/{user}", values.into_iter()), "x/a%2Fb/y/{user}");
    }
}
