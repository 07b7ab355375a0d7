use proptest::prelude::*;

use super::*;
use crate::clock;

const FROM: NodeId = NodeId(7);

fn change(frame: &str, effect: Effect) -> Message {
    Message::Changed(RoomChange {
        room_id: RoomId(3),
        rev: Rev(9),
        seq: Some(Seq(4)),
        frame: Frame::text(frame),
        effect,
    })
}

fn round_trip(message: &Message) -> Message {
    let (from, again) = Message::decode(message.encode(FROM).unwrap()).unwrap();
    assert_eq!(from, FROM);
    again
}

#[test]
fn a_change_arrives_as_it_was_sent() {
    for effect in [
        Effect::None,
        Effect::Sent(UserId(5)),
        Effect::Gone(UserId(6)),
    ] {
        let Message::Changed(again) = round_trip(&change("{\"é\":1}", effect)) else {
            panic!("another kind");
        };
        assert_eq!(
            (again.room_id, again.rev, again.seq),
            (RoomId(3), Rev(9), Some(Seq(4)))
        );
        assert_eq!((again.frame.as_str(), again.effect), ("{\"é\":1}", effect));
    }
}

#[test]
fn of_a_large_change_only_the_room_and_its_head_travel() {
    let whole = "x".repeat(FRAME_BYTES);
    assert!(matches!(
        round_trip(&change(&whole, Effect::None)),
        Message::Changed(_)
    ));
    let larger = round_trip(&change(&(whole + "x"), Effect::None));
    assert!(matches!(
        larger,
        Message::Head {
            room: RoomId(3),
            rev: Rev(9)
        }
    ));
}

#[test]
fn every_note_arrives_as_it_was_sent() {
    let presence = Presence {
        user_id: UserId(1),
        is_online: true,
        state: PresenceState::Idle,
        last_seen: Some(Timestamp(5)),
        status: None,
    };
    let (user, session) = (UserId(1), clock::new_session_id());
    let notes = [
        Note::User { user },
        Note::Emoji { rev: EmojiRev(4) },
        Note::SessionEnded {
            session,
            reason: "over".into(),
        },
        Note::Supersede {
            user,
            session,
            device: "laptop".into(),
            since: Timestamp(8),
        },
        Note::Typing(Typing {
            user_id: user,
            user_name: "Ada".into(),
            room_id: RoomId(2),
            is_typing: true,
            timestamp: Timestamp(1),
        }),
        Note::Present {
            presence,
            rooms: vec![RoomId(1), RoomId(2)],
        },
        Note::SetPresence {
            user,
            state: PresenceState::Online,
            rooms: vec![RoomId(1)],
        },
        Note::Status {
            status: UserStatus {
                user_id: user,
                status: None,
            },
            rooms: vec![RoomId(1)],
        },
        Note::Roster {
            round: 3,
            users: vec![(user, PresenceState::Online)],
            is_last: true,
        },
        Note::Leaving,
    ];
    for note in notes {
        match round_trip(&Message::Note(note.clone())) {
            Message::Note(again) => assert_eq!(again, note),
            other => panic!("{note:?} became {other:?}"),
        }
    }
}

#[test]
fn numbers_that_no_room_has_are_refused() {
    for (room, rev) in [(0, 1), (1, 0), (-1, 1), (1, i64::MAX)] {
        let message = Message::Head {
            room: RoomId(room),
            rev: Rev(rev),
        };
        Message::decode(message.encode(FROM).unwrap()).unwrap_err();
    }
    let mut newer = change("{}", Effect::None).encode(FROM).unwrap().to_vec();
    newer[0] = VERSION + 1;
    Message::decode(newer.into()).unwrap_err();
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Message::decode(bytes.into());
    }

    #[test]
    fn a_cut_or_changed_payload_is_read_or_refused(
        at in 0_usize..80,
        byte in any::<u8>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = change("{\"type\":\"void\"}", Effect::Sent(UserId(2))).encode(FROM).unwrap().to_vec();
        let at = at.min(bytes.len() - 1);
        if is_cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        let _ = Message::decode(bytes.into());
    }
}
