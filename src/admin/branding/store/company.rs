//! What companies have in the place of the installation's branding: one row for each data source that has any of it.

use entity::{company_branding, data_source};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, Select, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{
    admin::branding::model::{LogoFile, NewBranding, OwnBrand, logo_of},
    directory::{store::Change, sync::failure::SyncFailure},
    kernel::{failure::Result, raster_image},
    store::Database,
    web::{
        accent_colour::Colour,
        brand::{Brand, Logo},
    },
};

use company_branding::Column;

/// Everything but the file of the logo.
#[derive(FromQueryResult)]
struct Line {
    data_source_id: Uuid,
    source_name: String,
    corp_key: String,
    name: Option<String>,
    name_zh: Option<String>,
    accent: Option<String>,
    contact: Option<String>,
    contact_zh: Option<String>,
    logo_digest: Option<String>,
    logo_media_type: Option<String>,
    logo_width: Option<i32>,
    logo_height: Option<i32>,
    logo_bytes: Option<i32>,
}

impl Line {
    fn logo(&self) -> Option<Logo> {
        let number = |value: Option<i32>| u32::try_from(value?).ok();
        Some(Logo {
            media_type: raster_image::media_type(self.logo_media_type.as_deref()?)?,
            digest: self.logo_digest.clone()?,
            width: number(self.logo_width)?,
            height: number(self.logo_height)?,
            bytes: usize::try_from(self.logo_bytes?).ok()?,
        })
    }
}

impl From<Line> for OwnBrand {
    fn from(line: Line) -> Self {
        let logo = line.logo();
        Self {
            source: line.data_source_id,
            source_name: line.source_name,
            corp_key: line.corp_key,
            own: Brand {
                name: line.name,
                name_zh: line.name_zh,
                accent: line.accent.as_deref().and_then(Colour::of),
                contact: line.contact,
                contact_zh: line.contact_zh,
                logo,
            },
        }
    }
}

fn rows() -> Select<company_branding::Entity> {
    let to_source = company_branding::Entity::belongs_to(data_source::Entity)
        .from(Column::DataSourceId)
        .to(data_source::Column::Id);
    company_branding::Entity::find()
        .select_only()
        .columns([
            Column::DataSourceId,
            Column::Name,
            Column::NameZh,
            Column::Accent,
            Column::Contact,
            Column::ContactZh,
            Column::LogoDigest,
            Column::LogoMediaType,
            Column::LogoWidth,
            Column::LogoHeight,
            Column::LogoBytes,
        ])
        .column_as(data_source::Column::Name, "source_name")
        .column_as(data_source::Column::CorpKey, "corp_key")
        .join(JoinType::InnerJoin, to_source.into())
        .order_by_asc(Column::DataSourceId)
}

/// The companies that have any of it, the oldest data source first.
pub(in crate::admin::branding) async fn all(database: &Database) -> Result<Vec<OwnBrand>> {
    let lines = rows().into_model::<Line>().all(database.reader()).await?;
    Ok(lines.into_iter().map(OwnBrand::from).collect())
}

/// What the company of a data source has.
pub(in crate::admin::branding) async fn find(database: &Database, source: Uuid) -> Result<Brand> {
    let known = data_source::Entity::find_by_id(source)
        .select_only()
        .column(data_source::Column::Id)
        .into_tuple::<Uuid>()
        .one(database.reader())
        .await?;
    known.ok_or_else(|| SyncFailure::UnknownDataSource.failure())?;
    Ok(own(database.reader(), source).await?)
}

/// Reads it within a change, after all changes that began before.
pub(super) async fn locked(change: &Change, source: Uuid) -> Result<Brand> {
    // A row that is not there cannot be locked; that of the data source is.
    let row = data_source::Entity::find_by_id(source)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    row.ok_or_else(|| SyncFailure::UnknownDataSource.failure())?;
    Ok(own(change.transaction(), source).await?)
}

async fn own<C: ConnectionTrait>(connection: &C, source: Uuid) -> Result<Brand, DbErr> {
    let line = rows()
        .filter(Column::DataSourceId.eq(source))
        .into_model::<Line>()
        .one(connection)
        .await?;
    Ok(line.map(|line| OwnBrand::from(line).own).unwrap_or_default())
}

/// The logo of some company with this digest: media type and file.
pub(super) async fn logo_file(database: &Database, digest: &str) -> Result<Option<LogoFile>> {
    let row = company_branding::Entity::find()
        .filter(Column::LogoDigest.eq(digest))
        .limit(1)
        .all(database.reader())
        .await?;
    let row = row.into_iter().next();
    Ok(row.and_then(|row| Some((raster_image::media_type(&row.logo_media_type?)?, row.logo?))))
}

/// Writes the fields, and leaves the logo as it is.
pub(super) async fn write(change: &Change, source: Uuid, branding: &NewBranding) -> Result<()> {
    let row = company_branding::ActiveModel {
        data_source_id: Set(source),
        name: Set(branding.name.clone()),
        name_zh: Set(branding.name_zh.clone()),
        accent: Set(branding.accent.clone()),
        contact: Set(branding.contact.clone()),
        contact_zh: Set(branding.contact_zh.clone()),
        ..Default::default()
    };
    let columns = [
        Column::Name,
        Column::NameZh,
        Column::Accent,
        Column::Contact,
        Column::ContactZh,
    ];
    put(change, row, &columns).await?;
    forget_empty(change, source).await
}

/// Writes the logo; `None` removes it.
pub(super) async fn write_logo(change: &Change, source: Uuid, bytes: Option<&[u8]>) -> Result<()> {
    let logo = bytes.and_then(logo_of);
    let logo = logo.as_ref();
    let pixels = |of: fn(&Logo) -> u32| logo.and_then(|logo| i32::try_from(of(logo)).ok());
    let row = company_branding::ActiveModel {
        data_source_id: Set(source),
        logo: Set(bytes.map(<[u8]>::to_vec)),
        logo_digest: Set(logo.map(|logo| logo.digest.clone())),
        logo_media_type: Set(logo.map(|logo| logo.media_type.to_owned())),
        logo_width: Set(pixels(|logo| logo.width)),
        logo_height: Set(pixels(|logo| logo.height)),
        logo_bytes: Set(logo.and_then(|logo| i32::try_from(logo.bytes).ok())),
        ..Default::default()
    };
    let columns = [
        Column::Logo,
        Column::LogoDigest,
        Column::LogoMediaType,
        Column::LogoWidth,
        Column::LogoHeight,
        Column::LogoBytes,
    ];
    put(change, row, &columns).await?;
    forget_empty(change, source).await
}

async fn put(change: &Change, row: company_branding::ActiveModel, columns: &[Column]) -> Result<()> {
    let replace = OnConflict::column(Column::DataSourceId)
        .update_columns(columns.iter().copied())
        .to_owned();
    company_branding::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(change.transaction())
        .await?;
    Ok(())
}

/// A company with nothing of its own is not among those that have.
async fn forget_empty(change: &Change, source: Uuid) -> Result<()> {
    match own(change.transaction(), source).await? == Brand::default() {
        true => remove(change, source).await,
        false => Ok(()),
    }
}

/// Removes all of it.
pub(super) async fn remove(change: &Change, source: Uuid) -> Result<()> {
    company_branding::Entity::delete_by_id(source)
        .exec(change.transaction())
        .await?;
    Ok(())
}
