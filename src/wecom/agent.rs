//! Parses `agent/get`: an app with its visible scope (reference 4.1). Every `allow_*` may be absent; a shape nobody described fails the
//! reply, because an empty scope would shut everybody out. A picked member without a readable userid is reported; the others count.

use super::{contacts::userids, error::WeComError, json_object::FieldResult, model::Agent, reply::Reply};

/// Reads the reply of `agent/get`.
pub(super) fn read(reply: &Reply) -> Result<Agent, WeComError> {
    agent(reply).map_err(|reason| reply.unreadable(reason))
}

fn agent(reply: &Reply) -> FieldResult<Agent> {
    let row = reply.row();
    let users = row.inside("allow_userinfos")?.map(|users| users.list("user"));
    let users = userids(users.transpose()?.unwrap_or_default(), "user");
    let departments = row.inside("allow_partys")?.map(|parties| parties.ints("partyid"));
    let tags = row.inside("allow_tags")?.map(|tags| tags.ints("tagid"));
    Ok(Agent {
        agent_id: row.int("agentid")?.ok_or("no `agentid`")?,
        name: row.text("name")?.unwrap_or_default(),
        users: users.rows,
        malformed: users.malformed,
        departments: departments.transpose()?.unwrap_or_default(),
        tags: tags.transpose()?.unwrap_or_default(),
        closed: row.int("close")?.is_some_and(|close| close != 0),
        redirect_domain: row.text("redirect_domain")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::{
        model::SecretKind,
        testing::{Stub, app, bench},
    };

    fn parse(body: &str) -> Result<Agent, WeComError> {
        read(&Reply::read("agent/get", body.as_bytes(), str::to_owned).ok().unwrap())
    }

    #[test]
    fn the_scope_is_read_with_all_its_parts() {
        let agent = parse(
            r#"{"errcode":0,"agentid":1000005,"name":"SSO","allow_userinfos":{"user":[{"userid":"lihua","status":"1"}]},
            "allow_partys":{"partyid":[2,"9"]},"allow_tags":{"tagid":[3]},"close":0,"redirect_domain":"sso.corp.example"}"#,
        )
        .unwrap();
        assert_eq!(
            (agent.users, agent.departments, agent.tags),
            (vec!["lihua".to_owned()], vec![2, 9], vec![3])
        );
        assert_eq!(
            (agent.closed, agent.redirect_domain.as_deref()),
            (false, Some("sso.corp.example"))
        );
    }

    #[test]
    fn absent_parts_are_empty_and_strange_ones_are_refused() {
        let agent = parse(r#"{"agentid":"1000005","close":"1","allow_partys":{},"allow_tags":[]}"#).unwrap();
        assert!(agent.closed && agent.users.is_empty() && agent.departments.is_empty() && agent.tags.is_empty());
        assert!(parse("{}").is_err());
        assert!(parse(r#"{"agentid":1,"allow_partys":"all"}"#).is_err());
        assert!(parse(r#"{"agentid":1,"allow_userinfos":{"user":"all"}}"#).is_err());
    }

    #[test]
    fn a_picked_member_without_a_userid_hides_nobody_else() {
        let agent =
            parse(r#"{"agentid":1,"allow_userinfos":{"user":[{},{"userid":"a\u0000"},{"userid":"lihua"}]}}"#).unwrap();
        assert_eq!((agent.users, agent.malformed.len()), (vec!["lihua".to_owned()], 2));
    }

    #[tokio::test]
    async fn the_contacts_helper_has_no_app_to_ask_about() {
        let stub = Stub::scripted(&[("agent/get", r#"{"agentid":1000002}"#)]);
        let wecom = bench(&stub).wecom;
        let mut credential = app();
        assert_eq!(wecom.agent(&credential).await.unwrap().agent_id, 1_000_002);
        credential.kind = SecretKind::ContactsSync;
        assert!(wecom.agent(&credential).await.is_err());
        assert_eq!(stub.count("agent/get"), 1);
    }
}
