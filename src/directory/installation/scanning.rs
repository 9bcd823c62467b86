//! A phone's install carries nothing that says who asked for it: so a member for whom the app was authorised scans, at the console of whoever wants to
//! bind, and that binds the corp whose member they are (product S5.2).

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::{
    failure::InstallationFailure,
    input::{ScanInput, ScanReturn},
    model::{Installation, Invitation, SCAN_LIFE, Stage, Way},
    service::Installations,
    state::Status,
    store::{binding, invitations},
    view::{InvitationView, ScanView},
};
use crate::{
    crypto::digest::sha256_base64url,
    directory::{
        offboarding::model::EndReason,
        sync::{plan::visible_scope::Contacts, snapshot::ScopeLine},
    },
    kernel::failure::Result,
    wecom::{
        login_url::{self, Lang, Login},
        model::{Credential, Member, MemberLookup, ScannedIdentity, SuiteCredential, TagContent},
        suite::{InstallationInfo, SuiteIdentity},
    },
};

/// Where WeCom's login page comes back to, below `public_url`.
const RETURN: &str = "/console/installations/scanned";

impl Installations {
    /// Begins the scan that binds: *I have installed it*. A scan that was begun before by this invitation is over.
    ///
    /// # Errors
    /// `IN-101` for an unknown invitation, `IN-104` for another admin's, `IN-105` and `IN-106` for one that was used or is too old, `IN-103` without a
    /// ticket; for an app of a template `IN-102` without the installation, and what [`binding::why_not`] says of it.
    pub async fn begin_scan(&self, actor: &str, (suite, id): (Uuid, Uuid), input: &ScanInput) -> Result<ScanView> {
        let invitation = self.invitation(suite, id).await?;
        if invitation.created_by != actor || invitation.way != Way::Phone {
            return Err(InstallationFailure::ForeignState.into());
        }
        self.is_open(&invitation)?;
        let credential = self.suite(suite).await?;
        let own = match credential.is_template() {
            true => Some(self.chosen(&invitation, input).await?),
            false => None,
        };
        let state = self.deps.entropy.hex_id();
        let until = self.now().plus(SCAN_LIFE);
        let digest = sha256_base64url(state.as_bytes());
        invitations::begin_scan(&self.deps.database, id, (&digest, until)).await?;
        let back = format!("{}{RETURN}", self.deps.public_url);
        let login = Login {
            corp_id: own.as_ref().map_or("", |one| &one.corp_id),
            agent_id: own.as_ref().and_then(|one| one.agent_id).unwrap_or(0),
            suite_id: own.is_none().then_some(credential.suite_id.as_str()),
            redirect_uri: &back,
            state: &state,
        };
        let lang = if input.english { Lang::En } else { Lang::Zh };
        Ok(ScanView {
            login_url: login_url::web_login(self.deps.wecom.endpoints(), login, lang),
            expires_at: until.millis(),
        })
    }

    /// The installation of a template's app that is to be bound: people sign in at it, so it must be known before the scan.
    async fn chosen(&self, invitation: &Invitation, input: &ScanInput) -> Result<Installation> {
        let id = input.installation_id.or(invitation.installation);
        let Some(id) = id else {
            let failure = InstallationFailure::Invalid.failure();
            return Err(failure.field("installation_id", "is needed for an app of a template"));
        };
        let one = self.installation(id).await?;
        if one.suite != invitation.suite {
            return Err(InstallationFailure::NotFound.into());
        }
        if one.status != Status::Unbound || one.agent_id.is_none() {
            return Err(binding::why_not(&one));
        }
        invitations::hint(self.deps.database.writer(), invitation.id, id).await?;
        Ok(one)
    }

    fn is_open(&self, invitation: &Invitation) -> Result<()> {
        match invitation.stage(self.now()) {
            Stage::Open => Ok(()),
            Stage::Expired => Err(InstallationFailure::InvitationExpired.into()),
            Stage::Redeemed | Stage::Connected | Stage::Failed => Err(InstallationFailure::InvitationUsed.into()),
        }
    }

    /// Binds the corp of whoever scanned. Answers the invitation, which is `connected` then.
    ///
    /// # Errors
    /// `IN-102` for what is no code, `IN-116` for a scan that is over, used, or another admin's, `IN-114` for somebody of no corp, `IN-110` where their
    /// corp has not installed the app, `IN-108` where it is bound already, `IN-111` and `IN-112` where the installation is over, `IN-113` for somebody
    /// outside the visible scope, `IN-107` for somebody disabled, `IN-109` where the corp is connected by another suite; what WeCom refuses.
    pub async fn scanned(&self, actor: &str, input: &ScanReturn) -> Result<InvitationView> {
        input.check()?;
        let digest = sha256_base64url(input.state.as_bytes());
        let taken = invitations::take_scan(&self.deps.database, (&digest, actor), self.now()).await?;
        let invitation = taken.ok_or(InstallationFailure::ScanOver)?;
        self.is_open(&invitation)?;
        let suite = self.suite(invitation.suite).await?;
        let (one, userid) = self.who(&suite, &invitation, input.code.expose()).await?;
        self.waits(&one)?;
        let (one, info) = self.read_scope(&suite, one).await?;
        let credential = self.app(&suite, &one)?;
        self.is_user(&credential, &info, &userid).await?;
        self.bind(actor, one.id, &invitation).await?;
        self.invitation_shown(invitation.suite, invitation.id).await
    }

