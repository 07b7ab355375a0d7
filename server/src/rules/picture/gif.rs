//! GIF: a screen, then pictures and extensions up to the trailer.

use super::{Rest, Size};

const SIGNATURE: usize = 6;

/// How many pictures there are; `None` if the file isn't whole, or a picture leaves its screen: a
/// browser would make the screen larger.
pub(super) fn walk(bytes: &[u8], size: Size) -> Option<usize> {
    let mut rest = Rest(bytes);
    rest.take(SIGNATURE)?;
    let [.., flags, _background, _aspect] = rest.array::<7>()?;
    colours(&mut rest, flags)?;
    let mut pictures = 0;
    loop {
        match rest.byte()? {
            0x21 => {
                let _label = rest.byte()?;
                blocks(&mut rest)?;
            }
            0x2c => {
                let mut number = || rest.array().map(u16::from_le_bytes).map(u32::from);
                let (place, part) = ((number()?, number()?), (number()?, number()?));
                if !size.holds(place, part) {
                    return None;
                }
                let flags = rest.byte()?;
                colours(&mut rest, flags)?;
                let _smallest_code = rest.byte()?;
                blocks(&mut rest)?;
                pictures += 1;
            }
            0x3b => break,
            _ => return None,
        }
    }
    (pictures > 0 && rest.is_empty()).then_some(pictures)
}

/// A table of colours, if the flags say that there is one.
fn colours(rest: &mut Rest<'_>, flags: u8) -> Option<()> {
    if flags & 0x80 != 0 {
        rest.take(3 << ((flags & 7) + 1))?;
    }
    Some(())
}

/// Blocks up to the empty one.
fn blocks(rest: &mut Rest<'_>) -> Option<()> {
    loop {
        match rest.byte()? {
            0 => return Some(()),
            length => rest.take(length.into())?,
        };
    }
}
