//! A verification file: as uploaded, as shown. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    directory::failure::DirectoryFailure,
    kernel::{
        failure::Result,
        sorting::{Kind, Sort, SortWords},
        validation::ValidationErrors,
    },
};

/// How names of such files begin.
pub const PREFIX: &str = "WW_verify_";
/// How they end.
pub const SUFFIX: &str = ".txt";
/// Longest middle part, in characters; WeCom's have 16.
const LONGEST_MIDDLE: usize = 64;
/// Longest content, in bytes; WeCom's has 16.
const LONGEST_CONTENT: usize = 1024;
/// Most files: WeCom lets a corp set twenty trusted domains a month (reference 2.4).
pub const MOST: usize = 100;

/// How a list of files can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("name", Kind::Text),
        ("updated_at", Kind::Number),
    ],
    Sort::up("created_at", Kind::Id),
);

/// A verification file as an admin uploads it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVerificationFile {
    /// Name of the file, as WeCom gave it: `WW_verify_`, up to 64 letters and digits, `.txt`.
    #[schema(
        pattern = "^WW_verify_[A-Za-z0-9]{1,64}\\.txt$",
        example = "WW_verify_aBcDeFgHiJkLmNoP.txt"
    )]
    pub name: String,
    /// Its text, exactly as WeCom wrote it, 1 to 1024 bytes; served byte by byte.
    #[schema(min_length = 1, max_length = 1024, example = "aBcDeFgHiJkLmNoP")]
    pub content: String,
}

impl NewVerificationFile {
    /// Checks it.
    ///
    /// # Errors
    /// `DI-101` with every field that is not acceptable.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        faults.check(
            is_name(&self.name),
            "name",
            "must be WW_verify_ with up to 64 letters and digits and then .txt, as the file was named when it was downloaded from WeCom",
        );
        let shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        let fits = !self.content.trim().is_empty() && self.content.len() <= LONGEST_CONTENT;
        faults.check(
            fits && self.content.chars().all(shown),
            "content",
            "needs 1 to 1024 bytes of text, exactly as WeCom's file has them",
        );
        faults.into_result(DirectoryFailure::Invalid.entry())
    }
}

/// Whether WeCom names files so. Nothing else is served from the root.
pub fn is_name(name: &str) -> bool {
    let middle = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    middle.is_some_and(|middle| {
        (1..=LONGEST_MIDDLE).contains(&middle.len()) && middle.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// A verification file, by which WeCom verifies that a domain is ours.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VerificationFileView {
    /// Row id.
    pub id: Uuid,
    /// Name of the file.
    #[schema(example = "WW_verify_aBcDeFgHiJkLmNoP.txt")]
    pub name: String,
    /// Its text, as uploaded.
    pub content: String,
    /// Where it is served, at the root of `public_url`.
    #[schema(example = "/WW_verify_aBcDeFgHiJkLmNoP.txt")]
    pub path: String,
    /// When it was uploaded first, milliseconds since 1970.
    pub created_at: i64,
    /// When it was uploaded last, milliseconds since 1970.
    pub updated_at: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wecoms_names_are_names() {
        for name in ["WW_verify_a1B2.txt", "WW_verify_0123456789abcdef.txt"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "WW_verify_.txt",
            "WW_verify_a.TXT",
            "ww_verify_a.txt",
            "WW_verify_../x.txt",
            "WW_verify_a b.txt",
            "WW_verify_门.txt",
            "WW_verify_a.txt.exe",
            "index.html",
            "WW_verify_.txt.txt",
        ] {
            assert!(!is_name(name), "{name}");
        }
        assert!(!is_name(&format!("WW_verify_{}.txt", "a".repeat(65))));
    }
}
