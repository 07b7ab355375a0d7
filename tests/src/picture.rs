//! Pictures for tests that every program can draw.

/// A PNG of so many pixels each way, at most 100: a disc of this colour on nothing.
#[must_use]
pub fn disc(side: u32, colour: [u8; 3]) -> Vec<u8> {
    let [red, green, blue] = colour;
    let middle = f64::from(side) / 2.0;
    let mut pixels = Vec::new();
    for y in 0..side {
        // No filter.
        pixels.push(0);
        for x in 0..side {
            let [x, y] = [x, y].map(|at| f64::from(at) + 0.5 - middle);
            let is_in = x.hypot(y) < middle;
            pixels.extend([red, green, blue, if is_in { 255 } else { 0 }]);
        }
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let sides = side.to_be_bytes();
    // Eight bits each of red, green, blue and how much is seen.
    chunk(
        &mut file,
        *b"IHDR",
        &[&sides[..], &sides, &[8, 6, 0, 0, 0]].concat(),
    );
    chunk(&mut file, *b"IDAT", &stored(&pixels));
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let body = [&kind[..], data].concat();
    file.extend(length.to_be_bytes());
    file.extend(&body);
    file.extend(crc(&body).to_be_bytes());
}

/// As zlib stores what it doesn't compress (RFC 1950, RFC 1951).
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    let mut out = vec![0x78, 0x01, 0x01];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(data);
    out.extend((b << 16 | a).to_be_bytes());
    out
}

fn crc(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}
