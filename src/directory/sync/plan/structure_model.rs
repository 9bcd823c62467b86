//! What a plan writes of departments, tags and the integration app, as values. Pure.

use uuid::Uuid;

use crate::directory::sync::snapshot::ScopeLine;

/// Departments to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DepartmentPlan {
    /// New or changed, whole.
    pub upserts: Vec<DepartmentChange>,
    /// Gone.
    pub deletes: Vec<Uuid>,
}

/// A new or changed department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartmentChange {
    /// WeCom's id.
    pub wecom_id: i64,
    /// WeCom's id of the parent.
    pub parent_wecom_id: i64,
    /// Empty where WeCom withholds it.
    pub name: String,
    /// Bigger comes first.
    pub sort_order: i64,
    /// `/1/2/7/`.
    pub path: String,
}

/// Tags to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagPlan {
    /// New or renamed: WeCom's id and name.
    pub upserts: Vec<(i64, String)>,
    /// Gone.
    pub deletes: Vec<Uuid>,
    /// Changed contents.
    pub contents: Vec<TagContentChange>,
}

/// Who and what gains or loses a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagContentChange {
    /// WeCom's id of the tag.
    pub wecom_id: i64,
    /// Keys of userids.
    pub add_users: Vec<String>,
    /// Keys of userids.
    pub remove_users: Vec<String>,
    /// WeCom's department ids.
    pub add_departments: Vec<i64>,
    /// WeCom's department ids.
    pub remove_departments: Vec<i64>,
}

/// The integration app's row and scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppPlan {
    /// Row id.
    pub id: Uuid,
    /// As WeCom names it.
    pub name: String,
    /// Disabled in WeCom.
    pub closed: bool,
    /// Whether people may sign in through other apps as well.
    pub has_others: bool,
    /// Trusted domain of in-app OAuth.
    pub redirect_domain: Option<String>,
    /// Lines that are new.
    pub add: Vec<ScopeLine>,
    /// Lines that are gone.
    pub remove: Vec<ScopeLine>,
}
