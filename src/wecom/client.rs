//! The calls, typed.

use super::{
    error::WeComError,
    model::{Agent, Credential, Department, MemberId, Members, Scanned, Sight, TagContent, TagName},
};

/// Speaks to WeCom. Cheap to clone.
#[derive(Clone)]
pub struct WeCom {}

type Answer<T> = Result<T, WeComError>;

impl WeCom {
    /// The app as WeCom knows it, with its visible scope (`agent/get`).
    ///
    /// # Errors
    /// Any [`WeComError`]; so for every call here.
    pub async fn agent(&self, credential: &Credential) -> Answer<Agent> {
        todo!()
    }
    /// Who scanned: exchanges a single-use code (`auth/getuserinfo`).
    pub async fn scanned(&self, credential: &Credential, code: &str) -> Answer<Scanned> {
        todo!()
    }
    /// One member, live (`user/get`).
    pub async fn member(&self, credential: &Credential, userid: &str) -> Answer<Sight> {
        todo!()
    }
    /// All visible departments with names (`department/list`).
    pub async fn departments(&self, credential: &Credential) -> Answer<Vec<Department>> {
        todo!()
    }
    /// All visible departments, ids only (`department/simplelist`).
    pub async fn department_ids(&self, credential: &Credential) -> Answer<Vec<Department>> {
        todo!()
    }
    /// Members directly in one department (`user/list`).
    pub async fn members_of(&self, credential: &Credential, department: i64) -> Answer<Members> {
        todo!()
    }
    /// All (member, department) pairs of the corp, every page (`user/list_id`); contacts-sync secret only.
    pub async fn member_ids(&self, credential: &Credential) -> Answer<Vec<MemberId>> {
        todo!()
    }
    /// All tags (`tag/list`).
    pub async fn tags(&self, credential: &Credential) -> Answer<Vec<TagName>> {
        todo!()
    }
    /// One tag's content (`tag/get`).
    pub async fn tag(&self, credential: &Credential, id: i64) -> Answer<TagContent> {
        todo!()
    }
    /// Forgets the cached token and the block on a wrong secret, after an admin edited this credential.
    pub async fn forget(&self, credential: &Credential) {
        todo!()
    }
}
