//! Fourteen days of made-up history, so that the console has something to show. It is played, not written: Menjin's clock and WeCom's begin
//! two weeks ago and move from step to step, and each step goes through the doors that everybody uses, so all rows are real rows of the
//! real code. The table below is fixed: each demo has the same past. What marks it: browsers call themselves *made-up history*, and what an
//! admin did was done by an API token of that name.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Action, Delivery, Simulator, sample, world::Member};

use super::{
    setup::{Admin, text},
    visitor::{As, Credentials, Door, Visitor},
};
use crate::{
    app::App,
    kernel::clock::{Clock, Timestamp},
};

/// Name of the API token by which an admin of the history acts.
pub const TOKEN: &str = "演示：虚构的历史 · demo: made-up history";
/// Days that are played, today included.
const DAYS: i64 = 14;
const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;
/// By how much the day of the sample company is ahead of UTC, milliseconds.
const AHEAD: i64 = 8 * 3_600_000;

/// Members who leave in the history, so that everybody of the sample world is still there afterwards.
const LEAVERS: [(&str, &str, u32); 2] = [("heping", "何平", 4), ("qianduo", "钱朵", 3)];
/// Whoever joins, and has the name of somebody whom a sync never touches.
const CONFLICT: (&str, &str, u32) = ("shijin", "史锦", 5);
/// Whoever joins later, whose account is removed, and who asks for access.
const NEWCOMER: (&str, &str, u32) = ("xiexin", "谢昕", 5);
/// What the newcomer writes.
const WHY: &str =
    "我的账号好像被误删了，需要看知识库里的入职文档。My account seems to have been removed; I need the wiki.";
/// Who is told of requests.
const APPROVER: &str = sample::ADMIN;
/// Who signs in, in turn.
const PEOPLE: [&str; 18] = [
    "lihua", "zhangsan", "wangwu", "zhaoliu", "sunqi", "zhouba", "wujiu", "zhengshi", "fengyi", "chuwei", "weimin",
    "jiangnan", "shenyue", "hanmei", "zhujing", "xuqing", "hejie", "shiyi",
];
/// How many sign in from Monday to Sunday.
const A_WEEK: [usize; 7] = [6, 4, 5, 4, 5, 1, 1];

/// What happens.
#[derive(Clone, Copy)]
enum Step {
    /// The next one of [`PEOPLE`] signs in at the first portal, every second one also at the second.
    SignsIn,
    /// Somebody is refused.
    Refused(As),
    /// This leaver signs in at both portals.
    LastDay(usize),
    /// This leaver leaves, and WeCom tells.
    Leaves(usize),
    /// The contacts change in WeCom without an event; the next sync finds it.
    Reorganised(u8),
    /// An admin syncs.
    Synced,
    /// An admin changes the note of the data source.
    Noted,
    /// An admin makes an auditor of the console who has the userid of somebody who joins later.
    AuditorHired,
    /// An admin takes access requests from now on; 张三 hears of them by card.
    ByRequest,
    /// An admin removes somebody's account, by mistake.
    Removed,
    /// Whose account was removed asks for access to the second portal.
    Asks,
}

/// What happens besides sign-ins: days ago, minute of the day, step.
const STEPS: &[(i64, i64, Step)] = &[
    (13, 560, Step::AuditorHired),
    (13, 610, Step::Refused(As::Member(sample::DISABLED))),
    (12, 545, Step::Reorganised(0)),
    (12, 720, Step::Synced),
    (11, 640, Step::Refused(As::Member(sample::OUT_OF_SCOPE))),
    (11, 650, Step::Refused(As::Outsider)),
    (10, 560, Step::Noted),
    (10, 565, Step::ByRequest),
    (10, 570, Step::Refused(As::Member(sample::DISABLED))),
    (9, 500, Step::Reorganised(1)),
    (9, 720, Step::Synced),
    (9, 930, Step::Refused(As::Member("xinren"))),
    (8, 530, Step::LastDay(0)),
    (8, 1045, Step::Leaves(0)),
    (8, 1100, Step::Synced),
    (7, 615, Step::Refused(As::Member(sample::DISABLED))),
    (7, 616, Step::Refused(As::Member(sample::DISABLED))),
    (6, 520, Step::Reorganised(2)),
    (6, 521, Step::Reorganised(3)),
    (6, 720, Step::Synced),
    (5, 590, Step::Refused(As::Outsider)),
    (5, 610, Step::Removed),
    (4, 600, Step::Refused(As::Member(sample::OUT_OF_SCOPE))),
    (4, 605, Step::Refused(As::Member("xinren"))),
    (3, 540, Step::LastDay(1)),
    (3, 680, Step::Leaves(1)),
    (3, 720, Step::Synced),
    (2, 580, Step::Refused(As::Member(sample::DISABLED))),
    (1, 570, Step::Refused(As::Member("waibu02"))),
    (1, 600, Step::Asks),
    (1, 720, Step::Synced),
    (0, 600, Step::Refused(As::Member(sample::DISABLED))),
];

