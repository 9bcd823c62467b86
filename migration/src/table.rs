//! A table in the few column kinds we use, so that a migration reads as a list of columns and is the same on both databases.

use sea_orm_migration::prelude::*;

/// Collects columns, then becomes a `CREATE TABLE`.
pub struct Table {
    statement: TableCreateStatement,
    pending: Option<ColumnDef>,
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident, $null:ident => $method:ident;)+) => {
        $(
            $(#[$doc])*
            pub fn $name(self, name: &'static str) -> Self {
                let mut column = ColumnDef::new(Alias::new(name));
                column.$method().not_null();
                self.add(column)
            }

            $(#[$doc])*
            /// May be null.
            pub fn $null(self, name: &'static str) -> Self {
                let mut column = ColumnDef::new(Alias::new(name));
                column.$method().null();
                self.add(column)
            }
        )+
    };
}

impl Table {
    /// A table without columns.
    pub fn new(name: &'static str) -> Self {
        Self {
            statement: sea_orm_migration::prelude::Table::create()
                .table(Alias::new(name))
                .to_owned(),
            pending: None,
        }
    }

    columns! {
        /// A UUID.
        uuid, uuid_null => uuid;
        /// Text of any length.
        text, text_null => text;
        /// 64-bit integer.
        big_integer, big_integer_null => big_integer;
        /// 32-bit integer.
        integer, integer_null => integer;
        /// A JSON document.
        json, json_null => json;
        /// Bytes.
        bytes, bytes_null => blob;
    }

    /// Yes or no.
    #[must_use]
    pub fn boolean(self, name: &'static str) -> Self {
        let mut column = ColumnDef::new(Alias::new(name));
        column.boolean().not_null();
        self.add(column)
    }

    /// Makes the last column's values unique.
    #[must_use]
    pub fn unique(mut self) -> Self {
        if let Some(column) = &mut self.pending {
            column.unique_key();
        }
        self
    }

    /// The columns that name a row.
    #[must_use]
    pub fn primary_key(mut self, columns: &[&'static str]) -> Self {
        self.flush();
        let mut key = Index::create();
        for column in columns {
            key.col(Alias::new(*column));
        }
        self.statement.primary_key(&mut key);
        self
    }

    /// Adds a foreign key.
    #[must_use]
    pub fn foreign(mut self, mut key: ForeignKeyCreateStatement) -> Self {
        self.flush();
        self.statement.foreign_key(&mut key);
        self
    }

    /// The statement.
    pub fn done(mut self) -> TableCreateStatement {
        self.flush();
        self.statement
    }

    fn add(mut self, column: ColumnDef) -> Self {
        self.flush();
        self.pending = Some(column);
        self
    }

    fn flush(&mut self) {
        if let Some(mut column) = self.pending.take() {
            self.statement.col(&mut column);
        }
    }
}

/// A reference to the first primary-key column (`id`) of another table.
pub fn foreign(
    table: &'static str,
    column: &'static str,
    to: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(Alias::new(table), Alias::new(column))
        .to(Alias::new(to), Alias::new("id"))
        .on_delete(on_delete)
        .to_owned()
}

/// An index named after its table and columns.
pub fn index(table: &'static str, columns: &[&'static str], unique: bool) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("ix_{table}_{}", columns.join("_")))
        .table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    if unique {
        index.unique();
    }
    index
}

/// `DROP TABLE`.
pub fn drop(name: &'static str) -> TableDropStatement {
    sea_orm_migration::prelude::Table::drop()
        .table(Alias::new(name))
        .to_owned()
}

/// Adds a JSON column that is `{}` in the rows there are.
pub async fn add_json(manager: &SchemaManager<'_>, table: &'static str, column: &'static str) -> Result<(), DbErr> {
    let mut definition = ColumnDef::new(Alias::new(column));
    definition.json().not_null().default("{}");
    add_column(manager, table, definition).await
}

/// Adds a text column that is null in the rows there are.
pub async fn add_text_null(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    let mut definition = ColumnDef::new(Alias::new(column));
    definition.text().null();
    add_column(manager, table, definition).await
}

/// Adds a 64-bit integer column that is null in the rows there are.
pub async fn add_big_integer_null(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    let mut definition = ColumnDef::new(Alias::new(column));
    definition.big_integer().null();
    add_column(manager, table, definition).await
}

/// Adds a column. One per statement, since SQLite takes no more.
pub async fn add_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    mut definition: ColumnDef,
) -> Result<(), DbErr> {
    let statement = sea_orm_migration::prelude::Table::alter()
        .table(Alias::new(table))
        .add_column(&mut definition)
        .to_owned();
    manager.alter_table(statement).await
}

/// Drops a column.
pub async fn drop_column(manager: &SchemaManager<'_>, table: &'static str, column: &'static str) -> Result<(), DbErr> {
    let statement = sea_orm_migration::prelude::Table::alter()
        .table(Alias::new(table))
        .drop_column(Alias::new(column))
        .to_owned();
    manager.alter_table(statement).await
}
