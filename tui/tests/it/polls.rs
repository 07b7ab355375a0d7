//! Polls: typed or asked for by a form, voted in by keys and clicks, ended.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use erc::{command::Command, event::Event};
use erc_client_core::{
    SafeText,
    protocol::poll::NewPoll,
    view::{MessageView, PollOptionView, PollView, Update},
};

use crate::stage::{GENERAL, Stage};

fn option(text: &str, votes: Option<i64>, own: bool, names: &[&str]) -> PollOptionView {
    PollOptionView {
        text: SafeText::line(text),
        votes,
        percent: votes.map(|votes| u8::try_from(votes * 100 / 4).unwrap()),
        own,
        names: names.iter().map(|name| SafeText::line(name)).collect(),
    }
}

fn poll() -> PollView {
    PollView {
        question: SafeText::line("Which drink?"),
        options: vec![
            option("Tea", Some(3), true, &["You", "Ada"]),
            option("Coffee", Some(1), false, &["Zoe"]),
        ],
        multiple: false,
        anonymous: false,
        hidden: false,
        voters: 4,
        closes_at: None,
        closed: false,
        can_vote: true,
        can_close: true,
    }
}

/// Reading, with a poll as the newest message of #general, selected.
fn reading(change: impl FnOnce(&mut PollView)) -> Stage {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc>");
    with_newest(&mut stage, |message| {
        let mut poll = poll();
        change(&mut poll);
        message.poll = Some(poll);
    });
    stage.asked.clear();
    stage
}

fn with_newest(stage: &mut Stage, change: impl FnOnce(&mut MessageView)) {
    let newest = stage.messages.iter_mut().rfind(|m| m.seq.is_some());
    change(newest.unwrap());
    stage.update(Update::Timeline(GENERAL));
}

fn voted(stage: &mut Stage) -> Option<Vec<u8>> {
    match stage.asked.pop() {
        Some(Command::Vote { options, .. }) => Some(options),
        _ => None,
    }
}

#[test]
fn a_poll_is_shown_with_its_votes_in_bars_and_words() {
    let mut stage = reading(|_| {});
    let screen = stage.screen();
    for line in [
        "Which drink?",
        "1. (x) Tea",
        "████████░░  3 (75%)  You, Ada and others",
        "2. ( ) Coffee",
        "1 (25%)  Zoe",
        "4 have voted, open: v votes",
    ] {
        assert!(screen.contains(line), "{line}\n{screen}");
    }
    let mut stage = reading(|poll| {
        (poll.hidden, poll.multiple, poll.anonymous) = (true, true, true);
        poll.closed = true;
        poll.can_vote = false;
        for option in &mut poll.options {
            (option.votes, option.percent) = (None, None);
        }
    });
    let screen = stage.screen();
    assert!(screen.contains("1. [x] Tea"), "{screen}");
    for words in [
        "several may be chosen",
        "nobody is named",
        "votes are told at the end",
    ] {
        assert!(screen.contains(words), "{screen}");
    }
    assert!(
        screen.contains("4 have voted, the poll is over"),
        "{screen}"
    );
    assert!(!screen.contains("%)"), "{screen}");
}

#[test]
fn one_votes_by_number_or_by_part_of_the_text_and_takes_it_back() {
    let mut stage = reading(|_| {});
    stage.press("v");
    stage.write("2");
    stage.press("<enter>");
    assert_eq!(voted(&mut stage), Some(vec![1]));
    stage.press("v");
    stage.write("te");
    stage.press("<enter>");
    assert_eq!(voted(&mut stage), Some(vec![]), "it was chosen");
}

#[test]
fn where_several_may_be_chosen_the_list_stays() {
    let mut stage = reading(|poll| poll.multiple = true);
    stage.press("v <down> <enter>");
    assert_eq!(voted(&mut stage), Some(vec![0, 1]));
    assert!(
        stage.screen().contains("Enter chooses"),
        "{}",
        stage.screen()
    );
    stage.press("<up> <enter>");
    assert_eq!(voted(&mut stage), Some(vec![1]));
    stage.press("<esc>");
    assert!(!stage.screen().contains("Enter chooses"));
}

#[test]
fn a_click_on_an_option_of_the_selected_poll_chooses_it() {
    let mut stage = reading(|_| {});
    let screen = stage.screen();
    let row = screen
        .lines()
        .position(|line| line.contains("2. ( ) Coffee"));
    let row = u16::try_from(row.unwrap()).unwrap();
    let click = |stage: &mut Stage| {
        stage.event(Event::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: 60,
            row,
            modifiers: KeyModifiers::NONE,
        }));
    };
    stage.press("k");
    stage.asked.clear();
    click(&mut stage);
    assert!(
        stage.asked.is_empty(),
        "the first click selects: {:?}",
        stage.asked
    );
    click(&mut stage);
    assert_eq!(voted(&mut stage), Some(vec![1]));
}

