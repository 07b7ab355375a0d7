//! Any bytes from a client are read or refused, and what was read survives the way back.

#![no_main]

use erc_protocol::gateway::ClientPacket;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(packet) = ClientPacket::decode(&text) {
        assert_eq!(ClientPacket::decode(&packet.encode()), Ok(packet));
    }
});
