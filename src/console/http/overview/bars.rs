//! Numbers of days as bars of a drawing that the server makes (SVG). Pure.

/// Width of the drawing, its own units.
pub const WIDTH: u64 = 560;
/// Height of the bars, without the line below.
pub const HEIGHT: u64 = 72;
/// What a bar keeps free of the width of its day.
const GAP: u64 = 8;

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// From the left.
    pub x: u64,
    /// From the top.
    pub y: u64,
    /// Its width.
    pub width: u64,
    /// Its height; 0 for none.
    pub height: u64,
}

/// A bar for each number; the largest has the whole height, and what is more than none is never invisible.
pub fn bars(numbers: &[u64]) -> Vec<Bar> {
    let most = numbers.iter().copied().max().unwrap_or_default().max(1);
    let step = WIDTH / u64::try_from(numbers.len()).unwrap_or(WIDTH).max(1);
    let bar = |(place, number): (u64, &u64)| {
        let height = match number {
            0 => 0,
            number => (number.saturating_mul(HEIGHT) / most).max(2),
        };
        Bar {
            x: place * step + GAP / 2,
            y: HEIGHT - height,
            width: step.saturating_sub(GAP).max(1),
            height,
        }
    };
    (0..).zip(numbers).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_as_high_as_the_drawing_and_one_is_not_lost_beside_it() {
        let drawn = bars(&[0, 1, 10_000, 5_000]);
        let heights: Vec<u64> = drawn.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [0, 2, HEIGHT, HEIGHT / 2]);
        assert!(
            drawn
                .iter()
                .all(|bar| bar.x + bar.width <= WIDTH && bar.y + bar.height == HEIGHT)
        );
    }

    #[test]
    fn none_and_enormous_numbers() {
        assert!(bars(&[]).is_empty());
        assert!(bars(&[0, 0]).iter().all(|bar| bar.height == 0));
        assert!(bars(&[u64::MAX, 1]).iter().all(|bar| bar.height <= HEIGHT));
    }
}
