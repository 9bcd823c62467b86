//! Who did or met something, as the log names members of corps. Pure.

/// A member as the log names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberActor<'a> {
    /// Corp ID, as whatever connects the corp knows it.
    pub corp_id: &'a str,
    /// Row id of the suite by which the corp is connected; `None`: by an app of its own.
    pub suite: Option<&'a str>,
    /// userid, or what the suite knows in its place.
    pub userid: &'a str,
}

/// The actor that a member is. `corp_key` names the corp in its mode (`entity::data_source::corp_key`), so that an id of a suite is never taken for the
/// same userid of the company's own app.
pub fn member(corp_key: &str, userid: &str) -> String {
    format!("member:{corp_key}/{userid}")
}

/// The member that an actor is; `None`: it is none.
pub fn as_member(actor: &str) -> Option<MemberActor<'_>> {
    // A userid holds no slash (reference 0.2), nor does a corp ID.
    let (corp_key, userid) = actor.strip_prefix("member:")?.rsplit_once('/')?;
    let (corp_id, suite) = match corp_key.split_once('/') {
        Some((corp_id, suite)) => (corp_id, Some(suite)),
        None => (corp_key, None),
    };
    Some(MemberActor { corp_id, suite, userid })
}

#[cfg(test)]
mod tests {
    use super::{MemberActor, as_member, member};

    #[test]
    fn the_same_userid_in_two_modes_is_two_actors() {
        let read = |corp_key| {
            as_member(&member(corp_key, "lihua")).map(|read| (read.corp_id.to_owned(), read.suite.map(str::to_owned)))
        };
        assert_eq!(read("ww1"), Some(("ww1".to_owned(), None)));
        assert_eq!(read("ww1/7"), Some(("ww1".to_owned(), Some("7".to_owned()))));
        let own = as_member("member:ww1/li.hua");
        let own = own.filter(|own| {
            *own == MemberActor {
                corp_id: "ww1",
                suite: None,
                userid: "li.hua",
            }
        });
        assert!(own.is_some() && as_member("user:7").is_none() && as_member("member:ww1").is_none());
    }
}
