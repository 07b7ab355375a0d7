//! Cuts a stream of bytes into WebSocket frames (RFC 6455, section 5.2), without changing any.

use std::io;

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Opcodes.
const TEXT: u8 = 1;
const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;

/// A frame as it came, head and all.
#[derive(Debug, Clone)]
pub struct Frame {
    pub bytes: Vec<u8>,
    head: usize,
    mask: Option<[u8; 4]>,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

impl Frame {
    /// The `type` of the packet in it; `None` for what is no packet (a ping, a goodbye).
    pub fn kind(&self) -> Option<String> {
        let packet = serde_json::from_slice::<Kind>(&self.packet()?);
        packet.ok().map(|packet| packet.kind)
    }

    /// The packet in it.
    pub fn packet(&self) -> Option<Vec<u8>> {
        if self.bytes[0] != FINAL | TEXT {
            return None;
        }
        let payload = &self.bytes[self.head..];
        Some(match self.mask {
            None => payload.to_vec(),
            Some(mask) => payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, mask)| byte ^ mask)
                .collect(),
        })
    }

    /// The first frame of these bytes, taken off them; `None` if it isn't all there.
    fn take(bytes: &mut Vec<u8>) -> Option<Self> {
        let second = *bytes.get(1)?;
        let mut head = 2;
        let length = match second & !MASKED {
            126 => {
                head += 2;
                usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))
            }
            127 => {
                head += 8;
                let length = u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?);
                usize::try_from(length).ok()?
            }
            short => usize::from(short),
        };
        let mask = if second & MASKED == 0 {
            None
        } else {
            head += 4;
            Some(bytes.get(head - 4..head)?.try_into().ok()?)
        };
        if bytes.len() < head + length {
            return None;
        }
        let rest = bytes.split_off(head + length);
        let bytes = std::mem::replace(bytes, rest);
        Some(Self { bytes, head, mask })
    }
}

/// A stream that is read frame by frame.
#[derive(Debug)]
pub struct Frames<R> {
    from: R,
    held: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// `held`: what was read of the stream already.
    pub fn new(from: R, held: Vec<u8>) -> Self {
        Self { from, held }
    }

    /// The next frame; `None` at the end. Cancelling loses nothing.
    pub async fn next(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = Frame::take(&mut self.held) {
                return Ok(Some(frame));
            }
            if self.from.read_buf(&mut self.held).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// Reads the head of a request or an answer; what was read beyond it comes second.
pub async fn head(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            return Ok(Some((read, rest)));
        }
        if from.read_buf(&mut read).await? == 0 {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_come_whole_however_the_bytes_do() {
        let long = vec![b'x'; 70_000];
        let mut stream = vec![0x81, 2, b'h', b'i', 0x82, 127];
        stream.extend(70_000_u64.to_be_bytes());
        stream.extend(&long);
        stream.extend([0x89, 0x81, 1, 2, 3, 4, 9]);
        for step in [1, 3, 1000] {
            let (mut writer, reader) = tokio::io::duplex(step);
            let bytes = stream.clone();
            let writing = tokio::spawn(async move {
                use tokio::io::AsyncWriteExt as _;
                writer.write_all(&bytes).await.unwrap();
            });
            let mut frames = Frames::new(reader, Vec::new());
            let mut together = Vec::new();
            let mut lengths = Vec::new();
            while let Some(frame) = frames.next().await.unwrap() {
                lengths.push(frame.bytes.len());
                together.extend(frame.bytes);
            }
            writing.await.unwrap();
            assert_eq!(lengths, [4, 70_010, 7]);
            assert_eq!(together, stream);
        }
    }

    #[test]
    fn a_masked_packet_says_its_type() {
        let plain = br#"{"type":"ping","data":{}}"#;
        let mask = [7, 1, 200, 4];
        let mut bytes = vec![0x81, 0x80 | u8::try_from(plain.len()).unwrap()];
        bytes.extend(mask);
        bytes.extend(plain.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m));
        let frame = Frame::take(&mut bytes).unwrap();
        assert_eq!(frame.kind().as_deref(), Some("ping"));
    }
}
