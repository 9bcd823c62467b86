//! The words of pushes (reference §7.7, §9.1, §9.3, §9.6).
//!
//! Members are named by id alone, and departments only where the suite sees them. Fields are read from the world as it stands when pushed.

use super::events::{Event, list, tag_fields};
use super::held::Held;
use super::pushes::Push;
use super::render::{Node, message};
use super::target::Destination;
use crate::state::State;
use crate::world::index::Visible;
use crate::world::open_ids::OpenIds;
use crate::world::{Corp, Member};

/// Words a push; `None`: the suite is unknown.
pub(super) fn word(state: &mut State, suite_id: &str, push: &Push, now: u64) -> Option<Held> {
    let ids = OpenIds::of_suite(&state.world, suite_id)?;
    let blank = state.world.switches.suites.info_type_leading_blank;
    let info_type = format!("{}{}", if blank { " " } else { "" }, push.info_type());
    let auth_corp = push.corp().map(|corp| Node::text("AuthCorpId", &ids.corpid(corp)));
    let mut nodes = vec![Node::text("SuiteId", suite_id)];
    nodes.extend(auth_corp);
    nodes.extend([Node::text("InfoType", &info_type), Node::number("TimeStamp", now)]);
    nodes.extend(body(state, suite_id, push, &ids, now));
    let message = message(&nodes, &state.world.switches);
    Some(Held::new(Destination::Suite(suite_id.to_owned()), message))
}

fn body(state: &mut State, suite_id: &str, push: &Push, ids: &OpenIds, now: u64) -> Vec<Node> {
    match push {
        Push::SuiteTicket => {
            let State { suites, rng, .. } = state;
            vec![Node::text("SuiteTicket", &suites.tickets.make(suite_id, now, rng))]
        }
        Push::CreateAuth {
            auth_code,
            state: given,
        } => {
            let carries = state.world.switches.suites.create_auth_carries_state && !given.is_empty();
            let given = carries.then(|| Node::text("State", given));
            let code = Node::text("AuthCode", auth_code);
            std::iter::once(code).chain(given).collect()
        }
        Push::ResetPermanentCode { auth_code } => vec![Node::text("AuthCode", auth_code)],
        Push::ChangeAuth { .. } | Push::CancelAuth { .. } => Vec::new(),
        Push::Change {
            corp,
            event,
            open_userid,
        } => {
            let agentid = state.world.installed(corp, suite_id).map(|app| app.agentid);
            let Some((corp, index, _)) = state.corp(corp) else {
                return Vec::new();
            };
            let visible = agentid.and_then(|agentid| index.readable(agentid));
            change(corp, event, open_userid.as_deref(), ids, visible)
        }
    }
}

fn change(
    corp: &Corp,
    event: &Event,
    open_userid: Option<&str>,
    ids: &OpenIds,
    visible: Option<&Visible>,
) -> Vec<Node> {
    let kind = |name: &str| Node::text("ChangeType", name);
    let member = |userid: &str, called: &str, new: Option<&str>| {
        let open = open_userid.map(str::to_owned).or_else(|| ids.open_userid(corp, called));
        let known = corp.member(called);
        // Encrypted ids stay when the userid changes.
        let new = new.filter(|_| !ids.encrypts_users());
        let told = if new.is_some() {
            userid.to_owned()
        } else {
            ids.userid(corp, called)
        };
        let mut nodes = vec![Node::text("UserID", &told)];
        nodes.extend(open.map(|id| Node::text("OpenUserID", &id)));
        nodes.extend(new.map(|id| Node::text("NewUserID", id)));
        nodes.extend(
            known
                .map(|member| fields(corp, member, ids, visible))
                .unwrap_or_default(),
        );
        nodes
    };
    let party = |id: u32, parent: bool| {
        let above = corp.departments.get(&id).filter(|_| parent);
        let above = above.map(|department| Node::number("ParentId", department.parent));
        std::iter::once(Node::number("Id", id)).chain(above).collect::<Vec<_>>()
    };
    let (name, rest) = match event {
        Event::CreateUser { userid } => ("create_user", member(userid, userid, None)),
        Event::UpdateUser { userid, new_userid } => {
            let called = new_userid.as_deref().unwrap_or(userid);
            ("update_user", member(userid, called, new_userid.as_deref()))
        }
        Event::DeleteUser { userid } => {
            let open = open_userid.map(|id| Node::text("OpenUserID", id));
            let named = Node::text("UserID", userid);
            ("delete_user", std::iter::once(named).chain(open).collect())
        }
        Event::CreateParty { id } => ("create_party", party(*id, true)),
        Event::UpdateParty { id } => ("update_party", party(*id, true)),
        Event::DeleteParty { id } => ("delete_party", party(*id, false)),
        Event::UpdateTag { .. } => ("update_tag", tag_fields(&told_tag(corp, event, ids))),
        Event::ExternalContact(what) => return what.fields(&ids.userid(corp, &what.userid)),
        Event::ExternalChat(what) => return what.fields(),
        Event::ExternalTag(what) => return what.fields(),
        _ => return Vec::new(),
    };
    std::iter::once(kind(name)).chain(rest).collect()
}

/// The tag event with the userids that are told.
fn told_tag(corp: &Corp, event: &Event, ids: &OpenIds) -> Event {
    let mut event = event.clone();
    if let Event::UpdateTag {
        added_users,
        removed_users,
        ..
    } = &mut event
    {
        let lists = added_users.iter_mut().chain(removed_users);
        lists.for_each(|userid| *userid = ids.userid(corp, userid));
    }
    event
}

/// What is told of a member beside ids: places, leaders, status; never a name (§7.7).
fn fields(corp: &Corp, member: &Member, ids: &OpenIds, visible: Option<&Visible>) -> Vec<Node> {
    let seen = |id: &u32| visible.is_none_or(|visible| visible.departments.contains(id));
    let places: Vec<_> = member
        .departments
        .iter()
        .filter(|place| seen(&place.department))
        .collect();
    let leaders = member.direct_leader.iter().map(|userid| ids.userid(corp, userid));
    let main = member.main_department.filter(|id| seen(id));
    let mut nodes = vec![Node::text(
        "Department",
        &list(places.iter().map(|place| place.department)),
    )];
    nodes.extend(main.map(|id| Node::number("MainDepartment", id)));
    nodes.extend([
        Node::text(
            "IsLeaderInDept",
            &list(places.iter().map(|place| u8::from(place.leader))),
        ),
        Node::text("DirectLeader", &list(leaders)),
        Node::number("Status", member.status),
    ]);
    nodes
}
