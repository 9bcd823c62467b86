//! Answer table: what a reading that WeCom refused says, by call and code (reference 1.5, 3.4, 4.3, 5.1, 17.2). A refusal that will be the
//! same tomorrow is an answer; one that passes, or that an admin must mend, is none, and nothing may be concluded from it.
//!
//! `docs/connect.md` shows this table to admins.

use super::{
    classify::NOT_VISIBLE,
    error::{Class, WeComError},
};

/// What a refused reading says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// What was asked about does not exist, or nothing of it is visible to this secret: an empty answer.
    Empty,
    /// This secret does not get it, now or later. Whether something is behind it, others must tell: another secret, the visible scope.
    Withheld,
    /// An admin must mend the access: the secret, the address, the app.
    NoAccess,
    /// Busy, throttled, unreadable, or a code nobody described: no answer at all.
    NoAnswer,
}

/// Codes of single calls; the rest follows from the class.
const TABLE: &[(&str, &[i64], Meaning)] = &[
    ("user/get", &NOT_VISIBLE, Meaning::Empty),
    ("user/get", &[40003, 46004], Meaning::Empty),
    // A member without a licence, which apps of a service provider need for each.
    ("user/get", &[701_008], Meaning::Withheld),
    // The department vanished after it was listed.
    ("user/list", &[60003, 60123], Meaning::Empty),
    // Listed as an ancestor only, unless the scope covers it.
    ("user/list", &[60011], Meaning::Withheld),
    // Of a scope without departments; otherwise it hides them.
    ("department/list", &[60003, 60011, 60123], Meaning::Withheld),
    ("department/simplelist", &[60003, 60011, 60123], Meaning::Withheld),
    // The tag was deleted after it was listed.
    ("tag/get", &[40068], Meaning::Empty),
    ("tag/get", &[60011, 81011], Meaning::Withheld),
    ("tag/list", &[60011, 81011], Meaning::Withheld),
];

/// Codes by which any call says that this kind of secret never gets this.
const WRONG_KIND: [i64; 4] = [48001, 48002, 48008, 48009];

impl WeComError {
    /// What this refusal says about what was asked for. Only of readings: a refused exchange of a code means something else.
    pub fn meaning(&self) -> Meaning {
        let Some(errcode) = self.errcode else {
            return Meaning::NoAnswer;
        };
        let row = |(call, codes, _): &&(&str, &[i64], Meaning)| *call == self.call && codes.contains(&errcode);
        match (TABLE.iter().find(row), self.class) {
            (Some((_, _, meaning)), _) => *meaning,
            (None, _) if WRONG_KIND.contains(&errcode) => Meaning::Withheld,
            // An outcome of another call: it stays so, but nobody said what it means here.
            (None, Class::Outcome) => Meaning::Withheld,
            (None, Class::Admin) => Meaning::NoAccess,
            (None, Class::Retry | Class::Throttled | Class::Token | Class::Restart | Class::Defect) => {
                Meaning::NoAnswer
            }
        }
    }
}

impl WeComError {
    /// Whether this list is withheld, and nothing says that what it leads to is as well: its ids may come another way.
    pub fn is_of_the_list_alone(&self) -> bool {
        let wrong_kind = self.errcode.is_some_and(|errcode| WRONG_KIND.contains(&errcode));
        self.meaning() == Meaning::Withheld && !wrong_kind && !self.is_refused_export()
    }

    /// Whether WeCom does not let this secret export.
    pub fn is_refused_export(&self) -> bool {
        self.call.starts_with("export/") && self.meaning() == Meaning::Withheld
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::classify::classify;

    fn error(call: &'static str, errcode: i64) -> WeComError {
        WeComError {
            errcode: Some(errcode),
            ..WeComError::without_code(call, classify(errcode), "no")
        }
    }

    fn meaning(call: &'static str, errcode: i64) -> Meaning {
        error(call, errcode).meaning()
    }

    const READINGS: [&str; 11] = [
        "agent/get",
        "department/list",
        "department/simplelist",
        "export/department",
        "export/get_result",
        "export/user",
        "tag/get",
        "tag/list",
        "user/get",
        "user/list",
        "user/list_id",
    ];

    #[test]
    fn what_passes_or_must_be_mended_is_never_an_answer() {
        for call in READINGS {
            for passing in [-1, 6000, 45009, 45033, 40014, 42001, 987_654] {
                assert_eq!(meaning(call, passing), Meaning::NoAnswer, "{call} {passing}");
            }
            for access in [40001, 40013, 40056, 40091, 48006, 50003, 60020, 60031, 301_002] {
                assert_eq!(meaning(call, access), Meaning::NoAccess, "{call} {access}");
            }
            let unread = WeComError::unreadable(call, "not a JSON object");
            assert_eq!(unread.meaning(), Meaning::NoAnswer, "{call}");
        }
    }

    #[test]
    fn only_what_is_gone_or_out_of_sight_is_empty() {
        let empty: Vec<(&str, i64)> = READINGS
            .iter()
            .flat_map(|call| (40000..90000).map(|errcode| (*call, errcode)))
            .filter(|(call, errcode)| meaning(call, *errcode) == Meaning::Empty)
            .collect();
        assert_eq!(
            empty,
            [
                ("tag/get", 40068),
                ("user/get", 40003),
                ("user/get", 46004),
                ("user/get", 50002),
                ("user/get", 60011),
                ("user/get", 60021),
                ("user/get", 60111),
                ("user/list", 60003),
                ("user/list", 60123),
            ]
        );
    }

    #[test]
    fn a_secret_of_the_wrong_kind_is_refused_for_good() {
        for call in READINGS {
            for errcode in WRONG_KIND {
                assert_eq!(meaning(call, errcode), Meaning::Withheld, "{call} {errcode}");
            }
        }
        assert_eq!(meaning("department/list", 60011), Meaning::Withheld);
    }

    #[test]
    fn a_refused_export_is_told_from_one_that_fails() {
        let refused = |call: &'static str, errcode| error(call, errcode).is_refused_export();
        for call in ["export/user", "export/simple_user", "export/department"] {
            assert!(WRONG_KIND.into_iter().all(|errcode| refused(call, errcode)), "{call}");
            assert!(!refused(call, 60020) && !refused(call, 45009), "{call}");
        }
        assert!(refused("export/user", 60011) && !refused("user/list", 48002));
    }
}
