//! Searching in columns without regard to letter case; what somebody typed stands for itself.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, SimpleExpr};

/// A text with the characters marked that mean something in a pattern of LIKE; to be used with `ESCAPE '\'`.
pub fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal
}

/// Whether a column contains a text.
pub fn contains(column: impl Into<SimpleExpr>, text: &str) -> SimpleExpr {
    let text = text.to_lowercase();
    folded(column.into(), &text).like(LikeExpr::new(format!("%{}%", literal(&text))).escape('\\'))
}

/// Whether a column contains a text, of a column that the database made small when it was written.
pub fn contains_small(column: impl Into<SimpleExpr>, text: &str) -> SimpleExpr {
    let text = text.to_lowercase();
    small(column.into(), &text).like(LikeExpr::new(format!("%{}%", literal(&text))).escape('\\'))
}

/// Whether a column begins with a text.
pub fn begins(column: impl Into<SimpleExpr>, text: &str) -> SimpleExpr {
    let text = text.to_lowercase();
    folded(column.into(), &text).like(LikeExpr::new(format!("{}%", literal(&text))).escape('\\'))
}

/// Whether a column is a text.
pub fn equals(column: impl Into<SimpleExpr>, text: &str) -> SimpleExpr {
    let text = text.to_lowercase();
    folded(column.into(), &text).eq(text)
}

/// A column with those letters made small that are in the small text it is compared with. SQLite's `lower` knows ASCII alone, and PostgreSQL's
/// what its locale knows.
fn folded(column: SimpleExpr, text: &str) -> SimpleExpr {
    small(Expr::expr(Func::lower(column)), text)
}

/// The rest of it, for a column that the database has made small as far as it can.
fn small(lower: SimpleExpr, text: &str) -> SimpleExpr {
    let others: BTreeSet<char> = text.chars().filter(|c| !c.is_ascii()).collect();
    others.into_iter().fold(lower, |column, small| {
        let mut large = small.to_uppercase();
        match (large.next(), large.next()) {
            (Some(large), None) if large != small => Expr::expr(
                Func::cust("replace")
                    .arg(column)
                    .arg(large.to_string())
                    .arg(small.to_string()),
            ),
            _ => column,
        }
    })
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Expr, Query, SqliteQueryBuilder};

    use super::contains;

    #[test]
    fn letters_that_a_database_may_not_know_are_made_small_one_by_one() {
        let sql = |text: &str| {
            let mut query = Query::select();
            query.expr(contains(Expr::col("name"), text));
            query.to_string(SqliteQueryBuilder)
        };
        assert!(
            sql("Ünal").contains(r#"replace(LOWER("name"), 'Ü', 'ü')"#),
            "{}",
            sql("Ünal")
        );
        for known in ["An_", "张"] {
            assert!(!sql(known).contains("replace"), "{}", sql(known));
        }
    }
}
