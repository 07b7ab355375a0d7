//! What a client writes, frame by frame (RFC 6455, section 5): a state machine without I/O.
//!
//! Bytes are held only while a frame or a fragmented message is incomplete, and never more than the
//! limit says: a frame that announces more is refused by its header.

use bytes::Buf as _;

/// A whole message of the client's, or a control frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    Text(String),
    Binary,
    /// With what the pong has to carry.
    Ping(Vec<u8>),
    Pong,
    Close,
}

/// Why a socket can't go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A message above the limit.
    TooLarge,
    /// Text that is not UTF-8.
    NotText,
    /// Anything else that the RFC forbids.
    Protocol(&'static str),
}

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// The longest payload of a control frame.
const CONTROL: usize = 125;

/// A message whose fragments are still coming.
#[derive(Debug)]
struct Fragments {
    is_text: bool,
    payload: Vec<u8>,
}

/// What was read and is not yet a message.
#[derive(Debug)]
pub struct Reader {
    /// The longest message. Bytes.
    limit: usize,
    bytes: Vec<u8>,
    /// Bytes at the beginning that were taken already.
    taken: usize,
    fragments: Option<Box<Fragments>>,
}

/// A header, decoded.
struct Header {
    is_final: bool,
    opcode: u8,
    mask: [u8; 4],
    /// Of the header itself.
    length: usize,
    payload: usize,
}

impl Reader {
    /// For messages of at most `limit` bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self {
            limit,
            bytes: Vec::new(),
            taken: 0,
            fragments: None,
        }
    }

    /// More was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..std::mem::take(&mut self.taken));
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message, if it is complete.
    ///
    /// # Errors
    ///
    /// Fails when the peer broke the protocol: nothing more can be read.
    pub fn take(&mut self) -> Result<Option<Incoming>, Violation> {
        loop {
            let Some(header) = self.header()? else {
                return Ok(None);
            };
            let bytes = &self.bytes[self.taken..];
            let end = header.length + header.payload;
            if bytes.len() < end {
                return Ok(None);
            }
            let mut payload = bytes[header.length..end].to_vec();
            self.taken += end;
            if self.taken == self.bytes.len() {
                // Nothing is held by a connection that is idle.
                self.bytes = Vec::new();
                self.taken = 0;
            }
            for (byte, mask) in payload.iter_mut().zip(header.mask.iter().cycle()) {
                *byte ^= mask;
            }
            if let Some(incoming) = self.message(&header, payload)? {
                return Ok(Some(incoming));
            }
        }
    }

    fn header(&self) -> Result<Option<Header>, Violation> {
        let bytes = &self.bytes[self.taken..];
        let mut rest = bytes;
        if rest.len() < 2 {
            return Ok(None);
        }
        let (first, second) = (rest.get_u8(), rest.get_u8());
        if first & RESERVED != 0 {
            return Err(Violation::Protocol("reserved bits are set"));
        }
        if second & MASKED == 0 {
            return Err(Violation::Protocol("a client masks its frames"));
        }
        let (is_final, opcode) = (first & FIN != 0, first & 0x0f);
        let is_control = opcode & 8 != 0;
        let payload = match second & !MASKED {
            126 if rest.len() < 2 => return Ok(None),
            126 => u64::from(rest.get_u16()),
            127 if rest.len() < 8 => return Ok(None),
            127 => rest.get_u64(),
            short => u64::from(short),
        };
        if is_control && (!is_final || payload > CONTROL as u64) {
            return Err(Violation::Protocol("a control frame is short and whole"));
        }
        let before = self.fragments.as_ref().map_or(0, |f| f.payload.len());
        let payload = usize::try_from(payload).map_err(|_| Violation::TooLarge)?;
        if !is_control && payload > self.limit - before {
            return Err(Violation::TooLarge);
        }
        match (opcode, &self.fragments) {
            (CONTINUATION, None) => Err(Violation::Protocol("nothing is to be continued")),
            (TEXT | BINARY, Some(_)) => Err(Violation::Protocol("a message was not finished")),
            (CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG, _) => Ok(()),
            _ => Err(Violation::Protocol("an unknown kind of frame")),
        }?;
        if rest.len() < 4 {
            return Ok(None);
        }
        let mask = rest.get_u32().to_be_bytes();
        Ok(Some(Header {
            is_final,
            opcode,
            mask,
            length: bytes.len() - rest.len(),
            payload,
        }))
    }

    fn message(
        &mut self,
        header: &Header,
        payload: Vec<u8>,
    ) -> Result<Option<Incoming>, Violation> {
        let (is_text, payload) = match header.opcode {
            CLOSE if payload.len() == 1 => {
                return Err(Violation::Protocol("a close code has two bytes"));
            }
            CLOSE if str::from_utf8(payload.get(2..).unwrap_or_default()).is_err() => {
                return Err(Violation::NotText);
            }
            CLOSE => return Ok(Some(Incoming::Close)),
            PING => return Ok(Some(Incoming::Ping(payload))),
            PONG => return Ok(Some(Incoming::Pong)),
            CONTINUATION => {
                let Some(mut fragments) = self.fragments.take() else {
                    return Err(Violation::Protocol("nothing is to be continued"));
                };
                fragments.payload.extend_from_slice(&payload);
                (fragments.is_text, fragments.payload)
            }
            opcode => (opcode == TEXT, payload),
        };
        if !header.is_final {
            self.fragments = Some(Box::new(Fragments { is_text, payload }));
            return Ok(None);
        }
        if is_text {
            let text = String::from_utf8(payload).map_err(|_| Violation::NotText)?;
            Ok(Some(Incoming::Text(text)))
        } else {
            Ok(Some(Incoming::Binary))
        }
    }
}

#[cfg(test)]
mod tests;
