//! Blocking people, and giving up an account.

use erc::{
    command::{Answer, Command},
    state::picker::{Entry, Pick, Purpose},
};
use erc_client_core::{
    SafeText,
    protocol::{UserId, auth::ErasedMessages},
    view::Update,
};

use crate::stage::{GENERAL, Stage};

/// Reading, with the second message, one of Bo's, selected.
fn at_bo() -> Stage {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc> g j");
    stage.asked.clear();
    stage
}

#[test]
fn who_is_blocked_is_one_line_until_it_is_shown() {
    let mut stage = at_bo();
    assert!(
        stage.screen().contains("Fine with me"),
        "{}",
        stage.screen()
    );
    for message in stage
        .messages
        .iter_mut()
        .filter(|m| m.sender_id == UserId(4))
    {
        message.blocked = true;
    }
    stage.update(Update::Timeline(GENERAL));
    let screen = stage.screen();
    assert!(
        !screen.contains("Fine with me") && !screen.contains("pot"),
        "{screen}"
    );
    let folded = "1 message of somebody you blocked";
    assert_eq!(screen.matches(folded).count(), 2, "{screen}");
    stage.press("s");
    let screen = stage.screen();
    assert!(screen.contains("Fine with me"), "{screen}");
    assert_eq!(screen.matches(folded).count(), 1, "{screen}");
    stage.press("s");
    assert!(!stage.screen().contains("Fine with me"));
    // Who is blocked is so no longer, at once.
    stage.press("B");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::Unblock { user: UserId(4) })),
        "{asked:?}"
    );
}

#[test]
fn somebody_is_blocked_with_a_reason_listed_and_blocked_no_longer() {
    let mut stage = at_bo();
    stage.press("B");
    assert!(
        stage.screen().contains("block somebody"),
        "{}",
        stage.screen()
    );
    stage.write("loud");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    let Some(Command::Block { user, reason }) = asked else {
        panic!("{asked:?}");
    };
    assert_eq!(reason, "loud");
    stage.answer(Answer::Done(Ok("blocked")));
    assert!(stage.screen().contains("blocked"));

    stage.press("ctrl-k");
    stage.write("people you block");
    stage.press("<enter>");
    assert!(matches!(stage.asked.pop(), Some(Command::Blocks)));
    let entry = Entry {
        label: SafeText::line("Bo @bo"),
        hint: SafeText::line("loud"),
        at: None,
        pick: Pick::Blocked(user),
    };
    stage.answer(Answer::Picked {
        purpose: Purpose::Blocks,
        result: Ok(vec![entry]),
    });
    assert!(stage.screen().contains("Bo @bo"), "{}", stage.screen());
    stage.press("ctrl-x");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::Unblock { user: again }) if again == user),
        "{asked:?}"
    );
    // The list is read again when it changed.
    stage.update(Update::Everything);
    assert!(
        stage
            .asked
            .iter()
            .any(|asked| matches!(asked, Command::Blocks))
    );
}

#[test]
fn an_account_is_erased_by_a_password_and_a_word() {
    let mut stage = Stage::furnished(100, 30);
    stage.press("ctrl-k");
    stage.write("erase your account");
    stage.press("<enter>");
    assert!(stage.screen().contains("no way back"), "{}", stage.screen());
    stage.write("correct horse");
    stage.press("<enter>");
    let screen = stage.screen();
    assert!(screen.contains("type erase if you mean it"), "{screen}");
    assert!(!screen.contains("correct horse"), "{screen}");
    stage.press("<tab>");
    stage.write("erase");
    stage.press("<tab>");
    stage.write(" ");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    let Some(Command::Erase { password, messages }) = asked else {
        panic!("{asked:?}");
    };
    assert_eq!(
        (password.0.as_str(), messages),
        ("correct horse", ErasedMessages::Remove)
    );
    stage.answer(Answer::GivenUp(Err(SafeText::line(
        "the password is wrong",
    ))));
    assert!(stage.screen().contains("the password is wrong"));
    stage.answer(Answer::GivenUp(Ok("Your account is erased.")));
    assert!(
        stage.screen().contains("Your account is erased."),
        "{}",
        stage.screen()
    );
}
