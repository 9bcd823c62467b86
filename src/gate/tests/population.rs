//! A random population over a database of its own: two corps, their departments and tags, apps with all kinds of scopes, members and users in
//! every state, and portals with every kind of rule.

use std::path::PathBuf;

use entity::{
    auth_source, department,
    json::{Numbers, Strings},
    member, scope_entry, tag, tag_department, tag_user, user_group_user, users,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde_json::json;
use uuid::Uuid;

use super::rows::{app_row, client_row, data_source_row, group_rows, grouped, path_of};
use crate::{
    gate::{facts::Portal, store::Store},
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
    },
    store::Database,
};

/// Now.
pub const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

/// A small generator: the same people each time.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `most`.
    pub fn roll(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.roll(many) == 0
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.roll(all.len() as u64)).unwrap()].clone()
    }
}

/// The population.
pub struct Population {
    pub store: Store,
    pub now: Timestamp,
    pub portals: Vec<Uuid>,
    pub dice: Dice,
    pub database: Database,
    pub entropy: Entropy,
    sources: Vec<Uuid>,
    departments: Vec<Vec<(Uuid, i64)>>,
    pub tags: Vec<Uuid>,
    apps: Vec<Uuid>,
    auth_sources: Vec<Uuid>,
    users: Vec<Uuid>,
    accounts: Vec<users::Model>,
    /// With the number of their corp.
    pub members: Vec<(member::Model, usize)>,
    pub tagged: Vec<tag_user::Model>,
    path: PathBuf,
}

impl Drop for Population {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", ".lock"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            drop(std::fs::remove_file(path));
        }
    }
}

impl Population {
    pub async fn new(people: u64, portals: u64) -> Self {
        let entropy = Entropy::system();
        let path = std::env::temp_dir().join(format!("menjin-gate-{}.db", entropy.hex_id()));
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let database = Database::connect(&url, 4).await.unwrap();
        Migrator::up(database.writer().connection(), None).await.unwrap();
        let mut population = Self {
            store: Store::new(database.clone()).with_local_passwords(true),
            now: Clock::manual(Timestamp::from_millis(NOW)).now(),
            portals: Vec::new(),
            dice: Dice::new(17),
            database,
            entropy,
            sources: Vec::new(),
            departments: Vec::new(),
            tags: Vec::new(),
            apps: Vec::new(),
            auth_sources: Vec::new(),
            users: Vec::new(),
            accounts: Vec::new(),
            members: Vec::new(),
            tagged: Vec::new(),
            path,
        };
        for row in group_rows() {
            row.insert(population.database.writer()).await.unwrap();
        }
        for corp in 0..2 {
            population.corp(corp).await;
        }
        population.people(people).await;
        for number in 0..portals {
            population.portal(number).await;
        }
        population
    }

    fn id(&self) -> Uuid {
        self.entropy.id(self.now)
    }

    async fn corp(&mut self, number: usize) {
        let (source, corp_id) = (self.id(), format!("ww{number}"));
        let apps = [
            self.app(&corp_id, 1, true).await,
            self.app(&corp_id, 2, number == 0).await,
        ];
        let mut row = data_source_row(source, &corp_id, apps[0], number);
        // A run saw everybody of one corp half a day ago.
        row.members_confirmed_at = Set((number == 1).then_some(NOW - DAY / 2));
        row.insert(self.database.writer()).await.unwrap();
        self.sources.push(source);
        self.structure(source).await;
        // The integration app: departments and a tag. The other: departments alone, of which one may be unknown.
        self.line(apps[0], "department", "2").await;
        self.line(apps[0], "tag", "1").await;
        self.line(apps[0], "user", "user00007").await;
        self.line(apps[1], "department", if number == 0 { "3" } else { "999" })
            .await;
        for (app, bound, enabled, corp) in [
            (apps[0], true, true, corp_id.clone()),
            (apps[1], false, true, corp_id.clone()),
            (apps[0], false, false, corp_id.clone()),
            (apps[1], true, true, "wwother".to_owned()),
        ] {
            let row = auth_source::Model {
                id: self.id(),
                name: format!("{corp} {enabled}"),
                corp_id: corp,
                app_id: app,
                data_source_id: bound.then_some(source),
                enabled,
                created_at: 1,
                updated_at: 1,
            };
            self.auth_sources.push(row.id);
            row.into_active_model().insert(self.database.writer()).await.unwrap();
        }
    }

