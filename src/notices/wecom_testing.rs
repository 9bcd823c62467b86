//! Fixture of the tests of WeCom's channel and of cards: a data source with its app, a database, and a WeCom simulator.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use entity::{
    auth_source, callback_endpoint, card_event, card_settlement, data_source, json::Strings, notice_delivery, wecom_app,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set, sea_query::Expr};
use simulator::{
    Delivery, Event, Message, Options, Simulator, World,
    sample::{AGENT_ID, APP_SECRET, CORP, OLD_AGENT_ID, OLD_APP_SECRET},
    world::{Callback, MessageSwitches},
};
use uuid::Uuid;

use super::{
    cards::Cards,
    channels::wecom::WecomChannel,
    delivery::{Outcome, Outgoing},
    model::{Card, NewNotice, To, Topic},
    store::{cards::settle_cards, outbox::enqueue},
};
use crate::{
    crypto::seal::Sealer,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        secret::Secret,
    },
    store::{Database, Ephemeral},
    web::texts::Lang,
    wecom::{Endpoints, WeCom, transport::build_client},
};

const NOW: i64 = 1_760_000_000;
/// The matter of all tests, and the card of it.
pub(super) const SUBJECT: &str = "access_request:7";
pub(super) const CARD: &str = "access_request-7";
/// Where links lead.
pub(super) const LINK: &str = "https://sso.corp.example/access-requests/abc";

pub(super) struct Fixture {
    pub(super) sim: Simulator,
    pub(super) db: Database,
    pub(super) sealer: Sealer,
    pub(super) clock: Clock,
    pub(super) channel: WecomChannel,
    pub(super) cards: Cards,
    pub(super) source: Uuid,
    entropy: Entropy,
    sim_clock: simulator::Clock,
    path: PathBuf,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{end}", self.path.display())));
        }
    }
}

impl Fixture {
    /// A data source whose app has a callback that WeCom verified.
    pub(super) async fn open() -> Self {
        let (clock, sim_clock) = (
            Clock::manual(Timestamp::from_secs(NOW)),
            simulator::Clock::manual(NOW.unsigned_abs()),
        );
        let mut options = Options::new(World::sample());
        options.clock = sim_clock.clone();
        let sim = Simulator::start(options).await.unwrap();
        let entropy = Entropy::system();
        let path = std::env::temp_dir().join(format!("menjin-cards-{}.db", entropy.hex_id()));
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let db = Database::connect(&url, 4).await.unwrap();
        Migrator::up(db.writer().connection(), None).await.unwrap();
        let sealer = Sealer::new(&Secret::new(vec![7; 32]), entropy.clone()).unwrap();
        let endpoints = Endpoints {
            api: sim.base_url(),
            ..Endpoints::default()
        };
        let http = build_client(None, Duration::from_secs(5)).unwrap();
        let ephemeral = Ephemeral::memory(clock.clone());
        let wecom = WeCom::new(
            http,
            endpoints,
            ephemeral,
            sealer.clone(),
            clock.clone(),
            entropy.clone(),
        );
        let fixture = Self {
            channel: WecomChannel {
                database: db.clone(),
                sealer: sealer.clone(),
                clock: clock.clone(),
                wecom: wecom.clone(),
            },
            cards: Cards::new(
                (db.clone(), sealer.clone()),
                clock.clone(),
                &wecom,
                "https://sso.corp.example/",
            ),
            source: entropy.id(clock.now()),
            sim,
            db,
            sealer,
            clock,
            entropy,
            sim_clock,
            path,
        };
        let app = fixture.app(AGENT_ID, APP_SECRET).await;
        fixture.add_source(Some(app)).await;
        fixture.add_endpoint().await;
        fixture
    }

    /// An app of the corp; gives its row.
    async fn app(&self, agent_id: u32, secret: &str) -> Uuid {
        let id = self.entropy.id(self.clock.now());
        let app = wecom_app::ActiveModel {
            id: Set(id),
            corp_id: Set(CORP.to_owned()),
            agent_id: Set(i64::from(agent_id)),
            name: Set(String::new()),
            secret_sealed: Set(self.sealer.seal("wecom_app.secret", secret.as_bytes()).unwrap()),
            closed: Set(false),
            scope_fetched_at: Set(None),
            created_at: Set(1),
            updated_at: Set(1),
            ..Default::default()
        };
        app.insert(self.db.writer()).await.unwrap();
        id
    }

