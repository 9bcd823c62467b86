//! Events and their messages in WeCom's format (reference §7.2–7.6). Contact events have the restricted form of 2022-08-15 unless switched
//! off.
//!
//! Fields of members, departments and tags are read from the world as it stands when the event is emitted.

use serde::{Deserialize, Serialize};

use super::delivery::Owner;
use super::external::{ExternalChat, ExternalContact, ExternalTag};
use super::render::Node;
use crate::world::open_ids::OpenIds;
use crate::world::{Attribute, Corp, Department, Member, Switches};

/// An event to emit. For an unknown member or department the message carries only its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// `change_contact` / `create_user`.
    CreateUser {
        /// Userid.
        userid: String,
    },
    /// `change_contact` / `update_user`.
    UpdateUser {
        /// The userid before the change.
        userid: String,
        /// The new userid, if it changed.
        #[serde(default)]
        new_userid: Option<String>,
    },
    /// `change_contact` / `delete_user`.
    DeleteUser {
        /// Userid.
        userid: String,
    },
    /// `change_contact` / `create_party`.
    CreateParty {
        /// Department id.
        id: u32,
    },
    /// `change_contact` / `update_party`.
    UpdateParty {
        /// Department id.
        id: u32,
    },
    /// `change_contact` / `delete_party`.
    DeleteParty {
        /// Department id.
        id: u32,
    },
    /// `change_contact` / `update_tag`; empty lists are left out.
    UpdateTag {
        /// Tag id.
        id: u32,
        /// Members added.
        #[serde(default)]
        added_users: Vec<String>,
        /// Members removed.
        #[serde(default)]
        removed_users: Vec<String>,
        /// Departments added.
        #[serde(default)]
        added_parties: Vec<u32>,
        /// Departments removed.
        #[serde(default)]
        removed_parties: Vec<u32>,
    },
    /// `batch_job_result`.
    BatchJobResult {
        /// Job id.
        job_id: String,
        /// E.g. `export_user`.
        job_type: String,
    },
    /// `subscribe`: the member came into the app's scope.
    Subscribe {
        /// Userid.
        userid: String,
    },
    /// `unsubscribe`: the member left the app's scope.
    Unsubscribe {
        /// Userid.
        userid: String,
    },
    /// `enter_agent`: the member opened the app.
    EnterAgent {
        /// Userid.
        userid: String,
    },
    /// `template_card_event`: the member pressed a button of a card.
    TemplateCard {
        /// Userid.
        userid: String,
        /// `task_id` of the card.
        task_id: String,
        /// `key` of the button.
        event_key: String,
        /// Kind of the card.
        #[serde(default = "button_interaction")]
        card_type: String,
        /// Good for one update of the card within a day; may be made up.
        #[serde(default)]
        response_code: String,
    },
    /// `change_external_contact`: something happened between a member and a customer.
    ExternalContact(ExternalContact),
    /// `change_external_chat`: something happened to a chat with customers.
    ExternalChat(ExternalChat),
    /// `change_external_tag`: something happened to a tag of customers.
    ExternalTag(ExternalTag),
    /// `unlicensed_notify`: a member without an interface licence opened the app.
    UnlicensedNotify {
        /// Userid.
        userid: String,
    },
    /// `inactive_alert`: nobody uses the app, which WeCom will switch off (§17.1).
    InactiveAlert {
        /// Unix seconds from when on it is off.
        effect_time: u64,
    },
    /// `close_inactive_agent`: the unused app is switched off.
    CloseInactiveAgent,
    /// `reopen_inactive_agent`: it is switched on again.
    ReopenInactiveAgent,
    /// `low_active_alert`: few use the app, which WeCom will restrict.
    LowActiveAlert {
        /// Unix seconds from when on it is restricted.
        effect_time: u64,
    },
    /// `low_active`: it is restricted.
    LowActive,
    /// `active_restored`: the restriction is over.
    ActiveRestored,
}

fn button_interaction() -> String {
    "button_interaction".to_owned()
}

