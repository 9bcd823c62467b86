//! When a membership was confirmed last. Pure.
//!
//! A member's own row says when WeCom was last asked about them alone. A run that saw everybody says so once, in the row of the data source,
//! rather than in a hundred thousand rows.

/// When WeCom last confirmed a membership, milliseconds. `own`: what the member's row says, 0 where WeCom has not shown them since;
/// `everybody`: when a run last saw everybody who was here.
pub fn checked_at(own: i64, present: bool, everybody: Option<i64>) -> i64 {
    match own {
        0 => 0,
        _ if present => own.max(everybody.unwrap_or(0)),
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::checked_at;

    #[test]
    fn the_later_word_counts_and_that_wecom_does_not_show_them_outweighs_both() {
        assert_eq!(checked_at(5, true, Some(9)), 9);
        assert_eq!(checked_at(9, true, Some(5)), 9);
        assert_eq!(checked_at(5, true, None), 5);
        assert_eq!(checked_at(0, true, Some(9)), 0);
        assert_eq!(checked_at(5, false, Some(9)), 5);
    }
}