#[test]
fn a_poll_that_takes_no_vote_says_why() {
    let mut stage = reading(|poll| {
        poll.closed = true;
        (poll.can_vote, poll.can_close) = (false, false);
    });
    stage.press("v");
    assert!(stage.screen().contains("the poll is over"));
    stage.press("C");
    assert!(stage.asked.is_empty(), "{:?}", stage.asked);
    let mut stage = reading(|poll| poll.anonymous = true);
    stage.press("V");
    assert!(stage.screen().contains("nobody is named in this poll"));
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc> v");
    assert!(stage.screen().contains("this message is no poll"));
}

#[test]
fn who_chose_what_is_asked_and_a_poll_is_ended_after_a_question() {
    let mut stage = reading(|_| {});
    stage.press("V");
    let asked = stage.asked.pop();
    assert!(matches!(asked, Some(Command::Votes { .. })), "{asked:?}");
    stage.press("<esc> C");
    assert!(
        stage.screen().contains("End this poll?"),
        "{}",
        stage.screen()
    );
    stage.press("y");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::ClosePoll { .. })),
        "{asked:?}"
    );
}

/// The poll that is to be sent.
fn sent(stage: &mut Stage) -> (String, NewPoll, String) {
    let mut asked = stage.asked.drain(..);
    let sent = asked.find_map(|command| match command {
        Command::SendPoll {
            question,
            poll,
            ends,
            ..
        } => Some((question, *poll, ends)),
        _ => None,
    });
    sent.expect("a poll is sent")
}

#[test]
fn a_poll_is_typed_or_asked_for_by_a_form() {
    let mut stage = Stage::furnished(100, 30);
    stage.write("/poll \"Tea?\" \"yes\" \"no\" --multiple");
    stage.press("<enter>");
    let (question, poll, _) = sent(&mut stage);
    assert_eq!((question.as_str(), poll.options.len()), ("Tea?", 2));
    assert!(poll.multiple);
    // What is missing is asked for.
    stage.write("/poll \"Tea?\"");
    stage.press("<enter>");
    assert!(
        stage.screen().contains("ask everybody in this room"),
        "{}",
        stage.screen()
    );
    stage.press("<enter>");
    assert!(
        stage.screen().contains("a poll has 2 to 12 options"),
        "{}",
        stage.screen()
    );
    stage.press("<tab>");
    stage.write("yes | no");
    stage.press("<tab>");
    stage.write("in 2h");
    stage.press("<enter>");
    let (question, poll, ends) = sent(&mut stage);
    assert_eq!((question.as_str(), ends.as_str()), ("Tea?", "in 2h"));
    assert_eq!(poll.options, ["yes", "no"]);
}

#[test]
fn a_poll_calls_everybody_only_for_who_may() {
    let mut stage = Stage::furnished(100, 30);
    stage.press("alt-p");
    stage.write("@all: tea?");
    stage.press("<tab>");
    stage.write("yes | no");
    stage.press("<enter>");
    assert!(
        stage
            .screen()
            .contains("your role here doesn't call everybody"),
        "{}",
        stage.screen()
    );
    let is_poll = |command: &Command| matches!(command, Command::SendPoll { .. });
    assert!(!stage.asked.iter().any(is_poll));
}

#[test]
fn what_is_edited_of_a_poll_is_its_question() {
    let mut stage = reading(|_| {});
    with_newest(&mut stage, |message| {
        (message.own, message.can_edit) = (true, true);
    });
    stage.press("e");
    assert!(stage.screen().contains("Which drink?"));
    stage.write("!");
    stage.press("<enter>");
    let asked = stage.asked.iter().find_map(|command| match command {
        Command::Edit { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(asked.as_deref(), Some("Which drink?!"));
}

#[test]
fn what_somebody_blocked_asks_is_shown_before_one_votes() {
    let mut stage = reading(|_| {});
    with_newest(&mut stage, |message| message.blocked = true);
    stage.press("v");
    assert!(stage.screen().contains("somebody you blocked wrote this"));
    stage.press("s v");
    assert!(stage.screen().contains("vote for one"));
}

#[test]
fn a_poll_that_goes_by_itself_says_so_and_when() {
    let mut stage = Stage::furnished(100, 30);
    stage.write("/expire 1h /poll \"Tea?\" yes no");
    stage.press("<enter>");
    let lifetime = stage.asked.iter().find_map(|command| match command {
        Command::SendPoll { place, .. } => place.lifetime,
        _ => None,
    });
    assert_eq!(lifetime.map(|lifetime| lifetime.after_s), Some(3_600));
    let mut stage = reading(|_| {});
    with_newest(&mut stage, |message| message.lifetime = lifetime);
    assert!(stage.screen().contains("1h"), "{}", stage.screen());
}
