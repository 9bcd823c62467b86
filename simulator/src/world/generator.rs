//! Generator of corps of any size, the same for the same seed: for load tests and tests with big directories.
//!
//! Names are assembled from common syllables; nothing stands for a real person.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{
    app::App,
    corp::{Corp, Department, Tag},
    member::{Attribute, Member, Placement, Sensitive},
    scope::Scope,
};

/// Corpid of generated corps.
pub const CORP: &str = "wwgenerated0000001";
/// Agentid of the app in generated corps.
pub const AGENT_ID: u32 = 1_000_002;
/// Secret of that app, whose scope is the root department.
pub const APP_SECRET: &str = "generated-app-secret-000000000000000000001";
/// Secret of the contacts-sync helper in generated corps.
pub const CONTACTS_SECRET: &str = "generated-contacts-secret-0000000000000001";

const DEEPEST: u32 = 15;
const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕";
const GIVEN: &str = "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英华玉兰红云飞雪梅晨宇轩涵怡佳琪博文浩然子涵雨桐";
const UNITS: [&str; 8] = ["研发", "销售", "市场", "财务", "人事", "运营", "质量", "客服"];
const TITLES: [&str; 6] = ["工程师", "高级工程师", "专员", "主管", "经理", "实习生"];

/// A corp of `members` people in `departments` departments (at most 15 levels) with a tag per 1,000 members.
/// About one member in fifty is disabled and one in fifty not activated; each is in one to three departments.
pub fn corp(seed: u64, members: u32, departments: u32) -> Corp {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut corp = Corp {
        corpid: CORP.to_owned(),
        name: "生成科技".to_owned(),
        contacts_secret: Some(CONTACTS_SECRET.to_owned()),
        contacts_ip_is_new: true,
        ..Corp::default()
    };
    add_departments(&mut corp, &mut rng, departments.max(1));
    (1..=members).for_each(|number| corp.add_member(member(&mut rng, number, departments.max(1))));
    add_tags(&mut corp, &mut rng, members, departments.max(1));
    corp.add_app(App {
        agentid: AGENT_ID,
        name: "门禁".to_owned(),
        secret: APP_SECRET.to_owned(),
        scope: Scope {
            parties: vec![1],
            ..Scope::default()
        },
        ..App::default()
    });
    corp
}

fn add_departments(corp: &mut Corp, rng: &mut StdRng, count: u32) {
    let mut levels = vec![0_u32, 1];
    for id in 1..=count {
        let parent = if id == 1 { 0 } else { pick_parent(rng, &mut levels, id) };
        let unit = UNITS.get(rng.random_range(0..UNITS.len())).copied().unwrap_or_default();
        let name = if id == 1 {
            corp.name.clone()
        } else {
            format!("{unit}{id}部")
        };
        corp.add_department(Department {
            id,
            name,
            parent,
            order: count - id + 1,
            ..Department::default()
        });
    }
}

/// Picks a parent department; prefers recent ones, so that trees are deep but never beyond the limit of 15 levels (reference §5.2).
fn pick_parent(rng: &mut StdRng, levels: &mut Vec<u32>, id: u32) -> u32 {
    loop {
        let parent = rng.random_range((id / 8).max(1)..id);
        let level = levels.get(parent as usize).copied().unwrap_or(1);
        if level < DEEPEST || id < 3 {
            levels.push(level + 1);
            return parent;
        }
    }
}

fn member(rng: &mut StdRng, number: u32, departments: u32) -> Member {
    let mut places: Vec<u32> = (0..rng.random_range(1..=3))
        .map(|_| rng.random_range(1..=departments))
        .collect();
    places.sort_unstable();
    places.dedup();
    let userid = format!("user{number:06}");
    Member {
        departments: places
            .iter()
            .map(|&id| Placement {
                leader: rng.random_ratio(1, 20),
                ..Placement::of(id)
            })
            .collect(),
        position: TITLES
            .get(rng.random_range(0..TITLES.len()))
            .copied()
            .unwrap_or_default()
            .to_owned(),
        status: match rng.random_range(0..50) {
            0 => 2,
            1 => 4,
            _ => 1,
        },
        sensitive: Sensitive {
            mobile: format!("199{number:08}"),
            email: format!("{userid}@corp.example"),
            biz_mail: format!("{userid}@corp.wecom.example"),
            gender: rng.random_range(1..=2).to_string(),
            ..Sensitive::default()
        },
        extattr: vec![Attribute {
            name: "工号".to_owned(),
            value: format!("G{number:06}"),
            url: None,
        }],
        ..Member::new(&userid, &name(rng), &places)
    }
}

fn name(rng: &mut StdRng) -> String {
    let pick = |rng: &mut StdRng, from: &str| from.chars().nth(rng.random_range(0..from.chars().count()));
    let given = rng.random_range(1..=2);
    pick(rng, SURNAMES)
        .into_iter()
        .chain((0..given).filter_map(|_| pick(rng, GIVEN)))
        .collect()
}

fn add_tags(corp: &mut Corp, rng: &mut StdRng, members: u32, departments: u32) {
    if members == 0 {
        return;
    }
    for id in 1..=members / 1000 + 1 {
        let users = (0..20.min(members))
            .map(|_| format!("user{:06}", rng.random_range(1..=members)))
            .collect();
        let tag = Tag {
            id,
            name: format!("标签{id}"),
            users,
            parties: vec![rng.random_range(1..=departments)],
        };
        corp.tags.insert(id, tag);
    }
}

#[cfg(test)]
mod tests {
    use super::corp;

    fn depth(corp: &crate::world::Corp, mut id: u32) -> u32 {
        let mut levels = 0;
        while id != 0 {
            id = corp.departments[&id].parent;
            levels += 1;
        }
        levels
    }

    #[test]
    fn the_same_seed_gives_the_same_corp_and_another_seed_another() {
        assert_eq!(corp(7, 200, 30), corp(7, 200, 30));
        assert_ne!(corp(7, 200, 30), corp(8, 200, 30));
    }

    #[test]
    fn trees_are_connected_and_at_most_15_levels_deep() {
        let corp = corp(1, 10, 5000);
        assert_eq!(corp.departments.len(), 5000);
        let deepest = corp.departments.keys().map(|&id| depth(&corp, id)).max().unwrap();
        assert!((3..=15).contains(&deepest), "{deepest}");
    }

    #[test]
    fn members_are_in_one_to_three_departments() {
        let corp = corp(3, 1000, 50);
        assert_eq!(corp.members.len(), 1000);
        assert!(corp.members.values().all(|m| (1..=3).contains(&m.departments.len())));
        assert!(corp.members.values().any(|m| m.departments.len() == 3));
        assert!(corp.members.values().any(|m| m.status == 2));
    }
}
