//! Switches of app messages and of cards with buttons: what the reference (§7.6, §10) does not state.

use serde::{Deserialize, Serialize};

/// What becomes of a card whose task id the app used before. The reference is silent; integrators report that it is swallowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedTask {
    /// Swallowed with `errcode` 0, as the duplicate check does.
    #[default]
    Swallowed,
    /// Refused with 42014.
    Refused,
    /// Delivered like any other.
    Delivered,
}

/// One field per uncertain fact about messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageSwitches {
    /// Bounds of texts count characters, not bytes (§10: most sources say bytes). Default: no.
    pub lengths_in_characters: bool,
    /// The duplicate check looks at the content alone, whoever receives it. Default: no, the receivers count too.
    pub duplicate_check_ignores_receivers: bool,
    /// The reply to a swallowed message has `msgid`, and for a card `response_code`, of which nothing comes. Default: no, neither.
    pub swallowed_has_ids: bool,
    /// What becomes of a card whose task id was used before. Default: it is swallowed.
    pub repeated_task: RepeatedTask,
    /// Cards with buttons are refused (43012) where the app has no callback that would hear of a press. Default: yes.
    pub cards_need_callback: bool,
    /// Seconds for which the `response_code` of `message/send` is good. Default: 72 hours; §7.6 states 24 of that in an event only.
    pub send_response_code_seconds: u64,
    /// What a `response_code` answers that was used before or is too old. Default: 42022, which is said of codes that were used.
    pub spent_response_code: i32,
    /// What a `response_code` answers that nobody gave out. Default: 40035.
    pub unknown_response_code: i32,
    /// The `response_code` of an event also updates the cards of other receivers of the message. Default: no, who pressed alone.
    pub event_code_updates_all: bool,
    /// `update_template_card` takes a whole card in the place of the old one, not only other words for the button. Default: yes; else 40058,
    /// and the code stays good.
    pub card_replacement: bool,
    /// `invaliduser` of `update_template_card` is a list. Default: yes; else text like that of `message/send`.
    pub update_names_in_list: bool,
    /// A card's buttons are gone for whoever pressed one, before anybody updates it. Default: no, they can press again.
    pub pressing_ends_buttons: bool,
    /// `template_card_event` carries `AgentID`, as other events of an app do. Default: yes.
    pub card_event_names_app: bool,
    /// Userids to whom messages vanish without an error, as those over the limits do (§12). Default: nobody.
    pub vanish_for: Vec<String>,
    /// Userids that `message/send` names in `unlicenseduser` and does not reach. Default: nobody.
    pub unlicensed: Vec<String>,
}

impl Default for MessageSwitches {
    fn default() -> Self {
        Self {
            lengths_in_characters: false,
            duplicate_check_ignores_receivers: false,
            swallowed_has_ids: false,
            repeated_task: RepeatedTask::Swallowed,
            cards_need_callback: true,
            send_response_code_seconds: 72 * 3600,
            spent_response_code: 42022,
            unknown_response_code: 40035,
            event_code_updates_all: false,
            card_replacement: true,
            update_names_in_list: true,
            pressing_ends_buttons: false,
            card_event_names_app: true,
            vanish_for: Vec::new(),
            unlicensed: Vec::new(),
        }
    }
}
