//! The community's own emoji: listed, added, taken away, written and reacted with.

use erc::command::{Answer, Command};
use erc_client_core::{
    SafeText,
    emoji::Custom,
    markdown,
    protocol::EmojiId,
    view::{EmojiList, EmojiView, ReactionView, Update},
};

use crate::stage::{GENERAL, Stage};

fn id(number: u8) -> EmojiId {
    format!("00000000-0000-0000-0000-0000000000{number:02}")
        .parse()
        .unwrap()
}

fn one(number: u8, name: &str) -> EmojiView {
    EmojiView {
        id: id(number),
        name: SafeText::line(name),
        size: 9_001,
        width: 64,
        height: 48,
        is_animated: number == 1,
        by: Some(SafeText::line("Ada")),
    }
}

/// With `:party_parrot:` and `:owl:`, seen by somebody who may add more, or may not.
fn stage(can_manage: bool) -> Stage {
    let mut stage = Stage::furnished(100, 30);
    stage.emoji = EmojiList {
        can_manage,
        emoji: vec![one(2, "owl"), one(1, "party_parrot")],
    };
    stage.update(Update::Everything);
    stage.asked.clear();
    stage
}

/// Types a command into the composer and gives it.
fn say(stage: &mut Stage, text: &str) {
    stage.write(text);
    stage.press("<enter>");
    asked(stage);
}

/// What was asked for last, but for what writing asks for by itself.
fn asked(stage: &mut Stage) -> Option<&Command> {
    let by_itself = |command: &Command| {
        matches!(
            command,
            Command::SetTyping { .. } | Command::SaveDraft { .. }
        )
    };
    stage.asked.retain(|command| !by_itself(command));
    stage.asked.last()
}

#[test]
fn the_emoji_of_the_community_are_listed_with_who_added_them() {
    let mut stage = stage(true);
    say(&mut stage, "/emoji");
    insta::assert_snapshot!(stage.screen());
}

#[test]
fn an_emoji_is_added_from_a_file_and_taken_away_after_a_question() {
    let mut stage = stage(true);
    say(&mut stage, "/emoji add shimmy /tmp/my shimmies.gif");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::AddEmoji { name, path })
            if name == "shimmy" && path.to_str() == Some("/tmp/my shimmies.gif")),
        "{asked:?}"
    );
    say(&mut stage, "/emoji remove :owl:");
    assert!(stage.asked.is_empty(), "{:?}", stage.asked);
    assert!(
        stage.screen().contains("Take this emoji away?"),
        "{}",
        stage.screen()
    );
    stage.press("y");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::RemoveEmoji { id: it }) if it == id(2)),
        "{asked:?}"
    );

    // By the list: a form, and Ctrl-X.
    say(&mut stage, "/emoji");
    stage.press("<enter>");
    stage.write("rook_bird");
    stage.press("<tab>");
    stage.write("rook.png");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::AddEmoji { name, .. }) if name == "rook_bird"),
        "{asked:?}"
    );
    stage.answer(Answer::Done(Ok("the emoji is there for everybody")));
    say(&mut stage, "/emoji");
    stage.press("<down> <down> ctrl-x n");
    assert!(stage.asked.is_empty(), "{:?}", stage.asked);
}

#[test]
fn what_makes_no_sense_or_is_not_permitted_is_said_and_stays() {
    let mut stage = stage(true);
    for (typed, said) in [
        ("/emoji add Shimmy x.png", "small letters"),
        ("/emoji add tada x.png", "is an emoji of Unicode"),
        ("/emoji add shimmy", "/emoji add NAME FILE"),
        ("/emoji remove raven", "there is no :raven:"),
        ("/emoji paint", "/emoji add NAME FILE"),
    ] {
        say(&mut stage, typed);
        assert!(stage.screen().contains(said), "{typed}: {}", stage.screen());
        assert!(stage.asked.is_empty(), "{:?}", stage.asked);
        stage.press("ctrl-u");
    }
    let mut stage = self::stage(false);
    say(&mut stage, "/emoji");
    assert!(
        !stage.screen().contains("add an emoji"),
        "{}",
        stage.screen()
    );
    stage.press("ctrl-x");
    assert!(stage.screen().contains("only moderators"));
}

#[test]
fn messages_and_reactions_show_names_and_one_reacts_by_them() {
    let mut stage = stage(false);
    let custom: Custom = [("party_parrot".to_owned(), id(1))].into_iter().collect();
    let newest = stage
        .messages
        .iter_mut()
        .rfind(|m| m.seq.is_some())
        .unwrap();
    newest.body = markdown::parse("so :party_parrot: it", "you", &custom);
    newest.reactions = vec![ReactionView {
        emoji: SafeText::line(":party_parrot:"),
        picture: Some(id(1)),
        count: 3,
        own: false,
        names: Vec::new(),
    }];
    stage.update(Update::Timeline(GENERAL));
    let screen = stage.screen();
    assert!(screen.contains("so :party_parrot: it"), "{screen}");
    assert!(screen.contains(":party_parrot: 3"), "{screen}");
    stage.press("<esc> +");
    stage.write("parrot");
    let screen = stage.screen();
    assert!(screen.contains(":party_parrot:"), "{screen}");
    stage.press("<down> <enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::React { emoji, on: true, .. }) if emoji == ":party_parrot:"),
        "{asked:?}"
    );
}
