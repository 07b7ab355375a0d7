//! PNG: a signature, then chunks from `IHDR` to `IEND`. One that moves has an `fcTL` a picture.

use super::{Rest, Size};

const SIGNATURE: usize = 8;

/// How many pictures there are; `None` if the file isn't whole.
pub(super) fn walk(bytes: &[u8], size: Size) -> Option<usize> {
    let mut rest = Rest(bytes);
    rest.take(SIGNATURE)?;
    let (mut moving, mut has_pixels, mut is_first) = (0, false, true);
    loop {
        let length = usize::try_from(u32::from_be_bytes(rest.array()?)).ok()?;
        let kind = rest.array::<4>()?;
        let mut data = Rest(rest.take(length)?);
        let _checksum = rest.array::<4>()?;
        if is_first != (kind == *b"IHDR") {
            return None;
        }
        is_first = false;
        match &kind {
            b"IDAT" => has_pixels = true,
            b"fcTL" => {
                let [_number, width, height, x, y] = [
                    data.array()?,
                    data.array()?,
                    data.array()?,
                    data.array()?,
                    data.array()?,
                ]
                .map(u32::from_be_bytes);
                if !size.holds((x, y), (width, height)) {
                    return None;
                }
                moving += 1;
            }
            b"IEND" => break,
            _ => {}
        }
    }
    (has_pixels && rest.is_empty()).then(|| moving.max(1))
}
