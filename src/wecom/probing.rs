//! Calls that only tell what a credential may do (reference 13.1): as little of each list as WeCom gives.

use super::{
    api_request::ApiRequest,
    client::WeCom,
    contacts::Pages,
    error::WeComError,
    model::{Credential, Department, Rows},
};

impl WeCom {
    /// The root department and those below it, ids only (`department/simplelist`).
    ///
    /// # Errors
    /// See [`WeCom::agent`].
    pub async fn root_departments(&self, credential: &Credential) -> Result<Rows<Department>, WeComError> {
        let ask = ApiRequest::new("department/simplelist").with("id", 1);
        self.departments_by(credential, ask, "department_id").await
    }

    /// The userid of one member of the corp (`user/list_id`); `None`: it has none that can be read.
    ///
    /// # Errors
    /// 48002 with an app's secret.
    pub async fn one_userid(&self, credential: &Credential) -> Result<Option<String>, WeComError> {
        let body = serde_json::json!({ "cursor": "", "limit": 1 });
        let mut page = Pages::default();
        self.add_page(credential, &mut page, body).await?;
        Ok(page.found.rows.into_iter().next().map(|row| row.userid))
    }

    /// How many members have customers (`externalcontact/get_follow_user_list`, reference 8).
    ///
    /// # Errors
    /// 48002 or 84074 with a secret that is neither that of 客户联系 nor of an app on its list.
    pub async fn count_followers(&self, credential: &Credential) -> Result<usize, WeComError> {
        let ask = ApiRequest::new("externalcontact/get_follow_user_list");
        let reply = self.call(credential, ask).await?;
        let found = reply.row().list("follow_user");
        found.map(<[_]>::len).map_err(|reason| reply.unreadable(reason))
    }
}
