//! A text frame of the server's as the bytes that go on a socket: made once, written to many.

use bytes::{BufMut as _, Bytes, BytesMut};

/// `FIN` and the opcode of text (RFC 6455, section 5.2).
const TEXT: u8 = 0x81;

/// Header and text. Clones share the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame(Bytes);

impl Frame {
    /// Encodes a text. What a server sends is not masked.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let mut bytes = BytesMut::with_capacity(10 + text.len());
        put_header(&mut bytes, TEXT, text.len());
        bytes.put_slice(text.as_bytes());
        Self(bytes.freeze())
    }

    /// What goes on the socket.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// The text alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let header = match self.0[1] {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        str::from_utf8(&self.0[header..]).expect("a frame is made of text")
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Self::text(&text)
    }
}

/// The header of an unmasked frame: its first byte and its payload's length.
pub(crate) fn put_header(bytes: &mut BytesMut, first: u8, length: usize) {
    bytes.put_u8(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length), _) if length < 126 => bytes.put_u8(length),
        (_, Ok(length)) => {
            bytes.put_u8(126);
            bytes.put_u16(length);
        }
        _ => {
            bytes.put_u8(127);
            bytes.put_u64(length as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_any_length_gives_its_text_back() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
            let text = "é".repeat(length / 2) + &"e".repeat(length % 2);
            let frame = Frame::text(&text);
            assert_eq!(frame.as_str(), text);
            let header = frame.bytes().len() - length;
            assert_eq!(
                header,
                if length < 126 {
                    2
                } else if length < 65_536 {
                    4
                } else {
                    10
                }
            );
        }
    }
}
