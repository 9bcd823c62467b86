//! Merging what WeCom gives with what we hold: a withheld field never erases, because withheld and empty look the same; and departments
//! are replaced only by a complete answer.

use crate::directory::sync::snapshot::{Person, Profile};

/// The member's values after this snapshot. `memberships_partial`: it may show only some of their departments.
pub fn merge(held: &Person, seen: &Person, memberships_partial: bool) -> Person {
    let (departments, main_department) = if memberships_partial {
        (held.departments.clone(), held.main_department)
    } else {
        let kept = held.main_department.filter(|id| seen.departments.contains(id));
        (seen.departments.clone(), seen.main_department.or(kept))
    };
    Person {
        userid: seen.userid.clone(),
        profile: Profile {
            name: or(&seen.profile.name, &held.profile.name),
            alias: or(&seen.profile.alias, &held.profile.alias),
            position: or(&seen.profile.position, &held.profile.position),
            email: or(&seen.profile.email, &held.profile.email),
            mobile: or(&seen.profile.mobile, &held.profile.mobile),
            avatar: or(&seen.profile.avatar, &held.profile.avatar),
            gender: or(&seen.profile.gender, &held.profile.gender),
            open_userid: or(&seen.profile.open_userid, &held.profile.open_userid),
        },
        other_email: None,
        departments,
        main_department,
        status: seen.status.or(held.status),
    }
}

fn or(new: &Option<String>, old: &Option<String>) -> Option<String> {
    new.as_ref().or(old.as_ref()).cloned()
}

#[cfg(test)]
mod tests {
    use super::{Person, merge};

    fn person(departments: &[i64], main_department: Option<i64>) -> Person {
        Person {
            departments: departments.to_vec(),
            main_department,
            ..Person::default()
        }
    }

    #[test]
    fn a_part_of_the_departments_replaces_nothing() {
        let held = person(&[2, 7], Some(7));
        assert_eq!(merge(&held, &person(&[], None), true), held);
        assert_eq!(merge(&held, &person(&[2], Some(2)), true), held);
        assert_eq!(merge(&held, &person(&[2], None), false), person(&[2], None));
        assert_eq!(merge(&held, &person(&[7], None), false), person(&[7], Some(7)));
    }
}
