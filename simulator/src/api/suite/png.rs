//! A QR code as a PNG: grey, one byte a pixel, not compressed.

use qrcode::{Color, EcLevel, QrCode};

/// Pixels of a module, and modules of the quiet zone.
const SCALE: usize = 4;
const QUIET: usize = 4;
/// Longest stored block of deflate.
const BLOCK: usize = 0xffff;

/// `None`: the text is too long for a QR code.
pub(super) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let modules = code.width();
    let side = (modules + 2 * QUIET) * SCALE;
    let mut pixels = Vec::with_capacity(side * (side + 1));
    for y in 0..side {
        // The filter of the row: none.
        pixels.push(0);
        for x in 0..side {
            let (column, row) = ((x / SCALE).checked_sub(QUIET), (y / SCALE).checked_sub(QUIET));
            let inside = column
                .zip(row)
                .filter(|(column, row)| *column < modules && *row < modules);
            let dark = inside.is_some_and(|at| code[at] == Color::Dark);
            pixels.push(if dark { 0 } else { 255 });
        }
    }
    let side = u32::try_from(side).ok()?.to_be_bytes();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &[&side[..], &side, &[8, 0, 0, 0, 0]].concat()));
    file.extend(chunk(b"IDAT", &stored(&pixels)));
    file.extend(chunk(b"IEND", &[]));
    Some(file)
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [kind, data].concat();
    let length = u32::try_from(data.len()).unwrap_or_default().to_be_bytes();
    [&length[..], &named, &crc(&named).to_be_bytes()].concat()
}

/// A zlib stream of stored blocks (RFC 1950, 1951).
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks = data.len().div_ceil(BLOCK);
    for (at, block) in data.chunks(BLOCK).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or_default();
        out.push(u8::from(at + 1 == blocks));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let sums = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend((sums.1 << 16 | sums.0).to_be_bytes());
    out
}

/// CRC-32 as PNG has it.
fn crc(data: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    let table = |byte: u32| (0..8).fold(byte, step);
    !data
        .iter()
        .fold(!0, |crc, byte| table((crc ^ u32::from(*byte)) & 0xff) ^ crc >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(crc(b"IEND"), 0xae42_6082);
        assert_eq!(stored(b"Wikipedia")[2 + 5 + 9..], 0x11e6_0398_u32.to_be_bytes());
        assert!(png("http://127.0.0.1/install/ww1").unwrap().starts_with(b"\x89PNG"));
    }
}