    async fn structure(&mut self, source: Uuid) {
        let mut departments = Vec::new();
        for wecom_id in 1..=120_i64 {
            let id = self.id();
            let row = department::ActiveModel {
                id: Set(id),
                data_source_id: Set(source),
                wecom_id: Set(wecom_id),
                parent_wecom_id: Set(if wecom_id == 1 { 0 } else { (wecom_id / 3).max(1) }),
                name: Set(String::new()),
                sort_order: Set(0),
                path: Set(path_of(wecom_id)),
                updated_at: Set(1),
            };
            row.insert(self.database.writer()).await.unwrap();
            departments.push((id, wecom_id));
        }
        self.departments.push(departments);
        for wecom_id in 1..=4 {
            let id = self.id();
            let row = tag::Model {
                id,
                data_source_id: source,
                wecom_id,
                name: String::new(),
                updated_at: 1,
            };
            row.into_active_model().insert(self.database.writer()).await.unwrap();
            let tagged = tag_department::Model {
                tag_id: id,
                department: 40 + wecom_id,
            };
            tagged.into_active_model().insert(self.database.writer()).await.unwrap();
            self.tags.push(id);
        }
    }

    async fn line(&self, app: Uuid, kind: &str, value: &str) {
        let row = scope_entry::Model {
            app_id: app,
            kind: kind.to_owned(),
            value: value.to_owned(),
        };
        row.into_active_model().insert(self.database.writer()).await.unwrap();
    }

    async fn app(&mut self, corp_id: &str, agent_id: i64, read: bool) -> Uuid {
        let id = self.id();
        let row = app_row(id, corp_id, agent_id, read);
        row.into_active_model().insert(self.database.writer()).await.unwrap();
        self.apps.push(id);
        id
    }

    async fn people(&mut self, people: u64) {
        for number in 0..people {
            let corp = usize::try_from(self.dice.roll(2)).unwrap();
            let userid = format!("User{number:05}");
            let local = self.dice.one_in(25);
            let imported = local || !self.dice.one_in(12);
            let account = imported.then(|| self.account(&userid, (!local).then_some(corp)));
            let user = account.as_ref().map(|row| row.id);
            self.users.extend(user);
            self.accounts.extend(account);
            if local {
                continue;
            }
            let row = self.member(&userid, corp, user);
            if self.dice.one_in(15) {
                let tag = self.dice.of(&self.tags.clone());
                let row = tag_user::Model {
                    tag_id: tag,
                    userid_key: row.userid_key.clone(),
                };
                self.tagged.push(row);
            }
            self.members.push((row, corp));
        }
        self.insert_people().await;
        let writer = self.database.writer();
        for rows in self.tagged.chunks(500) {
            let insert = tag_user::Entity::insert_many(rows.iter().cloned().map(IntoActiveModel::into_active_model));
            insert.exec_without_returning(writer).await.unwrap();
        }
    }

    async fn insert_people(&self) {
        let writer = self.database.writer();
        for rows in self.accounts.chunks(500) {
            let insert = users::Entity::insert_many(rows.iter().cloned().map(IntoActiveModel::into_active_model));
            insert.exec_without_returning(writer).await.unwrap();
        }
        for rows in grouped(&self.users).chunks(500) {
            let insert = user_group_user::Entity::insert_many(rows.iter().cloned());
            insert.exec_without_returning(writer).await.unwrap();
        }
        for rows in self.members.chunks(500) {
            let insert = member::Entity::insert_many(rows.iter().map(|(row, _)| row.clone().into_active_model()));
            insert.exec_without_returning(writer).await.unwrap();
        }
    }

    /// Makes everybody again what they were at first.
    pub async fn restore(&self) {
        let writer = self.database.writer();
        member::Entity::delete_many().exec(writer).await.unwrap();
        users::Entity::delete_many().exec(writer).await.unwrap();
        self.insert_people().await;
    }