    async fn add_source(&self, app: Option<Uuid>) {
        let source = data_source::ActiveModel {
            id: Set(self.source),
            name: Set("青云科技".to_owned()),
            description: Set(String::new()),
            corp_id: Set(CORP.to_owned()),
            corp_key: Set(CORP.to_owned()),
            app_id: Set(app),
            duplicate_rule: Set("overwrite".to_owned()),
            doubtful_identity: Set("wait".to_owned()),
            read_by: Set("lists".to_owned()),
            import_mode: Set("all".to_owned()),
            match_by: Set(Strings(vec!["username".to_owned()])),
            username_template: Set("{userid}".to_owned()),
            login_password: Set(false),
            login_wecom: Set(true),
            removal_threshold_percent: Set(20),
            guard: Set(serde_json::json!({})),
            email_sources: Set(Strings(vec!["email".to_owned()])),
            vouched_email_domains: Set(serde_json::json!([])),
            enabled: Set(true),
            created_at: Set(1),
            updated_at: Set(1),
            ..Default::default()
        };
        source.insert(self.db.writer()).await.unwrap();
    }

    /// The callback of 门禁, on both sides. Nobody listens there: what is pressed is recorded by [`Fixture::press`].
    async fn add_endpoint(&self) {
        let row = callback_endpoint::ActiveModel {
            id: Set(self.entropy.id(self.clock.now())),
            data_source_id: Set(self.source),
            owner: Set("app".to_owned()),
            agent_id: Set(Some(i64::from(AGENT_ID))),
            token_sealed: Set(String::new()),
            aes_key_sealed: Set(String::new()),
            verified_at: Set(Some(1)),
            last_event_at: Set(None),
            told: Set(0),
            retry_at: Set(None),
            created_at: Set(1),
        };
        row.insert(self.db.writer()).await.unwrap();
        self.add_callback(AGENT_ID);
    }

    fn add_callback(&self, agent_id: u32) {
        self.sim.edit(|world| {
            let app = world.corp_mut(CORP).unwrap().apps.get_mut(&agent_id).unwrap();
            app.callback = Some(Callback {
                url: "http://127.0.0.1:1/".to_owned(),
                token: "t".to_owned(),
                aes_key: "x".repeat(43),
            });
        });
    }

    /// Another app has the callback, by which people sign in; the secret of 门禁 is wrong.
    pub(super) async fn add_better_sign_in(&self) {
        self.add_sign_in().await;
        self.add_callback(OLD_AGENT_ID);
        let old = Expr::value(i64::from(OLD_AGENT_ID));
        let endpoints = callback_endpoint::Entity::update_many().col_expr(callback_endpoint::Column::AgentId, old);
        endpoints.exec(self.db.writer()).await.unwrap();
        let wrong = self.sealer.seal("wecom_app.secret", b"wrong").unwrap();
        wecom_app::Entity::update_many()
            .col_expr(wecom_app::Column::SecretSealed, Expr::value(wrong))
            .filter(wecom_app::Column::AgentId.eq(i64::from(AGENT_ID)))
            .exec(self.db.writer())
            .await
            .unwrap();
    }

    /// WeCom has not verified the callback here.
    pub(super) async fn forget_endpoint(&self) {
        callback_endpoint::Entity::update_many()
            .col_expr(callback_endpoint::Column::VerifiedAt, Expr::value(None::<i64>))
            .exec(self.db.writer())
            .await
            .unwrap();
    }

    pub(super) async fn forget_integration_app(&self) {
        data_source::Entity::update_many()
            .col_expr(data_source::Column::AppId, Expr::value(None::<Uuid>))
            .exec(self.db.writer())
            .await
            .unwrap();
    }

    /// Adds another app of the corp, by which people sign in.
    pub(super) async fn add_sign_in(&self) {
        let app = self.app(OLD_AGENT_ID, OLD_APP_SECRET).await;
        let row = auth_source::ActiveModel {
            id: Set(app),
            name: Set("old".to_owned()),
            corp_id: Set(CORP.to_owned()),
            app_id: Set(app),
            data_source_id: Set(None),
            enabled: Set(true),
            created_at: Set(1),
            updated_at: Set(1),
        };
        row.insert(self.db.writer()).await.unwrap();
    }

