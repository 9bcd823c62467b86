//! Probes one credential: a token, then as little as shows what it may do (reference 13.1). Nothing more is asked once an answer says that
//! everything else would be refused as well.

use super::model::{Capability, Fault, Outcome, Probed, Row, SeenApp};
use crate::wecom::{
    WeCom, WeComError, WeComFailure,
    model::{Agent, Credential, MemberLookup, SecretKind},
};

const NOT_ASKED: &str = "Not asked, because of what was refused before.";

/// Probes a credential.
pub async fn ask(wecom: &WeCom, credential: &Credential) -> Probed {
    match credential.kind {
        SecretKind::App { agent_id } => app(wecom.agent(credential).await, agent_id),
        SecretKind::ContactsSync => Probed {
            rows: contacts(wecom, credential).await,
            app: None,
        },
        SecretKind::ExternalContacts => Probed {
            rows: external_contacts(wecom.count_followers(credential).await),
            app: None,
        },
    }
}

fn app(answer: Result<Agent, WeComError>, agent_id: i64) -> Probed {
    let alone = |rows: Vec<Row>| Probed { rows, app: None };
    match answer {
        Err(error) => alone(after_token(Capability::App, &error)),
        Ok(agent) if agent.agent_id != agent_id => {
            let detail = format!("WeCom answered with AgentId {}, not {agent_id}.", agent.agent_id);
            let wrong = (Fault::AgentWrong, WeComFailure::AgentWrong);
            alone(vec![token(), Row::no(Capability::App, wrong, detail)])
        }
        Ok(agent) => Probed {
            rows: vec![token(), Row::yes(Capability::App, described(&agent))],
            app: Some(SeenApp {
                closed: agent.closed,
                scope: agent.departments.len() + agent.users.len() + agent.tags.len() + agent.malformed.len(),
                redirect_domain: agent.redirect_domain,
                seen_at: None,
            }),
        },
    }
}

fn described(agent: &Agent) -> String {
    format!(
        "AgentId {} is '{}'. Its visible scope: {} departments, {} members picked singly, {} tags.",
        agent.agent_id,
        agent.name,
        agent.departments.len(),
        agent.users.len() + agent.malformed.len(),
        agent.tags.len()
    )
}

fn token() -> Row {
    Row::yes(Capability::Token, "WeCom gives a token.")
}

/// The token's row and that of the call that failed, where the token was the reason or not.
fn after_token(capability: Capability, error: &WeComError) -> Vec<Row> {
    match error.is_of_token() {
        true => vec![
            Row::failed(Capability::Token, error),
            Row::not_asked(capability, NOT_ASKED),
        ],
        false => vec![token(), Row::failed(capability, error)],
    }
}

fn external_contacts(answer: Result<usize, WeComError>) -> Vec<Row> {
    let capability = Capability::ExternalContacts;
    match answer {
        Err(error) => after_token(capability, &error),
        Ok(count) => vec![
            token(),
            Row::yes(capability, format!("{count} members have customers.")),
        ],
    }
}

async fn contacts(wecom: &WeCom, credential: &Credential) -> Vec<Row> {
    let mut rows = match wecom.root_departments(credential).await {
        Ok(departments) => {
            let detail = format!("{} departments.", departments.rows.len());
            vec![token(), Row::yes(Capability::Departments, detail)]
        }
        Err(error) => after_token(Capability::Departments, &error),
    };
    if is_in_vain(&rows) {
        return without_members(rows);
    }
    let userid = match wecom.one_userid(credential).await {
        Ok(userid) => {
            rows.push(Row::yes(Capability::MemberIds, "WeCom lists the members' userids."));
            userid
        }
        Err(error) => {
            rows.push(Row::failed(Capability::MemberIds, &error));
            rows.push(Row::not_asked(Capability::MemberDetails, NOT_ASKED));
            return rows;
        }
    };
    rows.push(details(wecom, credential, userid).await);
    rows
}

/// The rows where nothing was asked about members.
fn without_members(mut rows: Vec<Row>) -> Vec<Row> {
    rows.extend([Capability::MemberIds, Capability::MemberDetails].map(|left| Row::not_asked(left, NOT_ASKED)));
    rows
}

async fn details(wecom: &WeCom, credential: &Credential, userid: Option<String>) -> Row {
    let capability = Capability::MemberDetails;
    let Some(userid) = userid else {
        return Row::not_asked(capability, "Not asked: the corp shows no member.");
    };
    match wecom.member(credential, &userid).await {
        Ok(MemberLookup::Visible(_)) => Row::yes(capability, "WeCom shows the details of members."),
        Ok(MemberLookup::NotVisible { errcode }) => Row::not_asked(
            capability,
            &format!("WeCom does not show the member it listed ({errcode})."),
        ),
        Err(error) => Row::failed(capability, &error),
    }
}

/// Whether every other call would be refused for the same reason.
fn is_in_vain(rows: &[Row]) -> bool {
    rows.iter().any(|row| {
        let refused = row.capability == Capability::Token && row.outcome != Outcome::Yes;
        refused || matches!(row.fault, Some(Fault::IpNotTrusted | Fault::NoAnswer))
    })
}

#[cfg(test)]
#[path = "asking_tests.rs"]
mod tests;
