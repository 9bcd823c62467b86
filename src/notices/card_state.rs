//! What became of a card since its matter was decided. Pure.

/// State of a card; none while nothing was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardState {
    /// It says what was decided, and has no buttons.
    Settled,
    /// There is no response code that updates it. It keeps its buttons; whoever presses one brings a code.
    Unreachable,
}

impl CardState {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Unreachable => "unreachable",
        }
    }
}
