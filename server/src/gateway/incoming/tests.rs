use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1_000;

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [7, 11, 13, 17];
    let mut bytes = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length), _) if length < 126 => bytes.push(MASKED | length),
        (_, Ok(length)) => {
            bytes.push(MASKED | 0x7e);
            bytes.extend(length.to_be_bytes());
        }
        _ => {
            bytes.push(MASKED | 0x7f);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m));
    bytes
}

/// What comes of these bytes, read in pieces of this size.
fn read(bytes: &[u8], piece: usize) -> (Vec<Incoming>, Option<Violation>) {
    let mut reader = Reader::new(LIMIT);
    let mut all = Vec::new();
    for piece in bytes.chunks(piece) {
        reader.push(piece);
        loop {
            match reader.take() {
                Ok(Some(incoming)) => all.push(incoming),
                Ok(None) => break,
                Err(violation) => return (all, Some(violation)),
            }
        }
    }
    (all, None)
}

fn refused(bytes: &[u8]) -> Violation {
    let (all, violation) = read(bytes, 1);
    assert_eq!(all, []);
    violation.expect("it is refused")
}

#[test]
fn messages_come_whole_however_they_were_cut() {
    let text = "häuser 🦀";
    let mut bytes = frame(FIN | TEXT, text.as_bytes());
    bytes.extend(frame(FIN | PING, b"still there?"));
    bytes.extend(frame(TEXT, &text.as_bytes()[..2]));
    bytes.extend(frame(FIN | PONG, b""));
    bytes.extend(frame(CONTINUATION, &text.as_bytes()[2..5]));
    bytes.extend(frame(FIN | CONTINUATION, &text.as_bytes()[5..]));
    bytes.extend(frame(FIN | BINARY, &[0; 300]));
    bytes.extend(frame(FIN | CLOSE, &[3, 232]));
    let expected = vec![
        Incoming::Text(text.into()),
        Incoming::Ping(b"still there?".to_vec()),
        Incoming::Pong,
        Incoming::Text(text.into()),
        Incoming::Binary,
        Incoming::Close,
    ];
    for piece in [1, 2, 3, 7, 64, 10_000] {
        assert_eq!(read(&bytes, piece), (expected.clone(), None));
    }
}

#[test]
fn what_is_above_the_limit_is_refused_by_its_header_alone() {
    let whole = frame(FIN | TEXT, &[b'a'; LIMIT]);
    assert_eq!(read(&whole, 64).1, None);
    let longer = frame(FIN | TEXT, &[b'a'; LIMIT + 1]);
    assert_eq!(refused(&longer[..4]), Violation::TooLarge);
    let huge = [
        FIN | TEXT,
        MASKED | 0x7f,
        255,
        255,
        255,
        255,
        255,
        255,
        255,
        255,
    ];
    assert_eq!(refused(&huge), Violation::TooLarge);
    let mut fragments = frame(TEXT, &[b'a'; LIMIT - 1]);
    fragments.extend(frame(CONTINUATION, b"b"));
    fragments.extend(frame(FIN | CONTINUATION, b"c"));
    assert_eq!(refused(&fragments), Violation::TooLarge);
}

#[test]
fn what_the_rfc_forbids_is_refused() {
    assert_eq!(refused(&frame(FIN | TEXT, &[0xff])), Violation::NotText);
    let mut unmasked = frame(FIN | TEXT, b"a");
    unmasked[1] &= !MASKED;
    let long_ping = frame(FIN | PING, &[0; 126]);
    for bytes in [
        unmasked,
        frame(FIN | 0x40 | TEXT, b"a"),
        frame(FIN | 0x03, b""),
        frame(FIN | 0x0b, b""),
        frame(FIN | CONTINUATION, b"a"),
        frame(PING, b""),
        long_ping,
        frame(FIN | CLOSE, b"x"),
        [frame(TEXT, b"a"), frame(FIN | TEXT, b"b")].concat(),
    ] {
        assert!(
            matches!(refused(&bytes), Violation::Protocol(_)),
            "{bytes:?}"
        );
    }
}

#[test]
fn an_idle_reader_holds_nothing() {
    let mut reader = Reader::new(LIMIT);
    reader.push(&frame(FIN | TEXT, &[b'a'; 900]));
    assert!(reader.take().unwrap().is_some());
    assert_eq!(reader.bytes.capacity(), 0);
}

proptest! {
    /// A library that many use is the reference: whatever the bytes, both read the same messages up
    /// to the first fault, and both find one or neither does.
    #[test]
    fn any_bytes_are_read_as_the_reference_reads_them(
        frames in proptest::collection::vec(
            (prop_oneof![4 => Just(FIN | TEXT), 1 => Just(TEXT), 2 => Just(FIN), 1 => Just(CONTINUATION),
                1 => Just(FIN | BINARY), 1 => Just(FIN | PING), 1 => Just(FIN | PONG), 1 => any::<u8>()],
             prop_oneof![3 => "[a-zé]{0,40}".prop_map(String::into_bytes),
                1 => proptest::collection::vec(any::<u8>(), 0..200)]),
            0..6),
        flip in proptest::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>())),
        piece in 1_usize..40,
    ) {
        // The reference looks at the text of each fragment, ours at the message's: only the last may
        // be bad here.
        let mut bytes: Vec<u8> = frames
            .iter()
            .flat_map(|(first, payload)| match str::from_utf8(payload) {
                Err(_) if first & FIN == 0 => frame(*first, "aé".as_bytes()),
                _ => frame(*first, payload),
            })
            .collect();
        if let (Some((at, with)), false) = (flip, bytes.is_empty()) {
            let at = at.index(bytes.len());
            bytes[at] ^= with;
        }
        let (ours, violation) = read(&bytes, piece);
        let (theirs, fault) = reference(&bytes);
        // A close ends the reference; ours leaves that to its caller.
        let ends = ours.iter().position(|m| *m == Incoming::Close);
        let ours = ends.map_or(ours.clone(), |at| ours[..=at].to_vec());
        if flip.is_some() {
            // Which fault is seen first may differ, and then one has read more.
            let both = ours.len().min(theirs.len());
            prop_assert_eq!(&ours[..both], &theirs[..both]);
            return Ok(());
        }
        prop_assert_eq!(&ours, &theirs);
        if ends.is_none() {
            prop_assert_eq!(violation.is_some(), fault);
        }
    }
}

fn reference(bytes: &[u8]) -> (Vec<Incoming>, bool) {
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
    use tokio_tungstenite::tungstenite::{Error, Message};
    struct Io<'b>(&'b [u8]);
    impl std::io::Read for Io<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::ErrorKind::WouldBlock.into());
            }
            self.0.read(into)
        }
    }
    impl std::io::Write for Io<'_> {
        fn write(&mut self, from: &[u8]) -> std::io::Result<usize> {
            Ok(from.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let config = WebSocketConfig::default()
        .max_frame_size(Some(LIMIT))
        .max_message_size(Some(LIMIT));
    let mut socket = WebSocket::from_raw_socket(Io(bytes), Role::Server, Some(config));
    let mut all = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => all.push(Incoming::Text(text.as_str().into())),
            Ok(Message::Binary(_)) => all.push(Incoming::Binary),
            Ok(Message::Ping(payload)) => all.push(Incoming::Ping(payload.to_vec())),
            Ok(Message::Pong(_)) => all.push(Incoming::Pong),
            Ok(Message::Close(_)) => {
                all.push(Incoming::Close);
                return (all, false);
            }
            Ok(Message::Frame(_)) => {}
            Err(Error::Io(_)) => return (all, false),
            Err(_) => return (all, true),
        }
    }
}
