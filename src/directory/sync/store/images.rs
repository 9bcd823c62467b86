//! The columns that runs write, by the names they have in the journal: from rows, and back into rows.
//!
//! Left out by intent: versions and dates, how fresh a membership is, and what nobody may read (passwords).

use entity::{department, member, tag, users, wecom_app};
use serde_json::Value;
use uuid::Uuid;

use crate::directory::sync::journal::Image;

macro_rules! images {
    ($($(#[$doc:meta])* $model:ty => $image:ident, $restore:ident { $($name:literal: $field:ident),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            pub fn $image(row: &$model) -> Image {
                Image::from([$(($name, serde_json::to_value(&row.$field).unwrap_or_default())),+])
            }

            /// Sets one of these columns; false: there is no such column, or the value does not fit.
            pub fn $restore(row: &mut $model, name: &str, value: &Value) -> bool {
                match name {
                    $($name => serde_json::from_value(value.clone()).map(|value| row.$field = value).is_ok(),)+
                    _ => false,
                }
            }
        )+
    };
}

images! {
    /// A member.
    member::Model => member, restore_member {
        "member.userid": userid,
        "member.userid_key": userid_key,
        "member.name": name,
        "member.alias": alias,
        "member.position": position,
        "member.email": email,
        "member.mobile": mobile,
        "member.avatar": avatar,
        "member.gender": gender,
        "member.open_userid": open_userid,
        "member.main_department": main_department,
        "member.departments": departments,
        "member.status": status,
        "member.state": state,
        "member.departed_at": departed_at,
        "member.doubt": doubt,
        "member.user_id": user_id,
        "member.import_outcome": import_outcome,
        "member.import_reason": import_reason,
    }
    /// A user.
    users::Model => user, restore_user {
        "user.display_name": display_name,
        "user.email": email,
        "user.email_verified": email_verified,
        "user.provenance": provenance,
        "user.phone_number": phone_number,
        "user.phone_verified": phone_verified,
        "user.picture": picture,
        "user.nickname": nickname,
        "user.gender": gender,
        "user.data_source_id": data_source_id,
        "user.corp_id": corp_id,
        "user.status": status,
        "user.disabled_reason": disabled_reason,
    }
    /// A department.
    department::Model => department, restore_department {
        "department.wecom_id": wecom_id,
        "department.parent_wecom_id": parent_wecom_id,
        "department.name": name,
        "department.sort_order": sort_order,
        "department.path": path,
    }
    /// A tag, without its contents.
    tag::Model => tag, restore_tag {
        "tag.wecom_id": wecom_id,
        "tag.name": name,
    }
    /// The integration app, without its visible scope.
    wecom_app::Model => app, restore_app {
        "app.name": name,
        "app.closed": closed,
        "app.redirect_domain": redirect_domain,
    }
}

/// A department or tag that was deleted has all its columns in the journal; this is what they are put into.
pub const fn empty_department(id: Uuid, data_source_id: Uuid, updated_at: i64) -> department::Model {
    department::Model {
        id,
        data_source_id,
        wecom_id: 0,
        parent_wecom_id: 0,
        name: String::new(),
        sort_order: 0,
        path: String::new(),
        updated_at,
    }
}

/// See [`empty_department`].
pub const fn empty_tag(id: Uuid, data_source_id: Uuid, updated_at: i64) -> tag::Model {
    tag::Model {
        id,
        data_source_id,
        wecom_id: 0,
        name: String::new(),
        updated_at,
    }
}