    pub(super) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.sim_clock.advance(by.as_secs());
    }

    pub(super) fn switch(&self, change: impl FnOnce(&mut MessageSwitches)) {
        self.sim.edit(|world| change(&mut world.switches.messages));
    }

    /// Puts a notice with a card for this member into the outbox.
    pub(super) async fn enqueue(&self, userid: &str) -> Uuid {
        let facts = [("userid", "wangwu"), ("data_source", "青云科技")];
        let notice = NewNotice {
            topic: Topic::AccessRequested,
            data_source: Some(self.source),
            subject: SUBJECT.to_owned(),
            facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            path: Some("/access-requests/abc".to_owned()),
            card: Some(Card {
                task_id: CARD.to_owned(),
                pressers: vec![userid.to_owned()],
            }),
            to: To::Member {
                userid: userid.to_owned(),
                lang: None,
            },
            until: None,
        };
        let transaction = self.db.begin().await.unwrap();
        let ids = enqueue(&transaction, &self.sealer, &self.entropy, self.clock.now(), &notice).await;
        transaction.commit().await.unwrap();
        ids.unwrap().remove(0)
    }

    /// The message of a delivery.
    pub(super) fn outgoing(&self, delivery: Uuid, userid: &str) -> Outgoing {
        Outgoing {
            mark: delivery.to_string(),
            delivery,
            topic: Topic::AccessRequested,
            data_source: Some(self.source),
            subject: SUBJECT.to_owned(),
            address: Some(userid.to_owned()),
            lang: Lang::En,
            title: "Access request".to_owned(),
            lines: vec!["Member: wangwu".to_owned(), "Reason: <b>new</b>".to_owned()],
            link: Some(LINK.to_owned()),
            parts: Vec::new(),
            facts: BTreeMap::new(),
            card: Some(CARD.to_owned()),
            personal: false,
            at: self.clock.now(),
        }
    }

    /// Sends a delivery and writes down what became of it, as the outbox does.
    pub(super) async fn send(&self, delivery: Uuid, userid: &str) -> Outcome {
        let outcome = self.channel.send(&self.outgoing(delivery, userid)).await;
        self.note(delivery, &outcome).await;
        outcome
    }

    pub(super) async fn note(&self, delivery: Uuid, outcome: &Outcome) {
        let Outcome::Accepted { card, .. } = outcome else {
            return;
        };
        let code = card.as_ref().and_then(|card| card.response_code.as_ref());
        let seal = |code: &Secret<String>| {
            let code = code.expose().as_bytes();
            self.sealer.seal("notice_delivery.response_code", code).unwrap()
        };
        let row = notice_delivery::ActiveModel {
            id: Set(delivery),
            state: Set("delivered".to_owned()),
            agent_id: Set(card.as_ref().map(|card| card.agent_id)),
            response_code: Set(code.map(seal)),
            delivered_at: Set(Some(self.clock.now().millis())),
            ..Default::default()
        };
        row.update(self.db.writer()).await.unwrap();
    }

    /// A card that was sent to this member.
    pub(super) async fn sent(&self, userid: &str) -> Uuid {
        let delivery = self.enqueue(userid).await;
        let outcome = self.send(delivery, userid).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
        delivery
    }

    pub(super) async fn decide(&self, outcome: &str, by: &str) {
        let facts = [("outcome", outcome), ("decided_by", by)];
        let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let now = self.clock.now();
        settle_cards(self.db.writer(), &self.sealer, now, SUBJECT, &facts)
            .await
            .unwrap();
    }

    /// Somebody's latest message.
    pub(super) fn message(&self, userid: &str) -> Message {
        let mut messages = self.sim.messages().into_iter().rev();
        messages.find(|message| message.userid == userid).unwrap()
    }

    /// Presses a button of somebody's latest card; it is recorded, and acted on in vain, as if `corp` had sent the event.
    pub(super) async fn press(&self, userid: &str, corp: &str) {
        let id = self.message(userid).id;
        let lost = Delivery {
            drop: true,
            ..Delivery::default()
        };
        let told = self.sim.press(id, "approve", lost).await.unwrap();
        let Event::TemplateCard {
            task_id, response_code, ..
        } = told.event
        else {
            panic!("{:?}", told.event);
        };
        let sealed = self.sealer.seal("card_event.response_code", response_code.as_bytes());
        let row = card_event::ActiveModel {
            id: Set(self.entropy.id(self.clock.now())),
            data_source_id: Set(self.source),
            corp_id: Set(corp.to_owned()),
            agent_id: Set(i64::from(AGENT_ID)),
            userid: Set(userid.to_owned()),
            task_id: Set(task_id),
            event_key: Set("approve".to_owned()),
            response_code_sealed: Set(Some(sealed.unwrap())),
            received_at: Set(self.clock.now().millis()),
            handled_at: Set(Some(self.clock.now().millis())),
            outcome: Set(Some("overtaken".to_owned())),
        };
        row.insert(self.db.writer()).await.unwrap();
    }

    pub(super) async fn card_state(&self, delivery: Uuid) -> Option<String> {
        let row = notice_delivery::Entity::find_by_id(delivery)
            .one(self.db.reader())
            .await;
        row.unwrap().unwrap().card_state
    }

    /// When the matter is gone through again.
    pub(super) async fn next_at(&self) -> Option<i64> {
        let row = card_settlement::Entity::find_by_id(SUBJECT).one(self.db.reader()).await;
        row.unwrap().unwrap().next_at
    }
}
