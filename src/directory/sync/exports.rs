//! Reading by WeCom's asynchronous export, where a data source says so (reference 5.7): departments and members of a fetch.
//!
//! Nothing falls back by itself: where an export gives nothing, the list it stands for is missing. What an export is not known to give is
//! read as ever ([`super::completeness`]). How WeCom's exports behave is known from documentation alone.

use super::fetch::{Fetch, Shown};
use crate::wecom::{
    Export, ExportFault, Exported, WeComError,
    model::{Credential, Department, Rows, SecretKind},
};

type Answer<T> = Result<T, WeComError>;

impl Fetch<'_> {
    /// Fetches the departments; all files of them, or none.
    pub(super) async fn exported_departments(&mut self, credential: &Credential) -> Answer<Rows<Department>> {
        let exported = self.export(credential, Export::Departments).await?;
        let mut whole = Rows::default();
        for at in 0..exported.files() {
            let part = self.wecom.exported_departments(&exported, at).await;
            self.tally.done();
            let part = part?;
            whole.rows.extend(part.rows);
            whole.malformed.extend(part.malformed);
        }
        Ok(whole)
    }

    /// Fetches the members that the secret sees. Where WeCom does not export their details to a contacts-sync secret, their names and
    /// departments are something.
    pub(super) async fn exported_members(&mut self, credential: &Credential) -> Shown {
        let mut answer = self.export(credential, Export::Members).await;
        let refused = answer.as_ref().is_err_and(WeComError::is_refused_export);
        let names_only = refused && credential.kind == SecretKind::ContactsSync;
        if names_only {
            answer = self.export(credential, Export::MemberNames).await;
        }
        let exported = match answer {
            Ok(exported) => exported,
            Err(error) if error.is_refused_export() => return Shown::Nothing(error),
            Err(error) => {
                self.builder.members(Err(error));
                return Shown::Details;
            }
        };
        for at in 0..exported.files() {
            let part = self.wecom.exported_members(&exported, at).await;
            self.tally.done();
            if names_only {
                self.builder.member_names(part);
            } else {
                self.builder.members(part);
            }
            self.tally.members(self.builder.seen());
        }
        if names_only { Shown::Names } else { Shown::Details }
    }

    /// Has WeCom export something, unless an export was late before: the next would be, too.
    async fn export(&mut self, credential: &Credential, what: Export) -> Answer<Exported> {
        let late = self.late_export.clone();
        if let Some(error) = late {
            return Err(error.about("others were not begun"));
        }
        let answer = self.wecom.export(credential, what).await;
        match &answer {
            Ok(exported) => self.tally.plan(exported.files()),
            Err(error) if error.export == Some(ExportFault::Late) => self.late_export = Some(error.clone()),
            Err(_) => {}
        }
        answer
    }
}