    fn member(&mut self, userid: &str, corp: usize, user: Option<Uuid>) -> member::Model {
        let departments = self.departments[corp].clone();
        let many = self.dice.roll(3);
        let places: Vec<i64> = (0..many).map(|_| self.dice.of(&departments).1).collect();
        let id = self.id();
        // One whose userid is somebody else's by now.
        let key = match self.dice.one_in(60) {
            true => format!("{}#{id}", userid.to_lowercase()),
            false => userid.to_lowercase(),
        };
        let states = ["present", "present", "present", "present", "present", "departed"];
        // Only who departed gives their userid up.
        let state = match (self.dice.of(&states), key.contains('#')) {
            (_, true) => "departed".to_owned(),
            (state, false) => state.to_owned(),
        };
        member::Model {
            id,
            data_source_id: self.sources[corp],
            userid: userid.to_owned(),
            userid_key: key,
            name: Some(format!("名{userid}")),
            alias: None,
            position: None,
            email: None,
            mobile: None,
            avatar: None,
            gender: None,
            open_userid: None,
            main_department: None,
            departments: Numbers(places),
            status: self.dice.of(&[
                Some(1),
                Some(1),
                Some(1),
                Some(1),
                Some(1),
                None,
                Some(2),
                Some(4),
                Some(5),
                Some(3),
            ]),
            state,
            departed_at: None,
            checked_at: self.dice.of(&[0, NOW, NOW - DAY, NOW - 30 * DAY]),
            doubt: self.dice.one_in(20).then(|| "gap".to_owned()),
            user_id: user,
            import_outcome: "imported".to_owned(),
            import_reason: None,
            created_at: 1,
            updated_at: 1,
        }
    }

    fn account(&mut self, username: &str, corp: Option<usize>) -> users::Model {
        let out = self.dice.of(&["", "", "", "", "", "admin", "departed", "out_of_scope"]);
        let reason = Some(out).filter(|reason| !reason.is_empty());
        // Some were left over by a data source that was removed.
        let left_over = corp.is_some() && self.dice.one_in(30);
        users::Model {
            id: self.id(),
            username: username.to_owned(),
            username_key: username.to_lowercase(),
            display_name: None,
            email: None,
            email_verified: false,
            phone_number: None,
            phone_verified: false,
            picture: None,
            locale: None,
            nickname: None,
            gender: None,
            profile: json!({}),
            provenance: json!({}),
            data_source_id: corp.filter(|_| !left_over).map(|corp| self.sources[corp]),
            corp_id: corp.map(|corp| format!("ww{corp}")),
            console_role: None,
            status: if reason.is_some() { "disabled" } else { "active" }.to_owned(),
            disabled_reason: reason.map(str::to_owned),
            access_until: self.dice.of(&[None, None, None, Some(NOW - DAY), Some(NOW + DAY)]),
            email_proven: None,
            email_entered: None,
            language: None,
            browsers_known_at: None,
            access_ending_told: None,
            password_hash: self.dice.one_in(3).then(|| "$argon2id$".to_owned()),
            created_at: 1,
            updated_at: 1,
        }
    }

    /// Those of the portal's groups in which the user is.
    pub async fn groups_of(&self, user: Uuid, portal: &Portal) -> Vec<Uuid> {
        let mine = user_group_user::Entity::find().filter(user_group_user::Column::UserId.eq(user));
        let rows = mine.all(self.database.reader()).await.unwrap();
        let mut groups: Vec<Uuid> = rows.into_iter().map(|row| row.group_id).collect();
        groups.retain(|group| portal.groups.contains(group));
        groups
    }

    async fn portal(&mut self, number: u64) {
        let id = self.id();
        let mut some = |from: Vec<Uuid>, most: u64| -> Strings {
            let many = self.dice.roll(most + 1);
            Strings((0..many).map(|_| self.dice.of(&from).to_string()).collect())
        };
        let departments: Vec<Uuid> = self.departments.iter().flatten().map(|one| one.0).collect();
        let (departments, people) = match number % 4 {
            0 => (Strings::default(), Strings::default()),
            1 => (some(departments, 6), Strings::default()),
            2 => (Strings::default(), some(self.users.clone(), 300)),
            _ => (some(departments, 3), some(self.users.clone(), 40)),
        };
        let auth_sources = (number % 3 == 2).then(|| some(self.auth_sources.clone(), 5));
        let row = client_row(id, number, auth_sources, (departments, people));
        row.into_active_model().insert(self.database.writer()).await.unwrap();
        self.portals.push(id);
    }
}
