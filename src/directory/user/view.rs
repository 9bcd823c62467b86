//! User as the API shows it: never with the password hash.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
        schema::{SchemaType, Type},
    },
};
use uuid::Uuid;

use super::{
    input::{ConsoleRole, Status},
    provenance::Origin,
    standard_claims::StandardClaims,
};
use crate::{
    directory::{
        contacts::model::MemberState, importing::outcome::Outcome, offboarding::model::EndReason,
        setup_problem::Problem,
    },
    kernel::{
        entity_tag::{EntityTag, Tagged},
        words::one_of,
    },
};

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id, the claim `sub`; never changes.
    pub id: Uuid,
    /// Name to sign in with, the claim `preferred_username`.
    #[schema(example = "zhang.san")]
    pub username: String,
    /// Name that people see, the claim `name`; null: none.
    #[schema(example = "张三")]
    pub display_name: Option<String>,
    /// E-mail address, the claim `email`; null: none.
    #[schema(example = "zhang.san@example.com")]
    pub email: Option<String>,
    /// Whether the e-mail address is verified: by a proof, or because an admin vouches for its domain.
    pub email_verified: bool,
    /// Phone number, the claim `phone_number`; null: none.
    #[schema(example = "+86 138 0000 0000")]
    pub phone_number: Option<String>,
    /// Whether the phone number is verified, by a proof.
    pub phone_verified: bool,
    /// Address of a picture, the claim `picture`; null: none.
    pub picture: Option<String>,
    /// Language tag, the claim `locale`; null: none.
    #[schema(example = "zh-CN")]
    pub locale: Option<String>,
    /// The other standard claims.
    pub profile: StandardClaims,
    /// Where each field came from, by its place in this document (`profile.nickname`): those that have a value, were emptied by hand or
    /// are pinned.
    #[schema(value_type = BTreeMap<String, FieldSource>)]
    pub sources: BTreeMap<&'static str, FieldSource>,
    /// The data source they came from; null: created in Menjin.
    pub data_source_id: Option<Uuid>,
    /// What they may do in the console; null: nothing.
    #[schema(value_type = Option<ConsoleRole>)]
    pub console_role: Option<String>,
    /// Whether they may sign in.
    #[schema(value_type = Status)]
    pub status: String,
    /// Why they are disabled; null: they are not.
    #[schema(value_type = Option<EndReason>)]
    pub disabled_reason: Option<String>,
    /// From this moment on they have no access, milliseconds since 1970; null: no such date.
    pub access_until: Option<i64>,
    /// Whether a password is set.
    pub password_set: bool,
    /// Whether one-time codes are set up.
    pub totp_set: bool,
    /// The linked members.
    pub members: Vec<MemberFacts>,
    /// When they signed in last, by whatever way, milliseconds since 1970; null: never, as far as is known.
    pub last_sign_in_at: Option<i64>,
    /// When they were created, milliseconds since 1970.
    pub created_at: i64,
    /// When they were changed last, milliseconds since 1970.
    pub updated_at: i64,
}

impl Tagged for UserView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}

impl Tagged for OperatorView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}

/// Where the value of a field came from.
#[derive(Debug, Serialize)]
pub struct FieldSource {
    /// `from`: `wecom`, `template`, `admin`, `unknown` or `consent`, and by way of which data source or by whom.
    #[serde(flatten)]
    pub origin: Origin,
    /// Since when it stands there, milliseconds since 1970; null: not known.
    pub at: Option<i64>,
    /// Whether no sync changes it.
    pub pinned: bool,
    /// What WeCom gives, where that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wecom_value: Option<String>,
}

/// Written by hand: what is flattened in code is one object here.
impl PartialSchema for FieldSource {
    fn schema() -> RefOr<Schema> {
        let text = |about: &str| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(about.to_owned()))
        };
        // With a default: it is there for some origins only.
        let nullable = |about: &str| {
            let types = SchemaType::from_iter([Type::String, Type::Null]);
            text(about).schema_type(types).default(Some(Value::Null))
        };
        let moment = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .description(Some(
                "Since when it stands there, milliseconds since 1970; null: not known.",
            ));
        let pinned = ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .description(Some("Whether no sync changes it."));
        let from = one_of(&["wecom", "template", "admin", "unknown", "consent"]);
        let from = from.description(Some(
            "WeCom gave it; a data source's template made it; somebody typed it in or emptied it; it stood there before this was written down; WeCom gave it because the person agreed to that.",
        ));
        ObjectBuilder::new()
            .description(Some("Where the value of a field came from."))
            .property("from", from)
            .property(
                "data_source_id",
                nullable(
                    "Of `wecom` and `consent`: row id of the data source that read it, which may be gone by now; null: not known.",
                ),
            )
            .property(
                "email_source",
                nullable(
                    "Of `consent`, for an address: `biz_mail`, the corporate mailbox, or `email`, their own; absent: no address, or not known.",
                ),
            )
            .property(
                "actor",
                nullable("Of `admin`: who, as in the audit log; null: not known."),
            )
            .property("at", moment)
            .property("pinned", pinned)
            .property(
                "wecom_value",
                text("What WeCom gives, where that is something else; absent: the same, or nothing."),
            )
            .required("from")
            .required("pinned")
            .into()
    }
}

impl ToSchema for FieldSource {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("FieldSource")
    }
}

/// A member linked to a user.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberFacts {
    /// Row id of the member.
    pub id: Uuid,
    /// Row id of the data source that reads them.
    pub data_source_id: Uuid,
    /// Corp ID of that data source; null: the data source is gone.
    pub corp_id: Option<String>,
    /// Their userid, as WeCom writes it.
    #[schema(example = "ZhangSan")]
    pub userid: String,
    /// WeCom's ids of the departments they are in.
    #[schema(example = json!([1, 7]))]
    pub departments: Vec<i64>,
    /// `present`: the last complete sync saw them; `departed`: they left.
    #[schema(value_type = MemberState)]
    pub state: String,
    /// What became of them at the last sync.
    #[schema(value_type = Outcome)]
    pub import_outcome: String,
    /// Why, or under which condition; null: nothing to add.
    pub import_reason: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// When WeCom confirmed the membership last, milliseconds since 1970.
    pub checked_at: i64,
}

/// Somebody with a console role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Operator)]
pub struct OperatorView {
    /// That of their user, of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// User id.
    pub user_id: Uuid,
    /// Their username.
    pub username: String,
    /// Their name; null where nobody gave one.
    pub display_name: Option<String>,
    /// What they may do.
    #[schema(value_type = ConsoleRole)]
    pub role: String,
    /// Whether they can sign in; a disabled one cannot, and does not count as the last of a role.
    #[schema(value_type = Status)]
    pub status: String,
    /// The data source they came from; null: created in Menjin.
    pub data_source_id: Option<Uuid>,
    /// Whether a password is set.
    pub password_set: bool,
    /// Whether one-time codes are set up.
    pub totp_set: bool,
    /// Whether a passkey is set up that works at this address.
    pub passkey_set: bool,
    /// From this moment on they have no access, milliseconds since 1970; null: no such date.
    pub access_until: Option<i64>,
    /// When their user was made, milliseconds since 1970.
    pub created_at: i64,
}
