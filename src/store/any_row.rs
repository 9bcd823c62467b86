//! Whether there is a row at all: questions of several rooms, answered by one statement.

use sea_orm::{
    ConnectionTrait, DbErr, QueryTrait,
    sea_query::{Expr, Query, SelectStatement},
};

use super::database::{Database, unreadable};

/// Whether a query finds any row.
#[derive(Clone, Debug)]
pub struct AnyRow(SelectStatement);

impl AnyRow {
    /// Whether this query finds any.
    pub fn of(query: impl QueryTrait<QueryStatement = SelectStatement>) -> Self {
        let mut query = query.into_query();
        query.clear_selects().expr(Expr::cust("1"));
        Self(query)
    }

    /// The answers, in the order of the questions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ask(database: &Database, questions: Vec<Self>) -> Result<Vec<bool>, DbErr> {
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let count = questions.len();
        let mut statement = Query::select();
        for (at, Self(query)) in questions.into_iter().enumerate() {
            statement.expr_as(Expr::exists(query), format!("q{at}"));
        }
        let row = database.reader().query_one(&statement).await?;
        let row = row.ok_or_else(|| unreadable("a row of answers"))?;
        (0..count).map(|at| row.try_get_by_index(at)).collect()
    }
}
