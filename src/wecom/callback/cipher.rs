//! WeCom's encryption of callbacks and of exported files (reference 6.2, 5.7): AES-256-CBC, the key's first half as initialisation vector,
//! PKCS#7 over blocks of 32 bytes; and the frame around the message of a callback.

use aes::cipher::{Block, BlockModeDecrypt, KeyIvInit};

use super::{error::CallbackError, key::AesKey};

/// PKCS#7 over blocks of this size, twice AES's own (reference 6.2, trap 19).
pub(super) const PAD_BLOCK: usize = 32;
/// A block of AES.
pub(super) const AES_BLOCK: usize = 16;
/// Random bytes before the length.
pub(super) const RANDOM: usize = 16;

type Decryptor = cbc::Decryptor<aes::Aes256>;
type Answer<T> = Result<T, CallbackError>;

/// Decrypts AES-256-CBC without its own unpadding, then removes the 32-byte padding by hand.
pub(in crate::wecom) fn decrypt(key: &AesKey, mut sealed: Vec<u8>) -> Answer<Vec<u8>> {
    if sealed.is_empty() || !sealed.len().is_multiple_of(AES_BLOCK) {
        return Err(CallbackError::Decryption("not whole blocks"));
    }
    let mut cipher = Decryptor::new_from_slices(key.bytes(), key.iv()).map_err(|_| CallbackError::Key)?;
    for block in sealed.chunks_exact_mut(AES_BLOCK) {
        let block = <&mut Block<Decryptor>>::try_from(block).map_err(|_| CallbackError::Key)?;
        cipher.decrypt_block(block);
    }
    unpad(&mut sealed)?;
    Ok(sealed)
}

fn unpad(plain: &mut Vec<u8>) -> Answer<()> {
    let wrong = CallbackError::Decryption("wrong padding");
    let pad = usize::from(*plain.last().ok_or(wrong)?);
    let keep = plain.len().checked_sub(pad).ok_or(wrong)?;
    let padding = plain.get(keep..).ok_or(wrong)?;
    if !(1..=PAD_BLOCK).contains(&pad) || padding.iter().any(|byte| usize::from(*byte) != pad) {
        return Err(wrong);
    }
    plain.truncate(keep);
    Ok(())
}

/// Splits random(16) ‖ length(u32 big-endian) ‖ message ‖ receive id. The random bytes are any bytes: slice before reading text (V4).
pub(in crate::wecom) fn split(plain: &[u8]) -> Answer<(&[u8], &[u8])> {
    let short = CallbackError::Decryption("too short");
    let (_, rest) = plain.split_at_checked(RANDOM).ok_or(short)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(short)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| short)?;
    rest.split_at_checked(length)
        .ok_or(CallbackError::Decryption("the length exceeds the message"))
}