/// What the steps need.
pub struct Replay<'a> {
    /// The application.
    pub app: &'a App,
    /// Its clock, which is behind.
    pub clock: &'a Clock,
    /// WeCom, whose clock is as much behind.
    pub simulator: &'a Simulator,
    /// The admin of the history.
    pub admin: &'a Admin,
    /// The data source of the first company.
    pub source: &'a str,
    /// Where the doors are.
    pub door: Door<'a>,
    /// The portals.
    pub portals: &'a [Credentials],
}

/// So much before now the history begins: the evening before the first day.
pub fn span(now: Timestamp) -> Duration {
    now.since(midnight(now, DAYS - 1).minus(Duration::from_secs(5 * 3600)))
}

fn joins((userid, name, department): (&str, &str, u32)) -> Member {
    Member {
        position: "工程师".to_owned(),
        ..Member::new(userid, name, &[department])
    }
}

/// The members who will have left, for the beginning.
pub fn leavers() -> impl Iterator<Item = Member> {
    LEAVERS.iter().map(|(userid, name, department)| {
        let note = "演示历史中的离职者 leaves in the made-up history".to_owned();
        Member {
            note,
            position: "工程师".to_owned(),
            ..Member::new(userid, name, &[*department])
        }
    })
}

/// Plays all steps up to now.
pub async fn play(replay: &Replay<'_>) -> Result<(), String> {
    let now = Clock::system().now();
    let mut turn = 0;
    for (moment, step) in plan(now) {
        replay.move_to(moment);
        replay.play(step, &mut turn).await?;
        replay.do_what_is_due().await?;
    }
    Ok(())
}

/// All steps with their moments, in order, none after now.
fn plan(now: Timestamp) -> Vec<(Timestamp, Step)> {
    let mut planned = Vec::new();
    for ago in (0..DAYS).rev() {
        let start = midnight(now, ago);
        let weekday = usize::try_from((start.millis() + AHEAD).div_euclid(DAY) + 3).unwrap_or_default() % A_WEEK.len();
        let many = A_WEEK.get(weekday).copied().unwrap_or(1);
        let signed_in = (0..many).zip(0_i64..).map(|(_, at)| (515 + 37 * at, Step::SignsIn));
        let others = STEPS.iter().filter(|(day, ..)| *day == ago);
        for (minute, step) in signed_in.chain(others.map(|(_, minute, step)| (*minute, *step))) {
            let after = match ago {
                // Of today only what has passed: the day's steps lie in it as in a whole one.
                0 => now.since(start).as_millis().try_into().unwrap_or(DAY) * minute / (DAY / MINUTE),
                _ => minute * MINUTE,
            };
            planned.push((Timestamp::from_millis(start.millis() + after), step));
        }
    }
    planned.sort_by_key(|(moment, _)| *moment);
    planned
}

/// When the day so many days ago began at the sample company.
fn midnight(now: Timestamp, ago: i64) -> Timestamp {
    let day = (now.millis() + AHEAD).div_euclid(DAY) - ago;
    Timestamp::from_millis(day * DAY - AHEAD)
}

