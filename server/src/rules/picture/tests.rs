use super::*;

/// A PNG of so many pictures; of one, without what makes it move.
fn png(width: u32, height: u32, frames: usize) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        file.extend(kind);
        file.extend(data);
        file.extend([0; 4]);
    };
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(b"IHDR", &[&sides[..], &[8, 6, 0, 0, 0]].concat());
    for number in 0..if frames > 1 { frames } else { 0 } {
        let number = u32::try_from(number).unwrap().to_be_bytes();
        chunk(b"fcTL", &[&number[..], &sides, &[0; 14]].concat());
    }
    chunk(b"IDAT", &[1, 2, 3]);
    chunk(b"IEND", &[]);
    file
}

fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
    let mut file = [b"GIF89a", &sides[..], &[0x80, 0, 0], &[7; 6]].concat();
    for _ in 0..frames {
        file.extend([0x21, 0xf9, 4, 0, 5, 0, 0, 0]);
        file.extend([&[0x2c, 0, 0, 0, 0], &sides[..], &[0, 2, 2, 0x4c, 1, 0]].concat());
    }
    file.push(0x3b);
    file
}

fn riff(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = b"WEBP".to_vec();
    for (kind, data) in chunks {
        file.extend(*kind);
        file.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        file.extend(data);
        file.extend(vec![0; data.len() % 2]);
    }
    let length = u32::try_from(file.len()).unwrap().to_le_bytes();
    [b"RIFF", &length[..], &file].concat()
}

fn webp(width: u32, height: u32, frames: usize) -> Vec<u8> {
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    let sides = [side(width), side(height)].concat();
    if frames == 1 {
        // 14 bits each, less one.
        let bits = (width - 1) | (height - 1) << 14;
        return riff(&[(
            b"VP8L",
            [&[0x2f], &bits.to_le_bytes()[..], &[0; 8]].concat(),
        )]);
    }
    let mut chunks = vec![(b"VP8X", [&[2, 0, 0, 0], &sides[..]].concat())];
    chunks.push((b"ANIM", vec![0; 6]));
    for _ in 0..frames {
        let frame = [&[0; 6], &sides[..], &[0; 4]].concat();
        chunks.push((b"ANMF", frame));
    }
    riff(&chunks)
}

fn is(picture: &[u8]) -> (&'static str, u32, u32, bool) {
    let is = inspect(picture).unwrap();
    (is.content_type, is.width, is.height, is.is_animated)
}

#[test]
fn three_kinds_are_taken_for_what_is_in_them() {
    assert_eq!(is(&png(64, 48, 1)), ("image/png", 64, 48, false));
    assert_eq!(is(&png(64, 48, 3)), ("image/png", 64, 48, true));
    assert_eq!(is(&gif(64, 48, 1)), ("image/gif", 64, 48, false));
    assert_eq!(is(&gif(64, 48, 3)), ("image/gif", 64, 48, true));
    assert_eq!(is(&webp(64, 48, 1)), ("image/webp", 64, 48, false));
    assert_eq!(is(&webp(64, 48, 3)), ("image/webp", 64, 48, true));
}

#[test]
fn width_and_height_at_below_and_above_the_limit() {
    let most = limit::EMOJI_PIXELS;
    let small = |side: u32| u16::try_from(side).unwrap();
    for (width, height) in [(most, most), (1, most), (most - 1, 1)] {
        inspect(&png(width, height, 1)).unwrap();
        inspect(&gif(small(width), small(height), 1)).unwrap();
        inspect(&webp(width, height, 1)).unwrap();
        inspect(&webp(width, height, 2)).unwrap();
    }
    for (width, height) in [(most + 1, 1), (1, most + 1)] {
        assert!(inspect(&png(width, height, 1)).unwrap_err().contains("513"));
        inspect(&gif(small(width), small(height), 1)).unwrap_err();
        inspect(&webp(width, height, 1)).unwrap_err();
        inspect(&webp(width, height, 2)).unwrap_err();
    }
    for (width, height) in [(0, 1), (1, 0), (u32::MAX, u32::MAX)] {
        inspect(&png(width, height, 1)).unwrap_err();
    }
    inspect(&gif(0, 1, 1)).unwrap_err();
}