/// `FromUserName` and `Event`.
fn envelope(event: &Event) -> (&str, &'static str) {
    match event {
        Event::Subscribe { userid } => (userid, "subscribe"),
        Event::Unsubscribe { userid } => (userid, "unsubscribe"),
        Event::EnterAgent { userid } => (userid, "enter_agent"),
        Event::TemplateCard { userid, .. } => (userid, "template_card_event"),
        Event::UnlicensedNotify { userid } => (userid, "unlicensed_notify"),
        Event::InactiveAlert { .. } => ("sys", "inactive_alert"),
        Event::CloseInactiveAgent => ("sys", "close_inactive_agent"),
        Event::ReopenInactiveAgent => ("sys", "reopen_inactive_agent"),
        Event::LowActiveAlert { .. } => ("sys", "low_active_alert"),
        Event::LowActive => ("sys", "low_active"),
        Event::ActiveRestored => ("sys", "active_restored"),
        Event::BatchJobResult { .. } => ("sys", "batch_job_result"),
        Event::ExternalContact(_) => ("sys", "change_external_contact"),
        Event::ExternalChat(_) => ("sys", "change_external_chat"),
        Event::ExternalTag(_) => ("sys", "change_external_tag"),
        Event::CreateUser { .. }
        | Event::UpdateUser { .. }
        | Event::DeleteUser { .. }
        | Event::CreateParty { .. }
        | Event::UpdateParty { .. }
        | Event::DeleteParty { .. }
        | Event::UpdateTag { .. } => ("sys", "change_contact"),
    }
}

/// Renders the event for this corp and owner; `ids` are those by which the suite of an installed app knows them.
pub(super) fn word(
    (corp, ids): (&Corp, Option<&OpenIds>),
    owner: Owner,
    event: &Event,
    now: u64,
    switches: &Switches,
) -> String {
    let (from, name) = envelope(event);
    let to = ids.map_or_else(|| corp.corpid.clone(), |ids| ids.corpid(&corp.corpid));
    let from = ids.map_or_else(|| from.to_owned(), |ids| ids.userid(corp, from));
    let mut nodes = vec![
        Node::text("ToUserName", &to),
        Node::text("FromUserName", &from),
        Node::number("CreateTime", now),
        Node::text("MsgType", "event"),
        Node::text("Event", name),
    ];
    nodes.extend(body(corp, owner, event, switches));
    super::render::message(&nodes, switches)
}

fn body(corp: &Corp, owner: Owner, event: &Event, switches: &Switches) -> Vec<Node> {
    let restricted = switches.restricted_events;
    let change = |kind: &str, rest: Vec<Node>| [vec![Node::text("ChangeType", kind)], rest].concat();
    let user = |userid: &str| Node::text("UserID", userid);
    match event {
        Event::CreateUser { userid } => {
            let fields = corp
                .member(userid)
                .map(|member| member_fields(member, restricted))
                .unwrap_or_default();
            change("create_user", [vec![user(userid)], fields].concat())
        }
        Event::UpdateUser { userid, new_userid } => {
            let now_called = new_userid.as_deref().unwrap_or(userid);
            let fields = corp
                .member(now_called)
                .map(|member| member_fields(member, restricted))
                .unwrap_or_default();
            let new = new_userid.iter().map(|id| Node::text("NewUserID", id)).collect();
            change("update_user", [vec![user(userid)], new, fields].concat())
        }
        Event::DeleteUser { userid } => change("delete_user", vec![user(userid)]),
        Event::CreateParty { id } => change("create_party", party_fields(corp, *id, restricted)),
        Event::UpdateParty { id } => change("update_party", party_fields(corp, *id, restricted)),
        Event::DeleteParty { id } => change("delete_party", vec![Node::number("Id", id)]),
        Event::UpdateTag { .. } => change("update_tag", tag_fields(event)),
        Event::BatchJobResult { job_id, job_type } => vec![Node::group(
            "BatchJob",
            vec![
                Node::text("JobId", job_id),
                Node::text("JobType", job_type),
                Node::number("ErrCode", 0),
                Node::text("ErrMsg", "ok"),
            ],
        )],
        Event::ExternalContact(what) => what.fields(&what.userid),
        Event::ExternalChat(what) => what.fields(),
        Event::ExternalTag(what) => what.fields(),
        Event::InactiveAlert { effect_time } | Event::LowActiveAlert { effect_time } => {
            let mut nodes = app_fields(owner);
            nodes.insert(1, Node::number("EffectTime", effect_time));
            nodes
        }
        Event::TemplateCard { .. } => card_fields(owner, event, switches.messages.card_event_names_app),
        Event::Subscribe { .. }
        | Event::Unsubscribe { .. }
        | Event::EnterAgent { .. }
        | Event::UnlicensedNotify { .. }
        | Event::CloseInactiveAgent
        | Event::ReopenInactiveAgent
        | Event::LowActive
        | Event::ActiveRestored => app_fields(owner),
    }
}

