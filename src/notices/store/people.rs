//! By which ways somebody is reached whom a notice concerns, and in which language: what they chose on our pages counts first, then what is known of
//! them, then Chinese, the language of WeCom's own pages.

use entity::{member, notice_channel, users};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    notices::{
        delivery::ChannelKind,
        model::{NewNotice, To, Topic},
        personal::store as switches,
        recipient,
    },
    web::texts::Lang,
};

/// A way to somebody.
pub(super) struct Way {
    /// The channel; none: the WeCom app of the data source, without one.
    pub(super) channel: Option<Uuid>,
    /// Whose WeCom app sends (WeCom only).
    pub(super) data_source: Option<Uuid>,
    pub(super) kind: ChannelKind,
    /// E-mail address or member ID.
    pub(super) address: String,
    pub(super) lang: Lang,
}

/// The language of a user, where one is known: what they chose on our pages, else their claim `locale`.
pub fn language_of(user: &users::Model) -> Option<Lang> {
    let own = [&user.language, &user.locale].into_iter().flatten();
    own.filter_map(|tag| Lang::of_tag(tag)).next()
}

/// The ways to whom a notice is for; none for subscribers, who have their own, and none where an admin switched off that people are told.
pub(super) async fn ways<C: ConnectionTrait>(connection: &C, notice: &NewNotice) -> Result<Vec<Way>, DbErr> {
    if !switches::is_on(connection, notice.topic).await? {
        return Ok(Vec::new());
    }
    let data_source = notice.data_source;
    match &notice.to {
        To::Subscribers => Ok(Vec::new()),
        To::Member { userid, lang } => {
            let own = member_language(connection, data_source, userid).await?;
            Ok(vec![Way {
                channel: None,
                data_source,
                kind: ChannelKind::Wecom,
                address: userid.clone(),
                lang: own.or(*lang).unwrap_or(Lang::Zh),
            }])
        }
        To::User { id } => of_user(connection, *id).await,
        To::UserByWecom { id } => {
            let mut ways = of_user(connection, *id).await?;
            ways.retain(|way| way.kind == ChannelKind::Wecom);
            Ok(ways)
        }
        To::Address { email, lang } => {
            let channels = enabled(connection).await?;
            Ok(by_mail(&channels, Some(email), *lang).into_iter().collect())
        }
    }
}

/// The language of the user that a member is, where there is one.
async fn member_language<C: ConnectionTrait>(
    connection: &C,
    data_source: Option<Uuid>,
    userid: &str,
) -> Result<Option<Lang>, DbErr> {
    let Some(data_source) = data_source else {
        return Ok(None);
    };
    let found = member::Entity::find()
        .filter(member::Column::DataSourceId.eq(data_source))
        .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
        .filter(member::Column::UserId.is_not_null())
        .order_by_desc(member::Column::Id)
        .one(connection)
        .await?;
    let Some(user) = found.and_then(|member| member.user_id) else {
        return Ok(None);
    };
    let user = users::Entity::find_by_id(user).one(connection).await?;
    Ok(user.as_ref().and_then(language_of))
}

/// The ways to a user: by mail, and as a member of each corp whose data source has a channel of WeCom.
async fn of_user<C: ConnectionTrait>(connection: &C, id: Uuid) -> Result<Vec<Way>, DbErr> {
    let Some(user) = users::Entity::find_by_id(id).one(connection).await? else {
        return Ok(Vec::new());
    };
    let channels = enabled(connection).await?;
    let lang = language_of(&user).unwrap_or(Lang::Zh);
    let mut ways: Vec<Way> = by_mail(&channels, user.email.as_ref(), lang).into_iter().collect();
    if !channels.iter().any(|channel| is(channel, ChannelKind::Wecom)) {
        return Ok(ways);
    }
    let members = member::Entity::find()
        .filter(member::Column::UserId.eq(id))
        .filter(member::Column::State.eq("present"))
        .order_by_asc(member::Column::Id)
        .all(connection)
        .await?;
    for member in members {
        let source = Some(member.data_source_id);
        let of_source =
            |channel: &&notice_channel::Model| is(channel, ChannelKind::Wecom) && channel.data_source_id == source;
        if let Some(channel) = channels.iter().find(of_source) {
            ways.push(Way {
                channel: Some(channel.id),
                data_source: source,
                kind: ChannelKind::Wecom,
                address: member.userid,
                lang,
            });
        }
    }
    Ok(ways)
}

fn by_mail(channels: &[notice_channel::Model], email: Option<&String>, lang: Lang) -> Option<Way> {
    let email = email.filter(|email| recipient::is_mailbox(email))?;
    let channel = channels.iter().find(|channel| is(channel, ChannelKind::Email))?;
    Some(Way {
        channel: Some(channel.id),
        data_source: None,
        kind: ChannelKind::Email,
        address: email.clone(),
        lang,
    })
}

fn is(channel: &notice_channel::Model, kind: ChannelKind) -> bool {
    channel.kind == kind.word()
}

/// Whether a channel for e-mail stands, and this is told: so that mail can be promised.
///
/// # Errors
/// When the database does not answer.
pub async fn is_mailed<C: ConnectionTrait>(connection: &C, topic: Topic) -> Result<bool, DbErr> {
    if !switches::is_on(connection, topic).await? {
        return Ok(false);
    }
    let channels = enabled(connection).await?;
    Ok(channels.iter().any(|channel| is(channel, ChannelKind::Email)))
}

/// The channels that are enabled, the oldest first; there are few.
async fn enabled<C: ConnectionTrait>(connection: &C) -> Result<Vec<notice_channel::Model>, DbErr> {
    notice_channel::Entity::find()
        .filter(notice_channel::Column::Enabled.eq(true))
        .order_by_asc(notice_channel::Column::Id)
        .all(connection)
        .await
}
