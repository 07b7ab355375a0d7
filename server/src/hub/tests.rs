use erc_protocol::{PresenceState, Timestamp, presence::PresenceChoice};

use super::*;
use crate::clock;
use crate::frame::Frame;

fn change(room: i64, rev: i64) -> Committed {
    Committed::new_for_test(Change::Room(RoomChange {
        room_id: RoomId(room),
        rev: Rev(rev),
        seq: None,
        frame: Frame::text("{}"),
        effect: Effect::None,
    }))
}

fn typing(room: i64, user: i64) -> Typing {
    Typing {
        user_id: UserId(user),
        user_name: "Ada".into(),
        room_id: RoomId(room),
        is_typing: true,
        timestamp: Timestamp(0),
    }
}

#[tokio::test]
async fn a_burst_costs_a_slow_listener_one_entry() {
    let hub = Hub::default();
    let listener = hub.connect(UserId(1), clock::new_session_id());
    let room = hub.subscribe(RoomId(1), &listener);
    for rev in 1..=10_000 {
        hub.publish([change(1, rev)]);
    }
    let pending = listener.pending().await;
    assert_eq!(pending.rooms.len(), 1);
    let all = |_: &RoomChange| ControlFlow::Continue(());
    assert!(matches!(room.pull(Rev(0), 10, all), Pulled::Behind));
    assert!(matches!(room.pull(Rev(9_990), 100, all), Pulled::Given(10)));
}

#[tokio::test]
async fn an_unsubscribed_listener_hears_nothing_and_an_empty_room_is_forgotten() {
    let hub = Hub::default();
    let listener = hub.connect(UserId(1), clock::new_session_id());
    hub.subscribe(RoomId(1), &listener);
    hub.publish([change(1, 1)]);
    hub.unsubscribe(RoomId(1), &listener);
    hub.publish([change(1, 2)]);
    hub.publish([Committed::new_for_test(Change::User(UserId(1)))]);
    let pending = listener.pending().await;
    assert!(pending.rooms.is_empty() && pending.user);
    assert!(hub.room(RoomId(1)).is_none());
}

#[tokio::test]
async fn typing_reaches_only_those_who_look_and_never_the_typist() {
    let hub = Hub::default();
    let [looks, does_not, typist] =
        [1, 2, 3].map(|user| hub.connect(UserId(user), clock::new_session_id()));
    for listener in [&looks, &does_not, &typist] {
        hub.subscribe(RoomId(1), listener);
    }
    hub.set_viewing(RoomId(1), &looks, Viewing::All);
    hub.set_viewing(RoomId(1), &typist, Viewing::All);
    hub.typing(&typing(1, 3));
    for listener in [&does_not, &typist] {
        hub.publish([Committed::new_for_test(Change::User(listener.user))]);
        assert!(listener.pending().await.typing.is_empty());
    }
    assert_eq!(looks.pending().await.typing.len(), 1);
}

#[tokio::test]
async fn ending_a_session_closes_its_connections_and_no_others() {
    let hub = Hub::default();
    let (mine, other) = (clock::new_session_id(), clock::new_session_id());
    let a = hub.connect(UserId(1), mine);
    let b = hub.connect(UserId(1), other);
    hub.end_session(mine, "signed out");
    assert_eq!(
        a.pending().await.close,
        Some(CloseReason::SessionEnded("signed out"))
    );
    hub.publish([Committed::new_for_test(Change::User(UserId(1)))]);
    assert_eq!(b.pending().await.close, None);
}

#[tokio::test]
async fn the_same_device_supersedes_itself_and_another_device_does_not() {
    let hub = Hub::default();
    let session = clock::new_session_id();
    let [first, second, third] = [(); 3].map(|()| hub.connect(UserId(1), session));
    hub.supersede(&first, "laptop");
    hub.supersede(&second, "phone");
    hub.supersede(&third, "laptop");
    assert_eq!(first.pending().await.close, Some(CloseReason::Superseded));
    hub.publish([Committed::new_for_test(Change::User(UserId(1)))]);
    assert_eq!(second.pending().await.close, None);
    assert_eq!(third.pending().await.close, None);
}

#[test]
fn presence_is_the_best_of_all_devices() {
    let hub = Hub::default();
    assert_eq!(hub.presence_of(UserId(1)), PresenceState::Offline);
    let a = hub.connect(UserId(1), clock::new_session_id());
    let b = hub.connect(UserId(1), clock::new_session_id());
    assert_eq!(
        hub.presence_of(UserId(1)),
        PresenceState::Offline,
        "what they have chosen is not known yet"
    );
    assert!(hub.set_choice(UserId(1), PresenceChoice::Automatic));
    assert!(!hub.set_choice(UserId(1), PresenceChoice::Automatic));
    a.set_presence(PresenceState::Idle);
    assert_eq!(hub.presence_of(UserId(1)), PresenceState::Online);
    hub.disconnect(&b);
    assert_eq!(hub.presence_of(UserId(1)), PresenceState::Idle);
    for (choice, shown) in [
        (PresenceChoice::DoNotDisturb, PresenceState::DoNotDisturb),
        (PresenceChoice::Invisible, PresenceState::Offline),
        (PresenceChoice::Automatic, PresenceState::Idle),
    ] {
        hub.set_choice(UserId(1), choice);
        assert_eq!(hub.presence_of(UserId(1)), shown, "{choice}");
    }
    hub.disconnect(&a);
    assert_eq!(hub.presence_of(UserId(1)), PresenceState::Offline);
}

#[tokio::test]
async fn a_change_before_its_time_is_told_after_those_before_it_or_when_they_are_late() {
    let hub = Arc::new(Hub::default());
    let task = tokio::spawn(hub.admit_holes());
    let listener = hub.connect(UserId(1), clock::new_session_id());
    let room = hub.subscribe(RoomId(1), &listener);
    let given = |rev| {
        let mut revs = Vec::new();
        let pulled = room.pull(Rev(rev), 100, |change| {
            revs.push(change.rev.0);
            ControlFlow::Continue(())
        });
        (!matches!(pulled, Pulled::Behind)).then_some(revs)
    };
    for rev in [1, 3, 2] {
        hub.publish([change(1, rev)]);
    }
    assert_eq!(listener.pending().await.rooms.len(), 1);
    assert_eq!(given(0), Some(vec![1, 2, 3]));
    hub.publish([change(1, 5)]);
    assert_eq!(given(3), Some(vec![]), "4 is on its way");
    // It never comes: whoever listens is told, and sent to the store.
    assert_eq!(listener.pending().await.rooms.len(), 1);
    assert_eq!(given(3), None);
    assert_eq!(given(4), Some(vec![5]));
    drop(room);
    drop(hub);
    task.await.unwrap();
}
