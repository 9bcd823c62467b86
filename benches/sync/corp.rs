//! The corp that is synced, and how it changes.

use simulator::{
    World, generator,
    world::{Corp, Placement, Tag},
};

/// How many people sign in.
pub const SIGN_IN: u32 = 1_000;

/// A corp of so many members, departments and tags.
pub fn of(members: u32, departments: u32, tags: u32) -> Corp {
    let mut corp = generator::corp(7, members, departments);
    corp.tags.retain(|id, _| *id <= tags);
    let next = u32::try_from(corp.tags.len()).unwrap() + 1;
    for id in next..=tags {
        let users = (0..20).map(|n| userid((id * 20 + n) % members + 1)).collect();
        let tag = Tag {
            id,
            name: format!("标签{id}"),
            users,
            parties: vec![id % departments + 1],
        };
        corp.tags.insert(id, tag);
    }
    corp
}

/// The corp whose people sign in: enough of them that nobody does so too often.
pub fn of_those_who_sign_in() -> Corp {
    let mut corp = generator::corp(8, SIGN_IN, 20);
    corp.corpid = "wwgenerated0000002".to_owned();
    corp.members.values_mut().for_each(|member| member.status = 1);
    corp
}

/// The userid of a generated member.
pub fn userid(number: u32) -> String {
    format!("user{number:06}")
}

/// One member in a hundred has another position, or is in another department.
pub fn change_one_in_a_hundred(world: &mut World, members: u32) {
    let corp = world.corps.get_mut(generator::CORP).unwrap();
    for number in (1..=members).step_by(100) {
        let member = corp.member_mut(&userid(number)).unwrap();
        if number % 200 == 1 {
            member.position = format!("改{number}");
        } else {
            member.departments = vec![Placement::of(1)];
        }
    }
}

/// Gives the first so many members another position: another name could be another person's.
pub fn promote_first(world: &mut World, how_many: u32) {
    let corp = world.corps.get_mut(generator::CORP).unwrap();
    for number in 1..=how_many {
        corp.member_mut(&userid(number)).unwrap().position = position(number);
    }
}

/// The position after [`promote_first`].
pub fn position(number: u32) -> String {
    format!("新{number}")
}
