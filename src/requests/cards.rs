//! Acts on presses of the buttons of cards: the same decision, by the same rules. That a press came from WeCom for its corp was verified when it was
//! received; that the card was sent about the request, to this member and by the app at whose callback the press arrived, and that the member decides, is
//! checked here.

use serde_json::json;

use super::{
    deciding::Decider,
    failure::RequestFailure,
    input::{ApproveInput, RefuseInput},
    model::Via,
    service::{Requests, record},
    store,
    telling::request_of,
};
use crate::{
    audit::{Kind, Record},
    directory::wecom_events::card_events::{self, Press},
    kernel::{
        entity_tag::IfMatch,
        failure::{Entry, Result},
    },
    notices::{Origin, card_path, origin},
};

/// Presses that are acted on in one turn.
const MOST: u64 = 100;

impl Requests {
    /// Acts on the presses of cards that nobody has acted on; returns how many. Needs no lease: of two replicas that act on one press, one decides,
    /// and a press that was acted on and not settled is found decided.
    ///
    /// # Errors
    /// When the database does not answer; what is left is pending still.
    pub async fn act_on_presses(&self) -> Result<usize> {
        let presses = card_events::pending(&self.deps.database, MOST).await?;
        let mut settled = 0_usize;
        for press in presses {
            let outcome = match self.act_on(&press).await {
                Ok(Some(outcome)) => outcome.to_owned(),
                // By which app its card was sent is not written down yet.
                Ok(None) => continue,
                // Something did not answer: it is acted on at the next turn.
                Err(failure) if failure.entry.status >= 500 => {
                    tracing::warn!(%failure, press = %press.id, "a press of a card could not be acted on yet");
                    continue;
                }
                Err(failure) => {
                    settled += usize::from(self.cannot(&press, failure.entry).await?);
                    continue;
                }
            };
            let (database, now) = (&self.deps.database, self.now());
            settled += usize::from(card_events::settle(database.writer(), press.id, &outcome, now).await?);
        }
        Ok(settled)
    }

    /// Settles a press that cannot be carried out: it is on record, and whoever pressed is told why. Where the request is decided, their card says so.
    async fn cannot(&self, press: &Press, entry: &'static Entry) -> Result<bool> {
        tracing::info!(press = %press.id, number = entry.number, "a press of a card was not carried out");
        let database = &self.deps.database;
        let request = match request_of(press.card()) {
            Some(id) if entry != RequestFailure::Decided.entry() => store::find(database, id).await?,
            _ => None,
        };
        let Some(request) = request else {
            return Ok(card_events::settle(database.writer(), press.id, entry.number, self.now()).await?);
        };
        let path = card_path(database, &self.deps.sealer, &press.task_id).await?;
        let change = self
            .begin(&format!("member:{}/{}", press.corp_id, press.userid))
            .await?;
        if !card_events::settle(change.transaction(), press.id, entry.number, change.now()).await? {
            return Ok(false);
        }
        self.tell_presser(&change, &request, (press, path, entry)).await?;
        let more = json!({ "button": press.key });
        let record = record(&change, &request, (Kind::AccessPressRefused, more));
        let record = Record {
            number: Some(entry.number),
            ..record
        };
        change.commit_as(record).await?;
        Ok(true)
    }

    /// The word for what became of a press; `None`: that cannot be said yet.
    async fn act_on(&self, press: &Press) -> Result<Option<&'static str>> {
        let Some(id) = request_of(press.card()) else {
            return Ok(Some("unknown"));
        };
        let database = &self.deps.database;
        let Some(request) = store::find(database, id).await? else {
            return Ok(Some("unknown"));
        };
        let app = (press.corp_id.as_str(), press.agent_id);
        if press.corp_id != request.corp_id || !store::is_app(database, app).await? {
            return Ok(Some("foreign"));
        }
        let about = (request.subject(), request.data_source);
        let pressed = (press.userid.as_str(), press.agent_id);
        match origin(database, &press.task_id, (&about.0, about.1), pressed).await? {
            Origin::Known => {}
            Origin::Sending => return Ok(None),
            Origin::Foreign => return Ok(Some("foreign")),
        }
        let user = store::user_of_member(database, request.data_source, &press.userid).await?;
        let user = user.ok_or_else(|| RequestFailure::NotAnApprover.failure())?;
        let standing = store::person(database, user, request.data_source, self.now()).await?;
        let standing = standing
            .filter(store::may_decide)
            .ok_or_else(|| RequestFailure::NotAnApprover.failure())?;
        let decider = Decider {
            actor: format!("user:{}", standing.user),
            name: Some(standing.name),
            every_portal: false,
            // A card does not show what an admin decided before.
            overrules: false,
            via: Via::Card,
        };
        let nothing = IfMatch::default();
        match press.key.as_str() {
            "approve" => {
                let input = ApproveInput::default();
                self.approve(&decider, id, &input, &nothing).await?;
                Ok(Some("approved"))
            }
            "refuse" => {
                let input = RefuseInput::default();
                self.refuse(&decider, id, &input, &nothing).await?;
                Ok(Some("refused"))
            }
            _ => Ok(Some("unknown")),
        }
    }
}