    /// The installation of whoever scanned, and their userid.
    async fn who(
        &self,
        suite: &SuiteCredential,
        invitation: &Invitation,
        code: &str,
    ) -> Result<(Installation, String)> {
        let wecom = &self.deps.wecom;
        if suite.is_template() {
            let id = invitation.installation.ok_or(InstallationFailure::NotInstalled)?;
            let one = self.installation(id).await?;
            self.waits(&one)?;
            let found = wecom.exchange_code(&self.app(suite, &one)?, code).await?;
            return match found {
                ScannedIdentity::Member { userid, .. } => Ok((one, userid)),
                ScannedIdentity::LinkedCorp { .. } | ScannedIdentity::OtherCorp { .. } => {
                    Err(InstallationFailure::NotInstalled.into())
                }
                ScannedIdentity::Outsider => Err(InstallationFailure::Outsider.into()),
            };
        }
        let SuiteIdentity::Member { corp_id, userid, .. } = wecom.suite_identity(suite, code).await? else {
            return Err(InstallationFailure::Outsider.into());
        };
        let one = self.installed(invitation.suite, &corp_id).await?;
        Ok((one.ok_or(InstallationFailure::NotInstalled)?, userid))
    }

    fn waits(&self, one: &Installation) -> Result<()> {
        if one.status != Status::Unbound {
            return Err(binding::why_not(one));
        }
        match one.expires_at {
            Some(at) if at <= self.now().millis() => Err(InstallationFailure::Expired.into()),
            _ => Ok(()),
        }
    }

    /// What the corp authorised, as WeCom tells it now.
    async fn read_scope(&self, suite: &SuiteCredential, one: Installation) -> Result<(Installation, InstallationInfo)> {
        let code = self.code(one.code_sealed.as_deref())?;
        match self.deps.wecom.installation(suite, &one.corp_id, &code).await {
            Ok(info) => {
                self.keep_read(&one, &info).await?;
                Ok((self.installation(one.id).await?, info))
            }
            Err(error) if error.is_not_installed() => {
                self.missing(&one).await?;
                Err(InstallationFailure::Cancelled.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Refuses whoever is not among those for whom the corp authorised the app: its contacts may be readable beyond them (reference 9.4).
    async fn is_user(&self, credential: &Credential, info: &InstallationInfo, userid: &str) -> Result<()> {
        let MemberLookup::Visible(member) = self.deps.wecom.member(credential, userid).await? else {
            return Err(InstallationFailure::OutsideScope.into());
        };
        if member.status.and_then(EndReason::of_status).is_some() {
            return Err(InstallationFailure::MemberInactive.into());
        }
        let wecom = &self.deps.wecom;
        let departments = match wecom.department_ids(credential).await {
            Ok(rows) => rows.rows,
            Err(error) if error.is_passing() => return Err(error.into()),
            // Of picked members alone no department is shown (reference 17.2).
            Err(_) => Vec::new(),
        };
        let mut tags = Vec::with_capacity(info.tags.len());
        for id in &info.tags {
            tags.push((*id, wecom.tag(credential, *id).await?));
        }
        let tree = departments
            .iter()
            .map(|row| (row.id, row.parent_id.unwrap_or_default()));
        match covers(info, &member, (tree, &tags)) {
            true => Ok(()),
            false => Err(InstallationFailure::OutsideScope.into()),
        }
    }
}

/// Whether what was authorised covers this member.
fn covers(
    info: &InstallationInfo,
    member: &Member,
    (tree, tags): (impl Iterator<Item = (i64, i64)>, &[(i64, TagContent)]),
) -> bool {
    let key = |userid: &String| userid.to_lowercase();
    let tagged: Vec<(i64, BTreeSet<String>, BTreeSet<i64>)> = tags
        .iter()
        .map(|(id, tag)| {
            (
                *id,
                tag.userids.iter().map(key).collect(),
                tag.departments.iter().copied().collect(),
            )
        })
        .collect();
    let tags: HashMap<_, _> = tagged.iter().map(|(id, users, below)| (*id, (users, below))).collect();
    let users = info.users.iter().map(|userid| ScopeLine::User(key(userid)));
    let departments = info.departments.iter().map(|id| ScopeLine::Department(*id));
    let scope: BTreeSet<ScopeLine> = users
        .chain(departments)
        .chain(info.tags.iter().map(|id| ScopeLine::Tag(*id)))
        .collect();
    let inside = Contacts::of(tree, tags).expand(&scope);
    inside.is_some_and(|inside| inside.covers(&key(&member.userid), &member.departments))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(userid: &str, departments: &[i64]) -> Member {
        Member {
            userid: userid.to_owned(),
            departments: departments.to_vec(),
            ..Member::default()
        }
    }

    #[test]
    fn whoever_is_readable_is_not_therefore_a_user() {
        let info = InstallationInfo {
            users: vec!["Picked".to_owned()],
            departments: vec![2],
            tags: vec![7],
            extra_users: vec!["read".to_owned()],
            extra_departments: vec![9],
            ..InstallationInfo::default()
        };
        let tag = TagContent {
            userids: vec!["tagged".to_owned()],
            departments: vec![5],
            ..TagContent::default()
        };
        let inside = |userid: &str, departments: &[i64]| {
            let tree = [(2, 1), (3, 2), (4, 3), (5, 1), (6, 5), (9, 1)].into_iter();
            covers(&info, &member(userid, departments), (tree, &[(7, tag.clone())]))
        };
        assert!(
            inside("picked", &[]) && inside("a", &[2]) && inside("a", &[4]),
            "singly, by department, below it"
        );
        assert!(
            inside("Tagged", &[]) && inside("a", &[6]),
            "by tag, and below a tag's department"
        );
        assert!(!inside("read", &[]) && !inside("a", &[9]) && !inside("a", &[1]));
    }
}
