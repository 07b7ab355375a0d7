//! What a picture of a custom emoji is, by what is in it and never by its name: PNG, GIF or WebP,
//! whole, small enough for whoever draws it, and nothing behind its end.
//!
//! Nothing is decoded here: the pieces of the file are walked, in one pass, and everything that says
//! how much a decoder would have to hold is looked at.

mod gif;
mod png;
mod webp;

use erc_protocol::{limit, validate::Reason};
use imagesize::ImageType;

/// A picture that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    pub content_type: &'static str,
    pub width: u32,
    pub height: u32,
    pub is_animated: bool,
}

/// Looks into a picture; a sentence for people if it isn't taken.
pub fn inspect(bytes: &[u8]) -> Result<Picture, Reason> {
    let most = limit::EMOJI_BYTES;
    if bytes.len() > most {
        return Err(format!("the picture has more than {most} bytes"));
    }
    let (content_type, walk): (_, Walk) = match imagesize::image_type(bytes) {
        Ok(ImageType::Png) => ("image/png", png::walk),
        Ok(ImageType::Gif) => ("image/gif", gif::walk),
        Ok(ImageType::Webp) => ("image/webp", webp::walk),
        _ => return Err("the picture is no PNG, GIF or WebP".to_owned()),
    };
    let damaged = || "the picture is damaged or not whole".to_owned();
    let said = imagesize::blob_size(bytes).map_err(|_| damaged())?;
    let (Ok(width), Ok(height)) = (said.width.try_into(), said.height.try_into()) else {
        return Err(damaged());
    };
    let size = Size { width, height };
    let most = limit::EMOJI_PIXELS;
    if width > most || height > most {
        return Err(format!(
            "the picture has {width}×{height} pixels, at most {most}×{most} are taken"
        ));
    }
    if width == 0 || height == 0 {
        return Err(damaged());
    }
    let frames = walk(bytes, size).ok_or_else(damaged)?;
    let most = limit::EMOJI_FRAMES;
    if frames > most {
        return Err(format!(
            "the picture moves through {frames} pictures, at most {most} are taken"
        ));
    }
    Ok(Picture {
        content_type,
        width,
        height,
        is_animated: frames > 1,
    })
}

/// Counts the pictures of a file, if that is whole.
type Walk = fn(&[u8], Size) -> Option<usize>;

/// What a decoder holds at once.
#[derive(Debug, Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// Whether a part of that size, at that place, lies inside.
    fn holds(self, place: (u32, u32), part: (u32, u32)) -> bool {
        let fits = |from: u32, part: u32, whole: u32| {
            part > 0 && from.checked_add(part).is_some_and(|end| end <= whole)
        };
        fits(place.0, part.0, self.width) && fits(place.1, part.1, self.height)
    }
}

/// What is left of a file.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests;