#[test]
fn pictures_one_after_the_other_at_below_and_above_the_limit() {
    let most = limit::EMOJI_FRAMES;
    for make in [
        (|frames| png(2, 2, frames)) as fn(usize) -> Vec<u8>,
        |frames| gif(2, 2, frames),
        |frames| webp(2, 2, frames),
    ] {
        assert!(inspect(&make(most - 1)).unwrap().is_animated);
        assert!(inspect(&make(most)).unwrap().is_animated);
        assert!(inspect(&make(most + 1)).unwrap_err().contains("501"));
    }
}

#[test]
fn bytes_at_and_above_the_limit() {
    let with = |bytes: usize| {
        let mut file = png(2, 2, 1);
        let end = file.split_off(file.len() - 12);
        let text = bytes - file.len() - end.len() - 12;
        file.extend(u32::try_from(text).unwrap().to_be_bytes());
        file.extend(b"tEXt");
        file.extend(vec![b'x'; text + 4]);
        file.extend(end);
        assert_eq!(file.len(), bytes);
        file
    };
    inspect(&with(limit::EMOJI_BYTES)).unwrap();
    inspect(&with(limit::EMOJI_BYTES + 1)).unwrap_err();
}

#[test]
fn what_is_cut_short_or_goes_on_behind_its_end_is_refused() {
    for file in [
        png(8, 8, 1),
        png(8, 8, 2),
        gif(8, 8, 1),
        gif(8, 8, 2),
        webp(8, 8, 1),
        webp(8, 8, 2),
    ] {
        inspect(&file).unwrap();
        for end in 0..file.len() {
            inspect(&file[..end]).unwrap_err();
        }
        inspect(&[&file[..], b"<script>"].concat()).unwrap_err();
    }
}

#[test]
fn what_is_something_else_is_refused_whatever_it_is_called() {
    for file in [
        &b"<!doctype html><script>alert(1)</script>"[..],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"BM",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a<script>",
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\x24\0\0\0WAVEfmt ",
    ] {
        inspect(file).unwrap_err();
    }
}

#[test]
fn a_part_that_leaves_its_picture_is_refused() {
    let mut moved = gif(8, 8, 2);
    let at = moved.iter().rposition(|byte| *byte == 0x2c).unwrap();
    moved[at + 1] = 1;
    inspect(&moved).unwrap_err();
    let mut larger = gif(8, 8, 1);
    let at = larger.iter().rposition(|byte| *byte == 0x2c).unwrap();
    larger[at + 6] = 0xff;
    inspect(&larger).unwrap_err();
    let mut png = png(8, 8, 2);
    let at = png.windows(4).position(|kind| kind == b"fcTL").unwrap();
    png[at + 4 + 12] = 0xff;
    inspect(&png).unwrap_err();
    let mut webp = webp(8, 8, 2);
    let at = webp.windows(4).position(|kind| kind == b"ANMF").unwrap();
    webp[at + 8] = 1;
    inspect(&webp).unwrap_err();
}

proptest::proptest! {
    #[test]
    fn any_change_of_a_picture_is_read_or_refused(
        which in 0_usize..6,
        at in 0_usize..200,
        byte: u8,
    ) {
        let mut file = match which {
            0 => png(8, 8, 1),
            1 => png(8, 8, 3),
            2 => gif(8, 8, 1),
            3 => gif(8, 8, 3),
            4 => webp(8, 8, 1),
            _ => webp(8, 8, 3),
        };
        let at = at % file.len();
        file[at] = byte;
        if let Ok(picture) = inspect(&file) {
            proptest::prop_assert!(picture.width <= limit::EMOJI_PIXELS);
            proptest::prop_assert!(picture.height <= limit::EMOJI_PIXELS);
        }
    }
}
