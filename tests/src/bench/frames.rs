//! WebSocket frames by hand: what is sent is built once, and of what comes only headers are read.

use std::fmt::Write as _;

use erc_protocol::RoomId;

/// Text frame.
pub const TEXT: u8 = 1;
/// Close frame.
pub const CLOSE: u8 = 8;
/// Ping frame.
pub const PING: u8 = 9;
/// Pong frame.
pub const PONG: u8 = 10;

/// About what people write.
pub const WORDS: &str = "Shall we meet on Thursday at half past six in front of the old school? \
                         Bring the long extension cord, please.";

/// Adds a client's frame. Its mask is zero: allowed, and the bytes stay as they are.
pub fn push_client(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.push(0x80 | opcode);
    push_length(out, 0x80, payload.len());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// A server's text frame whose payload has this length.
#[must_use]
pub fn filler(payload: usize) -> Vec<u8> {
    let mut out = vec![0x80 | TEXT];
    push_length(&mut out, 0, payload);
    out.resize(out.len() + payload, b'x');
    out
}

#[expect(clippy::cast_possible_truncation, reason = "each arm knows the range")]
fn push_length(out: &mut Vec<u8>, mask: u8, length: usize) {
    match length {
        0..=125 => out.push(mask | length as u8),
        126..=0xffff => {
            out.push(mask | 0x7e);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(mask | 0x7f);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Writes `send_message` frames.
#[derive(Debug, Default)]
pub struct SendFrames {
    text: String,
}

impl SendFrames {
    /// Adds one to `out`, numbered `id`; `mark` stands in front of the words.
    pub fn push(&mut self, out: &mut Vec<u8>, room: RoomId, id: u64, mark: &str) {
        self.text.clear();
        let client_id = crate::ids::client_id().0;
        write!(
            self.text,
            r#"{{"type":"send_message","id":{id},"data":{{"room_id":{room},"client_id":"{client_id}","content":"{mark}{WORDS}","message_type":"text"}}}}"#
        )
        .expect("writing into a string does not fail");
        push_client(out, TEXT, self.text.as_bytes());
    }
}

/// Finds the frames in what a server sends.
#[derive(Debug, Default)]
pub struct Reader {
    header: [u8; 10],
    have: usize,
    left: usize,
    in_payload: bool,
    kept: Vec<u8>,
}

impl Reader {
    /// Takes bytes; calls `frame` at the end of each frame with its opcode and, if `keep`, its
    /// payload.
    pub fn take(&mut self, mut bytes: &[u8], keep: bool, mut frame: impl FnMut(u8, &[u8])) {
        loop {
            if !self.in_payload {
                let need = self.header_length();
                let take = (need - self.have).min(bytes.len());
                self.header[self.have..self.have + take].copy_from_slice(&bytes[..take]);
                self.have += take;
                bytes = &bytes[take..];
                if self.have < need {
                    return;
                }
                if need < self.header_length() {
                    continue;
                }
                self.left = self.payload_length();
                self.in_payload = true;
            }
            let take = self.left.min(bytes.len());
            if keep {
                self.kept.extend_from_slice(&bytes[..take]);
            }
            self.left -= take;
            bytes = &bytes[take..];
            if self.left > 0 {
                return;
            }
            frame(self.header[0] & 15, &self.kept);
            self.kept.clear();
            self.in_payload = false;
            self.have = 0;
            if bytes.is_empty() {
                return;
            }
        }
    }

    fn header_length(&self) -> usize {
        match (self.have, self.header[1] & 127) {
            (0 | 1, _) => 2,
            (_, 126) => 4,
            (_, 127) => 10,
            _ => 2,
        }
    }

    fn payload_length(&self) -> usize {
        let long = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte));
        match self.header[1] & 127 {
            126 => long(&self.header[2..4]),
            127 => long(&self.header[2..10]),
            short => usize::from(short),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_wherever_the_bytes_are_cut() {
        let mut bytes = Vec::new();
        for payload in [0, 5, 125, 126, 300, 70_000] {
            bytes.extend(filler(payload));
        }
        for cut in [1, 2, 3, 7, 1_000, 1_000_000] {
            let (mut reader, mut lengths) = (Reader::default(), Vec::new());
            for part in bytes.chunks(cut) {
                reader.take(part, true, |opcode, payload| {
                    assert_eq!(opcode, TEXT);
                    lengths.push(payload.len());
                });
            }
            assert_eq!(lengths, [0, 5, 125, 126, 300, 70_000], "cut at {cut}");
        }
    }
}