impl Replay<'_> {
    /// Moves both clocks.
    fn move_to(&self, moment: Timestamp) {
        self.clock.catch_up_to(moment);
        let (ours, theirs) = (self.clock.now().secs(), self.simulator.clock().now());
        let theirs_behind = u64::try_from(ours).unwrap_or_default().saturating_sub(theirs);
        self.simulator.clock().advance(theirs_behind);
    }

    /// Ends the history: both clocks show the time, and nothing of the past waits to be done, which the doctor would name.
    pub async fn catch_up(&self) -> Result<(), String> {
        self.move_to(Clock::system().now());
        self.do_what_is_due().await
    }

    /// What jobs do within seconds, which do not run yet.
    async fn do_what_is_due(&self) -> Result<(), String> {
        let done = self.app.do_what_is_due().await;
        done.map_err(|failure| failure.to_string())
    }

    async fn play(&self, step: Step, turn: &mut usize) -> Result<(), String> {
        match step {
            Step::SignsIn => {
                let who = PEOPLE.get(*turn % PEOPLE.len()).copied().unwrap_or(sample::NORMAL);
                *turn += 1;
                self.signs_in(As::Member(who), 1 + *turn % 2).await
            }
            Step::Refused(who) => self.signs_in(who, 1).await,
            Step::LastDay(leaver) => match LEAVERS.get(leaver) {
                Some((userid, ..)) => self.signs_in(As::Member(userid), 2).await,
                None => Ok(()),
            },
            Step::Leaves(leaver) => {
                if let Some((userid, ..)) = LEAVERS.get(leaver) {
                    let userid = (*userid).to_owned();
                    let action = Action::Remove { userid };
                    self.simulator.act(sample::CORP, action, Delivery::default()).await;
                }
                Ok(())
            }
            Step::Reorganised(step) => {
                self.reorganise(step);
                Ok(())
            }
            Step::Synced => self.admin.sync(self.source).await.map(drop),
            Step::Noted => {
                let note = json!({ "description": "演示 · demo" });
                let path = format!("data-sources/{}", self.source);
                self.admin.patch(&path, &note).await.map(drop)
            }
            Step::AuditorHired => {
                let auditor = json!({ "username": CONFLICT.0, "console_role": "auditor" });
                self.admin.post("users", &auditor).await.map(drop)
            }
            Step::ByRequest => self.by_request().await,
            Step::Removed => {
                let user = self.user(NEWCOMER.0).await?;
                self.admin.delete(&format!("users/{user}")).await.map(drop)
            }
            Step::Asks => {
                let Some(portal) = self.portals.last() else {
                    return Ok(());
                };
                let visitor = Visitor::new(&self.admin.http);
                visitor.ask(&self.door, portal, (As::Member(NEWCOMER.0), WHY)).await
            }
        }
    }

    /// Row id of the user of this name.
    async fn user(&self, username: &str) -> Result<String, String> {
        let found = self.admin.get(&format!("users?q={username}")).await?;
        let mut found = found.get("items").and_then(Value::as_array).into_iter().flatten();
        let user = found.find(|user| text(user, "username") == username);
        let user = user.ok_or_else(|| format!("{username} is no user"))?;
        Ok(text(user, "id").to_owned())
    }

    /// From now on members who are no users may ask, and the approver is told by a card.
    async fn by_request(&self) -> Result<(), String> {
        let takes = json!({ "access_requests": true, "approvers": [self.user(APPROVER).await?] });
        self.admin
            .patch(&format!("data-sources/{}", self.source), &takes)
            .await?;
        let channel = json!({ "kind": "wecom", "name": "企业微信 · WeCom", "data_source_id": self.source });
        let channel = self.admin.post("notice-channels", &channel).await?;
        let told = json!({ "channel_id": text(&channel, "id"), "address": APPROVER, "topics": ["access_requested"] });
        self.admin.post("notice-subscriptions", &told).await.map(drop)
    }

    async fn signs_in(&self, who: As, portals: usize) -> Result<(), String> {
        let visitor = Visitor::new(&self.admin.http);
        for portal in self.portals.iter().take(portals) {
            if !visitor.enter(&self.door, portal, who).await? {
                break;
            }
        }
        Ok(())
    }

    fn reorganise(&self, step: u8) {
        self.simulator.edit(|world| {
            let Some(corp) = world.corp_mut(sample::CORP) else {
                return;
            };
            match step {
                0 => corp.add_member(joins(CONFLICT)),
                3 => corp.add_member(joins(NEWCOMER)),
                1 => {
                    if let Some(member) = corp.member_mut("jiangxue") {
                        member.position = "销售主管".to_owned();
                    }
                }
                _ => {
                    if let Some(member) = corp.member_mut("yanxi") {
                        let moved = Member::new("", "", &[5]);
                        (member.departments, member.main_department) = (moved.departments, moved.main_department);
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_a_sign_in_and_nothing_lies_ahead() {
        for minute in [0, 1, 700, 1439] {
            // Minutes of a day in Shanghai.
            let now = Timestamp::from_millis(1_795_968_000_000 + minute * MINUTE);
            let planned = plan(now);
            assert!(planned.iter().all(|(moment, _)| *moment <= now));
            assert!(planned.is_sorted_by_key(|(moment, _)| *moment));
            let begins = now.minus(span(now));
            assert!(planned.iter().all(|(moment, _)| *moment > begins));
            let days: std::collections::BTreeSet<i64> = planned
                .iter()
                .filter(|(_, step)| matches!(step, Step::SignsIn))
                .map(|(moment, _)| (moment.millis() + AHEAD).div_euclid(DAY))
                .collect();
            assert_eq!(days.len(), 14, "{minute}");
        }
    }
}
