//! The table of keys.

use std::collections::{HashMap, HashSet};

use erc::keymap::{Action, BINDINGS, COMMANDS, Context};

use crate::stage::Stage;

#[test]
fn no_key_has_two_meanings_in_one_place() {
    for context in Context::ALL {
        let mut taken: HashMap<String, Action> = HashMap::new();
        for binding in BINDINGS.iter().filter(|b| b.context == *context) {
            for key in binding.keys {
                let before = taken.insert(key.to_string(), binding.action);
                assert_eq!(before, None, "{key} in {context:?}");
            }
        }
    }
}

#[test]
fn every_place_has_a_way_to_the_help_and_every_binding_a_key_and_words() {
    for context in Context::ALL {
        assert!(
            context.chain().contains(&Context::Everywhere),
            "{context:?}"
        );
    }
    for binding in BINDINGS {
        assert!(
            !binding.keys.is_empty() && !binding.help.is_empty(),
            "{binding:?}"
        );
    }
}

#[test]
fn help_lists_every_key_of_where_one_is() {
    let mut stage = Stage::furnished(100, 120);
    stage.press("<esc> ?");
    let screen = stage.screen();
    for context in Context::Timeline.chain() {
        for binding in BINDINGS.iter().filter(|b| b.context == *context) {
            assert!(screen.contains(binding.help), "{:?}", binding.help);
            for key in binding.keys {
                assert!(screen.contains(&key.to_string()), "{key}");
            }
        }
    }
}

#[test]
fn every_command_of_the_switcher_does_something() {
    let named: HashSet<Action> = COMMANDS.iter().map(|(action, _)| *action).collect();
    assert_eq!(named.len(), COMMANDS.len(), "each command stands once");
    for (action, words) in COMMANDS {
        let mut stage = Stage::furnished(100, 30);
        let before = stage.screen();
        stage.press("ctrl-k");
        stage.write(words);
        stage.press("<enter>");
        let changed = stage.screen() != before
            || !stage.asked.is_empty()
            || !stage.state.take_effects().is_empty()
            || stage.state.quit;
        assert!(changed, "{action:?}: {words}");
    }
}

#[test]
fn a_space_is_typed_in_a_field_and_toggles_a_switch() {
    let mut stage = Stage::furnished(80, 24);
    stage.press("<esc> c");
    stage.write("a b");
    assert!(stage.screen().contains("a b"));
    stage.press("<tab> <tab> <space>");
    assert!(stage.screen().contains("[x] Private"));
    stage.press("<space>");
    assert!(stage.screen().contains("[ ] Private"));
}

#[test]
fn ctrl_c_leaves_only_when_pressed_twice() {
    let mut stage = Stage::furnished(80, 24);
    stage.press("ctrl-c");
    assert!(!stage.state.quit);
    stage.write("x");
    stage.press("ctrl-c");
    assert!(!stage.state.quit, "another key came between");
    stage.press("ctrl-c");
    assert!(stage.state.quit);
}
