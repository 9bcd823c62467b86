//! Acts that are hard to take back, or that give power away: for them the person must have proved who they are within the last quarter of an
//! hour. One table, so that a page cannot forget it; asked before any handler runs.

use std::time::Duration;

use actix_web::{dev::ServiceRequest, http::Method};

use crate::console::operator::Operator;

/// How long a proof counts.
const RECENT: Duration = Duration::from_secs(15 * 60);
/// How old it may be where a form is shown, so that there is time to fill it in.
const AT_THE_FORM: Duration = Duration::from_secs(10 * 60);

/// Where the form of an act stands.
#[derive(Clone, Copy)]
enum Form {
    /// On a page of its own at the same address, which asks already when it is shown, so that nothing typed is lost.
    Own,
    /// On the page at this address.
    At(&'static str),
    /// On the page beside it: the last part of its address is this.
    Beside(&'static str),
}

/// Address of each act below `/console`, and where its form stands.
const ACTS: &[(&str, Form)] = &[
    ("/portals/{id}/edit", Form::Own),
    ("/portals/{id}/allowed", Form::Own),
    ("/portals/{id}/secret", Form::Own),
    ("/portals/{id}/delete", Form::Own),
    ("/portals/{id}/sessions/end", Form::Own),
    ("/wecom/{id}/edit", Form::Own),
    ("/wecom/{id}/delete", Form::Own),
    ("/wecom/auth-sources/{id}", Form::Own),
    ("/wecom/auth-sources/{id}/delete", Form::At("/console/wecom")),
    ("/suites/{id}/edit", Form::Own),
    ("/suites/{id}/keys", Form::Own),
    ("/suites/{id}/delete", Form::Own),
    ("/installations/new", Form::Own),
    ("/moves/{source}", Form::Own),
    ("/moves/{source}/{move}/change", Form::Own),
    ("/moves/{source}/{move}/undo", Form::Own),
    ("/moves/{source}/{move}/finish", Form::Own),
    ("/setup/{source}/corp", Form::Own),
    ("/setup/{source}/app", Form::Own),
    ("/setup/{source}/rules", Form::Beside("people")),
    ("/setup/{source}/sync", Form::Beside("people")),
    ("/people/{id}/role", Form::Own),
    ("/people/groups/{id}/add", Form::Own),
    ("/people/groups/{id}/edit", Form::Own),
    ("/people/{id}/password-link", Form::Beside("ways-in")),
    ("/people/{id}/totp-link", Form::Beside("ways-in")),
    ("/people/{id}/remove-passkey", Form::Beside("ways-in")),
    ("/sync/{run}/confirm", Form::Own),
    ("/sync/{run}/undo", Form::Own),
    ("/requests/settings/{source}", Form::Own),
    ("/requests/{id}/groups", Form::Own),
    ("/settings/operators", Form::At("/console/settings")),
    ("/settings/operators/{user}/role", Form::At("/console/settings")),
    ("/settings/operators/{user}/remove", Form::At("/console/settings")),
    ("/settings/operators/{user}/link", Form::At("/console/settings")),
    ("/settings/tokens", Form::At("/console/settings/tokens")),
    ("/settings/keys/rotate", Form::Own),
    ("/settings/notices/channels/new", Form::Own),
    ("/settings/notices/channels/{id}", Form::Own),
    ("/settings/registration", Form::At("/console/settings/registration")),
];

/// The page to come back to after a new proof, where this request needs one that this person has not given lately; `None`: it goes on.
pub(super) fn missing(request: &ServiceRequest, operator: &Operator) -> Option<String> {
    let sends = request.method() == Method::POST;
    if operator.now.since(operator.proved) < if sends { RECENT } else { AT_THE_FORM } {
        return None;
    }
    let pattern = request.match_pattern()?;
    let act = pattern.strip_prefix("/console")?;
    let (_, form) = ACTS.iter().find(|(known, _)| *known == act)?;
    let path = request.path();
    match form {
        Form::Own if sends => Some(path.to_owned()),
        Form::Own => request.uri().path_and_query().map(|target| target.as_str().to_owned()),
        Form::At(page) => sends.then(|| (*page).to_owned()),
        Form::Beside(page) => {
            let (parent, _) = path.rsplit_once('/')?;
            sends.then(|| format!("{parent}/{page}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ACTS;

    #[test]
    fn each_act_is_an_address_that_is_mounted() {
        let files = [
            include_str!("people/mod.rs"),
            include_str!("portals/mod.rs"),
            include_str!("wecom/mod.rs"),
            include_str!("suites/mod.rs"),
            include_str!("installations/mod.rs"),
            include_str!("moves/mod.rs"),
            include_str!("sync/mod.rs"),
            include_str!("setup/mod.rs"),
            include_str!("settings/mod.rs"),
            include_str!("settings/notices/mod.rs"),
            include_str!("people/groups/mod.rs"),
            include_str!("people/role.rs"),
            include_str!("people/ways_in.rs"),
            include_str!("requests/mod.rs"),
        ];
        for (act, _) in ACTS {
            assert!(files.iter().any(|file| file.contains(&format!("\"{act}\""))), "{act}");
        }
    }
}
