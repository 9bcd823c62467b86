//! Reading by WeCom's asynchronous export, where a data source says so (reference 5.7): departments and members of a fetch.
//!
//! Nothing falls back by itself: where an export gives nothing, the list it stands for is missing. What an export is not known to give is
//! read as ever ([`super::completeness`]). How WeCom's exports behave is known from documentation alone.

use super::{failure::SyncFailure, fetch::Fetch};
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
    /// departments are something, and a finding says what they lack.
    pub(super) async fn exported_members(&mut self, credential: &Credential) {
        let mut answer = self.export(credential, Export::Members).await;
        let refused = answer.as_ref().is_err_and(WeComError::is_refused_export);
        if refused && credential.kind == SecretKind::ContactsSync {
            answer = self.export(credential, Export::MemberNames).await;
            if answer.is_ok() {
                self.builder.add_finding(SyncFailure::ExportNamesOnly, true, None);
            }
        }
        let exported = match answer {
            Ok(exported) => exported,
            Err(error) => return self.builder.members(Err(error)),
        };
        for at in 0..exported.files() {
            let part = self.wecom.exported_members(&exported, at).await;
            self.tally.done();
            self.builder.members(part);
            self.tally.members(self.builder.seen());
        }
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
            Err(error) if error.is_refused_export() && credential.kind == SecretKind::ContactsSync => {
                self.contacts_may_not_export = true;
            }
            Err(_) => {}
        }
        answer
    }
}
