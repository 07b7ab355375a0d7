//! Any bytes on the bus are a message or refused, and what was read says the same once more.

#![no_main]

use bytes::Bytes;
use erc_server::bus::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((from, message)) = Message::decode(Bytes::copy_from_slice(bytes)) {
        let once = message.encode(from).expect("what was read can be written");
        let (again_from, again) = Message::decode(once.clone()).expect("our own bytes are ours");
        assert_eq!(again_from, from);
        assert_eq!(again.encode(from).expect("as before"), once);
    }
});