fn app_fields(owner: Owner) -> Vec<Node> {
    let agentid = if let Owner::App(agentid) = owner { agentid } else { 0 };
    vec![Node::text("EventKey", ""), Node::number("AgentID", agentid)]
}

/// What was pressed (§7.6).
fn card_fields(owner: Owner, event: &Event, names_app: bool) -> Vec<Node> {
    let Event::TemplateCard {
        task_id,
        event_key,
        card_type,
        response_code,
        ..
    } = event
    else {
        return Vec::new();
    };
    let app = match owner {
        Owner::App(agentid) if names_app => Some(Node::number("AgentID", agentid)),
        _ => None,
    };
    let told = [
        Node::text("EventKey", event_key),
        Node::text("TaskId", task_id),
        Node::text("CardType", card_type),
        Node::text("ResponseCode", response_code),
    ];
    told.into_iter().chain(app).collect()
}

pub(super) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items
        .into_iter()
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(",")
}

fn member_fields(member: &Member, restricted: bool) -> Vec<Node> {
    let departments = Node::text(
        "Department",
        &list(member.departments.iter().map(|place| place.department)),
    );
    if restricted {
        return vec![departments];
    }
    let main = member.main_department.map(|id| Node::number("MainDepartment", id));
    let private = &member.sensitive;
    let mut nodes = vec![Node::text("Name", &member.name), departments];
    nodes.extend(main);
    nodes.extend([
        Node::text(
            "IsLeaderInDept",
            &list(member.departments.iter().map(|place| u8::from(place.leader))),
        ),
        Node::text("DirectLeader", &member.direct_leader.join(",")),
        Node::text("Position", &member.position),
        Node::text("Mobile", &private.mobile),
        Node::text("Gender", &private.gender),
        Node::text("Email", &private.email),
        Node::text("BizMail", &private.biz_mail),
        Node::number("Status", member.status),
        Node::text("Avatar", &private.avatar),
        Node::text("Alias", &member.alias),
        Node::text("Telephone", &member.telephone),
        Node::text("Address", &private.address),
        Node::group("ExtAttr", member.extattr.iter().map(attribute).collect()),
    ]);
    nodes
}

fn attribute(attribute: &Attribute) -> Node {
    let name = Node::text("Name", &attribute.name);
    let value = Node::text(
        if attribute.url.is_some() { "Title" } else { "Value" },
        &attribute.value,
    );
    match &attribute.url {
        None => Node::group(
            "Item",
            vec![name, Node::number("Type", 0), Node::group("Text", vec![value])],
        ),
        Some(url) => {
            let web = Node::group("Web", vec![value, Node::text("Url", url)]);
            Node::group("Item", vec![name, Node::number("Type", 1), web])
        }
    }
}

fn party_fields(corp: &Corp, id: u32, restricted: bool) -> Vec<Node> {
    let mut nodes = vec![Node::number("Id", id)];
    if let Some(Department {
        name, parent, order, ..
    }) = corp.departments.get(&id)
    {
        nodes.push(Node::number("ParentId", parent));
        if !restricted {
            nodes.extend([Node::text("Name", name), Node::number("Order", order)]);
        }
    }
    nodes
}

pub(super) fn tag_fields(event: &Event) -> Vec<Node> {
    let Event::UpdateTag {
        id,
        added_users,
        removed_users,
        added_parties,
        removed_parties,
    } = event
    else {
        return Vec::new();
    };
    let lists = [
        ("AddUserItems", list(added_users)),
        ("DelUserItems", list(removed_users)),
        ("AddPartyItems", list(added_parties)),
        ("DelPartyItems", list(removed_parties)),
    ];
    let given = lists.into_iter().filter(|(_, items)| !items.is_empty());
    std::iter::once(Node::number("TagId", id))
        .chain(given.map(|(name, items)| Node::text(name, &items)))
        .collect()
}
