//! What is done about a message that is there: reactions, pins, forwarding, its history.

use erc::{
    command::{Answer, Command},
    state::picker::{Entry, Pick, Purpose},
};
use erc_client_core::{
    SafeText,
    protocol::{MessageId, RoomId, Seq, Timestamp},
    view::ReactionView,
};

use crate::stage::{GENERAL, Stage};

/// Reading, with the newest message of #general selected.
fn reading() -> Stage {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc>");
    stage.asked.clear();
    stage
}

fn reaction(emoji: &str, count: i64, own: bool) -> ReactionView {
    ReactionView {
        picture: None,
        emoji: SafeText::line(emoji),
        count,
        own,
        names: Vec::new(),
    }
}

/// What is done to the newest message is seen.
fn with_newest(stage: &mut Stage, change: impl FnOnce(&mut erc_client_core::view::MessageView)) {
    let newest = stage.messages.iter_mut().rfind(|m| m.seq.is_some());
    change(newest.unwrap());
    stage.update(erc_client_core::view::Update::Timeline(GENERAL));
}

#[test]
fn an_emoji_is_found_by_its_name_and_taken_back_by_choosing_it_again() {
    let mut stage = reading();
    stage.press("+");
    assert!(stage.screen().contains(":thumbsup:"), "{}", stage.screen());
    stage.write("rocket");
    stage.press("<enter>");
    let Some(Command::React { emoji, on, .. }) = stage.asked.pop() else {
        panic!("{:?}", stage.asked)
    };
    assert_eq!((emoji.as_str(), on), ("🚀", true));
    with_newest(&mut stage, |m| m.reactions = vec![reaction("🚀", 2, true)]);
    assert!(stage.screen().contains("🚀 2*"), "{}", stage.screen());
    stage.press("+");
    stage.write("rocket");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::React { on: false, .. })),
        "{asked:?}"
    );
}

#[test]
fn an_emoji_that_nobody_knows_is_not_sent() {
    let mut stage = reading();
    stage.press("+");
    stage.write("nosuchthing");
    assert!(stage.screen().contains("no emoji is called like that"));
    stage.press("<enter>");
    assert!(stage.asked.is_empty(), "{:?}", stage.asked);
    stage.press("<esc> +");
    with_newest(&mut stage, |m| m.can_react = false);
    stage.press("<esc> +");
    assert!(
        stage.screen().contains("you can't react"),
        "{}",
        stage.screen()
    );
}

#[test]
fn reactions_take_as_many_lines_as_they_need() {
    let mut stage = Stage::furnished(60, 24);
    stage.press("<esc>");
    let many = ["👍", "🎉", "🚀", "👀", "🔥", "🙏", "😂", "😢", "🤔"];
    with_newest(&mut stage, |m| {
        m.reactions = many
            .iter()
            .map(|emoji| reaction(emoji, 12, false))
            .collect();
    });
    let screen = stage.screen();
    for emoji in many {
        assert!(
            screen.contains(&format!("{emoji} 12")),
            "{emoji} in\n{screen}"
        );
    }
}

#[test]
fn a_pin_stands_at_its_message_and_is_for_those_who_may() {
    let mut stage = reading();
    stage.press("p");
    assert!(stage.asked.is_empty() && stage.screen().contains("you can't pin here"));
    with_newest(&mut stage, |m| m.can_pin = true);
    stage.press("p");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::Pin { on: true, .. })),
        "{asked:?}"
    );
    with_newest(&mut stage, |m| m.pinned = true);
    assert!(stage.screen().contains('⚑'), "{}", stage.screen());
    stage.press("p");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::Pin { on: false, .. })),
        "{asked:?}"
    );
}

fn entry(label: &str, pick: Pick) -> Entry {
    Entry {
        label: SafeText::block(label),
        hint: SafeText::line("Ada"),
        at: Some(Timestamp(1_795_521_600_000)),
        pick,
    }
}

fn answer(stage: &mut Stage, purpose: Purpose, entries: Vec<Entry>) {
    let result = Ok(entries);
    stage.answer(Answer::Picked { purpose, result });
}

#[test]
fn the_list_of_pins_leads_to_them() {
    let mut stage = reading();
    stage.press("P");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::Pins { room: GENERAL })),
        "{asked:?}"
    );
    // An answer for another list is none.
    answer(
        &mut stage,
        Purpose::Pins(RoomId(99)),
        vec![entry("elsewhere", Pick::Nothing)],
    );
    assert!(!stage.screen().contains("elsewhere"));
    let pins = vec![
        entry("the rules", Pick::Place(Seq(2))),
        entry("the agenda", Pick::Place(Seq(1))),
    ];
    answer(&mut stage, Purpose::Pins(GENERAL), pins);
    assert!(
        stage.screen().contains("24 Nov 12:00"),
        "{}",
        stage.screen()
    );
    // What is pinned meanwhile stands in it.
    stage.asked.clear();
    stage.update(erc_client_core::view::Update::Timeline(GENERAL));
    let asked = stage.asked.pop();
    assert!(matches!(asked, Some(Command::Pins { room: GENERAL })));
    stage.write("agen");
    assert!(!stage.screen().contains("the rules"));
    stage.press("<enter>");
    assert!(!stage.screen().contains("the agenda"), "the list is closed");
    let selected = stage.state.chat().unwrap().open.as_ref().unwrap();
    assert_eq!(selected.selected_message().unwrap().seq, Some(Seq(1)));
}

#[test]
fn a_message_is_forwarded_with_its_authors_name_or_without() {
    let mut stage = reading();
    stage.press("f");
    assert!(stage.screen().contains("with its author's name"));
    stage.press("ctrl-t");
    stage.write("general");
    stage.press("<enter>");
    let Some(Command::Forward {
        room, with_author, ..
    }) = stage.asked.pop()
    else {
        panic!("{:?}", stage.asked)
    };
    assert_eq!((room, with_author), (GENERAL, false));
    with_newest(&mut stage, |m| {
        m.forwarded_from = Some(SafeText::line("Zoe"));
    });
    assert!(stage.screen().contains("⇒ from Zoe"), "{}", stage.screen());
}

#[test]
fn the_history_shows_every_text_in_full() {
    let mut stage = reading();
    stage.press("h");
    assert!(stage.asked.is_empty() && stage.screen().contains("was not edited"));
    let mut id = MessageId(0);
    with_newest(&mut stage, |m| {
        m.edited = true;
        id = m.message_id.unwrap();
    });
    stage.press("h");
    let versions = vec![
        entry("first line\nsecond line", Pick::Nothing),
        entry("better", Pick::Nothing),
    ];
    answer(&mut stage, Purpose::History(id), versions);
    let screen = stage.screen();
    for text in ["first line", "second line", "better", "24 Nov 12:00"] {
        assert!(screen.contains(text), "{text} in\n{screen}");
    }
    stage.press("<enter>");
    assert!(stage.screen().contains("second line"), "there to be read");
    stage.press("<esc>");
    assert!(!stage.screen().contains("second line"));
}

#[test]
fn who_reacted_is_asked_for() {
    let mut stage = reading();
    stage.press("w");
    assert!(stage.screen().contains("nobody reacted"));
    let mut id = MessageId(0);
    with_newest(&mut stage, |m| {
        m.reactions = vec![reaction("👍", 1, false)];
        id = m.message_id.unwrap();
    });
    stage.press("w");
    answer(
        &mut stage,
        Purpose::Reacted(id),
        vec![entry("👍  Bo", Pick::Nothing)],
    );
    assert!(stage.screen().contains("👍  Bo"), "{}", stage.screen());
}
