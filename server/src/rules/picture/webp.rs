//! WebP: chunks in a RIFF file of a said length. One that moves has an `ANMF` a picture.

use super::{Rest, Size};

/// How many pictures there are; `None` if the file isn't whole.
pub(super) fn walk(bytes: &[u8], size: Size) -> Option<usize> {
    let mut rest = Rest(bytes);
    if rest.array()? != *b"RIFF" {
        return None;
    }
    let length = usize::try_from(u32::from_le_bytes(rest.array()?)).ok()?;
    if rest.0.len() != length || rest.array()? != *b"WEBP" {
        return None;
    }
    let (mut still, mut moving) = (0_usize, 0_usize);
    while !rest.is_empty() {
        let kind = rest.array::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(rest.array()?)).ok()?;
        let mut data = Rest(rest.take(length)?);
        if length % 2 == 1 {
            rest.byte()?;
        }
        match &kind {
            b"VP8 " | b"VP8L" => still += 1,
            b"ANMF" => {
                let mut number = || {
                    data.array()
                        .map(|[a, b, c]| u32::from_le_bytes([a, b, c, 0]))
                };
                let place = (number()? * 2, number()? * 2);
                let part = (number()? + 1, number()? + 1);
                if !size.holds(place, part) {
                    return None;
                }
                moving += 1;
            }
            _ => {}
        }
    }
    match (still, moving) {
        (1, 0) => Some(1),
        (0, 1..) => Some(moving),
        _ => None,
    }
}
