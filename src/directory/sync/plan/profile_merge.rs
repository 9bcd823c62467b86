//! Merging what WeCom gives with what we hold: a withheld field never erases, because withheld and empty look the same.

use crate::directory::{
    email::EmailOrigin,
    sync::{
        mirror::UserProfile,
        snapshot::{Person, Profile},
    },
};

/// The member's values after this snapshot.
pub fn merge(held: &Person, seen: &Person) -> Person {
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
        },
        departments: seen.departments.clone(),
        main_department: seen
            .main_department
            .or(held.main_department.filter(|id| seen.departments.contains(id))),
        status: seen.status.or(held.status),
    }
}

/// The user's profile under WeCom's values; an address WeCom changed is no longer verified.
pub fn overwrite(held: &UserProfile, given: &Profile) -> UserProfile {
    let email = or(&given.email, &held.email);
    let phone_number = or(&given.mobile, &held.phone_number);
    UserProfile {
        display_name: or(&given.name, &held.display_name),
        email_verified: held.email_verified && email == held.email,
        email_origin: match given.email {
            Some(_) => Some(EmailOrigin::Wecom),
            None => held.email_origin,
        },
        email,
        phone_verified: held.phone_verified && phone_number == held.phone_number,
        phone_number,
        picture: or(&given.avatar, &held.picture),
        nickname: or(&given.alias, &held.nickname),
        gender: or(&given.gender, &held.gender),
    }
}

fn or(new: &Option<String>, old: &Option<String>) -> Option<String> {
    new.as_ref().or(old.as_ref()).cloned()
}
