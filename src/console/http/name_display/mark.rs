//! Marks: where a page names a member or a department, as comments in its text that [`super::fill`] replaces once the page is made, so that no page has
//! to know whose names WeCom withholds. What people typed cannot be one: it is escaped. Pure.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fmt,
};

use uuid::Uuid;

/// Where a page names somebody begins with this, then comes a number.
pub(super) const OPEN: &str = "<!--name:";
/// Its end.
pub(super) const CLOSE: &str = "-->";
/// The end of a page's title, behind which stands what is told of names. A part of a page has none.
pub(super) const TITLE_END: &str = "</h1>";

/// Who, or what, is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A user, by row id.
    User(Uuid),
    /// A member, by the row id of the data source and the userid.
    Member(Uuid, String),
    /// A member, by what names the corp in its mode and the userid, as the audit log writes them.
    OfCorp(String, String),
    /// A department, by row id.
    Department(Uuid),
    /// A department, by the row id of the data source and WeCom's id.
    DepartmentOf(Uuid, String),
}

impl Named {
    pub(super) const fn as_user(&self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(*id),
            _ => None,
        }
    }

    pub(super) const fn as_department(&self) -> Option<Uuid> {
        match self {
            Self::Department(id) => Some(*id),
            _ => None,
        }
    }
}

/// A place in the text of a page, which templates write as it is: it consists of what is written here alone. Without a number it is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console::http) struct Mark(Option<usize>);

impl fmt::Display for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => write!(formatter, "{OPEN}{number}{CLOSE}"),
            None => Ok(()),
        }
    }
}

/// What a page names, in the order in which it does.
#[derive(Debug, Default)]
pub(in crate::console::http) struct Marks {
    named: RefCell<Vec<Named>>,
    withheld: Cell<bool>,
    /// Of which data sources this session may be shown names, and until when, where its page asked already.
    standing: RefCell<Option<HashMap<Uuid, i64>>>,
}

impl Marks {
    fn put(&self, named: Option<Named>) -> Mark {
        let Some(named) = named else { return Mark(None) };
        let mut all = self.named.borrow_mut();
        all.push(named);
        Mark(Some(all.len() - 1))
    }

    /// Names a user.
    pub(in crate::console::http) fn user(&self, id: &str) -> Mark {
        self.put(id.parse().ok().map(Named::User))
    }

    /// Names a member.
    pub(in crate::console::http) fn member(&self, source: &str, userid: &str) -> Mark {
        let source = source.parse().ok();
        self.put(source.map(|source| Named::Member(source, userid.to_owned())))
    }

    /// Names a department.
    pub(in crate::console::http) fn department(&self, id: &str) -> Mark {
        self.put(id.parse().ok().map(Named::Department))
    }

    /// Names a department by WeCom's id.
    pub(in crate::console::http) fn department_of(&self, source: &str, wecom_id: &str) -> Mark {
        let source = source.parse().ok();
        self.put(source.map(|source| Named::DepartmentOf(source, wecom_id.to_owned())))
    }

    /// Names whoever did or met something, as the audit log has them: `user:<id>` or `member:<corp key>/<userid>`.
    pub(in crate::console::http) fn actor(&self, actor: &str) -> Mark {
        let named = match actor.split_once(':') {
            Some(("user", id)) => id.parse().ok().map(Named::User),
            Some(("member", rest)) => rest
                .rsplit_once('/')
                .map(|(corp, userid)| Named::OfCorp(corp.to_owned(), userid.to_owned())),
            _ => None,
        };
        self.put(named)
    }

    /// Whether the page names nobody.
    pub(in crate::console::http) fn is_empty(&self) -> bool {
        self.named.borrow().is_empty()
    }

    /// Everybody whom it names.
    pub(super) fn all(&self) -> Vec<Named> {
        self.named.borrow().clone()
    }

    /// Keeps what its page asked: of which data sources names may be shown.
    pub(in crate::console::http) fn keep_standing(&self, standing: &HashMap<Uuid, i64>) {
        *self.standing.borrow_mut() = Some(standing.clone());
    }

    /// What its page asked of that.
    pub(super) fn standing(&self) -> Option<HashMap<Uuid, i64>> {
        self.standing.borrow().clone()
    }

    /// The page shows a secret: no name is shown beside it, because no script but ours may read it.
    pub(in crate::console::http) fn withhold(&self) {
        self.withheld.set(true);
    }

    /// Whether the page shows a secret.
    pub(super) fn are_withheld(&self) -> bool {
        self.withheld.get()
    }
}

/// The text of a page with each mark replaced by what `of` makes of its number, and `told` behind its title.
pub(super) fn replaced(page: &str, of: impl Fn(usize) -> String, told: &str) -> String {
    let mut text = String::with_capacity(page.len() + told.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(OPEN) {
        text.push_str(before);
        let Some((number, after)) = after.split_once(CLOSE) else {
            rest = after;
            break;
        };
        text.push_str(&number.parse().map(&of).unwrap_or_default());
        rest = after;
    }
    text.push_str(rest);
    if let Some(at) = text.find(TITLE_END) {
        text.insert_str(at + TITLE_END.len(), told);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190aaaa-0000-7000-8000-000000000001";

    #[test]
    fn each_mark_stands_for_whom_it_was_put() {
        let marks = Marks::default();
        assert!(marks.is_empty());
        let page = format!(
            "<h1>{}</h1>{}{}{}{}<h1></h1>",
            marks.user(ID),
            marks.member(ID, "wo1"),
            marks.actor("member:wpA/suite/wo2"),
            marks.department(ID),
            marks.actor("token:first"),
        );
        let id: Uuid = ID.parse().unwrap();
        assert_eq!(
            marks.all(),
            [
                Named::User(id),
                Named::Member(id, "wo1".to_owned()),
                Named::OfCorp("wpA/suite".to_owned(), "wo2".to_owned()),
                Named::Department(id),
            ]
        );
        let text = replaced(&page, |number| format!("[{number}]"), "told");
        assert_eq!(text, "<h1>[0]</h1>told[1][2][3]<h1></h1>");
    }

    #[test]
    fn what_is_no_id_is_no_mark_and_what_is_typed_is_none_either() {
        let marks = Marks::default();
        assert_eq!(format!("{}{}", marks.user("x"), marks.member("", "a")), "");
        let typed = "&#60;!--name:0--&#62;";
        assert_eq!(replaced(typed, |_| "!".to_owned(), "a part has no title"), typed);
        assert_eq!(replaced("<!--name:x-->a<!--name:", |_| "!".to_owned(), ""), "a");
    }
}
