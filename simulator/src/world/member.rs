//! Members with their places in departments and the fields which the policy may hold back (reference §3.3, §3.4, §5.5).

use serde::{Deserialize, Serialize};

/// An employee.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Member {
    /// Canonical letter case; unique in the corp without regard to case.
    pub userid: String,
    /// Display name.
    pub name: String,
    /// Places in departments, in the order in which `user/get` lists them.
    pub departments: Vec<Placement>,
    /// Main department.
    pub main_department: Option<u32>,
    /// Job title.
    pub position: String,
    /// 1 active, 2 disabled, 4 not activated, 5 left (§5.5).
    pub status: u8,
    /// Alias.
    pub alias: String,
    /// Landline; not one of the sensitive items.
    pub telephone: String,
    /// Userids of direct leaders, at most 5.
    pub direct_leader: Vec<String>,
    /// The sensitive items.
    pub sensitive: Sensitive,
    /// Fields pre-ticked on the member's consent page; `None` = all which the app asks for.
    pub consents: Option<Vec<Field>>,
    /// Attributes the corp defined itself.
    pub extattr: Vec<Attribute>,
    /// Number of the person in the corp, of which open ids are made: it stays when the userid changes and is another for somebody else with the
    /// same userid. 0: none yet; [`super::Corp::add_member`] gives one.
    pub serial: u64,
    /// Note on this member's role in demos: shown on the phone page, never by the API.
    pub note: String,
}

impl Member {
    /// An active member of these departments; the first is the main one.
    pub fn new(userid: &str, name: &str, departments: &[u32]) -> Self {
        Self {
            userid: userid.to_owned(),
            name: name.to_owned(),
            departments: departments.iter().map(|&id| Placement::of(id)).collect(),
            main_department: departments.first().copied(),
            status: 1,
            ..Self::default()
        }
    }
}

/// One place in one department.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Placement {
    /// Department id.
    pub department: u32,
    /// Bigger comes first.
    pub order: u32,
    /// Whether the member leads it.
    pub leader: bool,
}

impl Placement {
    /// An ordinary place.
    pub fn of(department: u32) -> Self {
        Self {
            department,
            order: 0,
            leader: false,
        }
    }
}

/// The seven items which apps made after 2022-06-20 get only by the member's consent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sensitive {
    /// Mobile number.
    pub mobile: String,
    /// Personal e-mail.
    pub email: String,
    /// Corporate mailbox.
    pub biz_mail: String,
    /// "1" male, "2" female, "" or "0" unknown.
    pub gender: String,
    /// URL ending in `/0`.
    pub avatar: String,
    /// URL of the personal QR code.
    pub qr_code: String,
    /// Address.
    pub address: String,
}

impl Sensitive {
    /// The value of one item.
    pub fn get(&self, field: Field) -> &str {
        match field {
            Field::Mobile => &self.mobile,
            Field::Email => &self.email,
            Field::BizMail => &self.biz_mail,
            Field::Gender => &self.gender,
            Field::Avatar => &self.avatar,
            Field::QrCode => &self.qr_code,
            Field::Address => &self.address,
        }
    }
}

/// Names of the sensitive items, as JSON keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// `gender`
    Gender,
    /// `avatar`
    Avatar,
    /// `qr_code`
    QrCode,
    /// `mobile`
    Mobile,
    /// `email`
    Email,
    /// `biz_mail`
    BizMail,
    /// `address`
    Address,
}

impl Field {
    /// All seven.
    pub const ALL: [Self; 7] = [
        Self::Gender,
        Self::Avatar,
        Self::QrCode,
        Self::Mobile,
        Self::Email,
        Self::BizMail,
        Self::Address,
    ];

    /// The JSON key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Gender => "gender",
            Self::Avatar => "avatar",
            Self::QrCode => "qr_code",
            Self::Mobile => "mobile",
            Self::Email => "email",
            Self::BizMail => "biz_mail",
            Self::Address => "address",
        }
    }

    /// What the consent page calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Gender => "性别",
            Self::Avatar => "头像",
            Self::QrCode => "员工个人二维码",
            Self::Mobile => "手机号",
            Self::Email => "邮箱",
            Self::BizMail => "企业邮箱",
            Self::Address => "地址",
        }
    }
}

/// An attribute of `extattr`: text, or a web link when `url` is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attribute {
    /// Free text in the corp's language.
    pub name: String,
    /// Text, or the title of the link.
    pub value: String,
    /// Type 1 (web) instead of type 0 (text).
    pub url: Option<String>,
}
