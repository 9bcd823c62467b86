//! Kind and size of an image by its first bytes: PNG, JPEG, WebP and nothing else. Pure; pixels are not decoded.

/// Largest logo that is kept, bytes.
pub const LARGEST: usize = 256 * 1024;
/// Pixels of a side.
const SIDES: std::ops::RangeInclusive<u32> = 16..=2048;

/// What a file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    /// Media type.
    pub media_type: &'static str,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
}

/// Reads kind and size; `None`: none of the kinds, cut, or of a size that is no logo's.
pub fn read(bytes: &[u8]) -> Option<Image> {
    let image = png(bytes).or_else(|| jpeg(bytes)).or_else(|| webp(bytes))?;
    (SIDES.contains(&image.width) && SIDES.contains(&image.height)).then_some(image)
}

/// The media type of a kind that is read here, as it was kept.
pub fn media_type(text: &str) -> Option<&'static str> {
    ["image/png", "image/jpeg", "image/webp"]
        .into_iter()
        .find(|known| *known == text)
}

/// A number of so many bytes, the most significant first.
fn big(bytes: &[u8], at: usize, many: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(many)?)?;
    Some(bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
}

/// A number of so many bytes, the least significant first.
fn little(bytes: &[u8], at: usize, many: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(many)?)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
}

/// PNG (ISO/IEC 15948): the signature, then the header chunk.
fn png(bytes: &[u8]) -> Option<Image> {
    let begins = bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.get(12..16) == Some(b"IHDR".as_slice());
    begins.then_some(())?;
    Some(Image {
        media_type: "image/png",
        width: big(bytes, 16, 4)?,
        height: big(bytes, 20, 4)?,
    })
}

/// JPEG (ITU T.81, annex B): segments up to the frame header.
fn jpeg(bytes: &[u8]) -> Option<Image> {
    bytes.starts_with(&[0xff, 0xd8, 0xff]).then_some(())?;
    let mut at = 2_usize;
    loop {
        (bytes.get(at) == Some(&0xff)).then_some(())?;
        let marker = *bytes.get(at.checked_add(1)?)?;
        if marker == 0xff {
            // A fill byte.
            at = at.checked_add(1)?;
            continue;
        }
        // Frame headers, but for the tables of Huffman and arithmetic coding and an extension.
        if (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker) {
            return Some(Image {
                media_type: "image/jpeg",
                width: big(bytes, at.checked_add(7)?, 2)?,
                height: big(bytes, at.checked_add(5)?, 2)?,
            });
        }
        let length = usize::try_from(big(bytes, at.checked_add(2)?, 2)?).ok()?;
        (length >= 2).then_some(())?;
        at = at.checked_add(2)?.checked_add(length)?;
    }
}

/// WebP (RFC 9649): a RIFF container whose first chunk is lossy, lossless or extended.
fn webp(bytes: &[u8]) -> Option<Image> {
    let begins = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP".as_slice());
    begins.then_some(())?;
    let (width, height) = match bytes.get(12..16)? {
        b"VP8 " if bytes.get(23..26) == Some([0x9d, 0x01, 0x2a].as_slice()) => {
            (little(bytes, 26, 2)? & 0x3fff, little(bytes, 28, 2)? & 0x3fff)
        }
        b"VP8L" if bytes.get(20) == Some(&0x2f) => {
            let sizes = little(bytes, 21, 4)?;
            (
                (sizes & 0x3fff).saturating_add(1),
                ((sizes >> 14) & 0x3fff).saturating_add(1),
            )
        }
        b"VP8X" => (
            little(bytes, 24, 3)?.saturating_add(1),
            little(bytes, 27, 3)?.saturating_add(1),
        ),
        _ => return None,
    };
    Some(Image {
        media_type: "image/webp",
        width,
        height,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let header = [
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(),
            &width.to_be_bytes(),
            &height.to_be_bytes(),
        ];
        header.concat()
    }

    fn size(bytes: &[u8]) -> Option<(&'static str, u32, u32)> {
        read(bytes).map(|image| (image.media_type, image.width, image.height))
    }

    #[test]
    fn each_kind_is_known_by_its_first_bytes() {
        assert_eq!(size(&png_of(300, 80)), Some(("image/png", 300, 80)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x11\x08\0\x50\x01\x2c";
        assert_eq!(size(jpeg), Some(("image/jpeg", 300, 80)));
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x2c\x01\x50\0";
        assert_eq!(size(lossy), Some(("image/webp", 300, 80)));
        let sizes = (299_u32 | (79 << 14)).to_le_bytes();
        let lossless = [b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f".as_slice(), &sizes].concat();
        assert_eq!(size(&lossless), Some(("image/webp", 300, 80)));
        let extended = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x2b\x01\0\x4f\0\0";
        assert_eq!(size(extended), Some(("image/webp", 300, 80)));
    }

    #[test]
    fn everything_else_and_what_is_cut_is_none() {
        let whole = png_of(300, 80);
        for end in 0..whole.len() {
            assert_eq!(size(&whole[..end]), None, "{end}");
        }
        for (width, height) in [(15, 80), (2049, 80), (300, 0), (u32::MAX, 80)] {
            assert_eq!(size(&png_of(width, height)), None);
        }
        let others: [&[u8]; 6] = [
            b"",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"GIF89a\x10\0\x10\0",
            b"\xff\xd8\xff\xe0\0\0",
            b"\xff\xd8\xff\xff\xff\xff",
            b"RIFF\0\0\0\0WEBPVP9 \0\0\0\0",
        ];
        for other in others {
            assert_eq!(size(other), None, "{other:?}");
        }
    }
}
