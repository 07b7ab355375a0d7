//! Any bytes from a server are read, kept or refused, and what was read survives the way back.

#![no_main]

use std::mem::discriminant;

use erc_protocol::gateway::{ServerFrame, ServerPacket};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(packet) = ServerPacket::decode(&text)
        && !matches!(packet.frame, ServerFrame::Unknown(_))
    {
        let again = ServerPacket::decode(&packet.encode()).expect("our own frames are frames");
        // Not the whole frame: data kept as JSON may hold fractions, which lose their last digit.
        assert_eq!(again.id, packet.id);
        assert_eq!(discriminant(&again.frame), discriminant(&packet.frame));
    }
});
