//! What is proposed while one writes.

use erc::command::Command;

use crate::stage::Stage;

fn composer(stage: &Stage) -> String {
    let open = stage.state.chat().unwrap().open.as_ref().unwrap();
    open.composer.input.text()
}

fn sent(stage: &Stage) -> Vec<&str> {
    let mut texts = Vec::new();
    for command in &stage.asked {
        if let Command::Send { text, .. } = command {
            texts.push(text.as_str());
        }
    }
    texts
}

#[test]
fn tab_writes_what_is_meant() {
    let mut stage = Stage::furnished(80, 24);
    stage.write("hi @a");
    insta::assert_snapshot!("completing", stage.screen());
    stage.press("<tab>");
    assert_eq!(composer(&stage), "hi @ada ");
    stage.write("see #d");
    stage.press("<tab>");
    stage.write(":ta");
    stage.press("<tab>");
    assert_eq!(composer(&stage), "hi @ada see #design 🎉 ");
    assert!(stage.line_of("Tab ").is_none(), "{}", stage.screen());
}

#[test]
fn enter_sends_unless_one_moved_in_the_list() {
    let mut stage = Stage::furnished(80, 24);
    stage.write("hi @a");
    stage.press("<enter>");
    assert_eq!(sent(&stage), ["hi @a"]);
    stage.write("@a");
    stage.press("<down> <enter>");
    assert_eq!(composer(&stage), "@anders ");
    assert_eq!(sent(&stage).len(), 1);
    stage.press("<enter>");
    assert_eq!(sent(&stage), ["hi @a", "@anders"]);
}

#[test]
fn the_list_is_left_with_esc_and_the_text_stays() {
    let mut stage = Stage::furnished(80, 24);
    stage.write("@a");
    stage.press("<esc>");
    assert!(stage.line_of("Anders").is_none());
    assert_eq!(composer(&stage), "@a");
    stage.write("n");
    assert!(stage.line_of("Anders").is_some(), "{}", stage.screen());
}

#[test]
fn a_slash_proposes_what_the_client_can_do() {
    let mut stage = Stage::furnished(80, 24);
    stage.write("/create");
    assert!(
        stage.line_of("/create a room").is_some(),
        "{}",
        stage.screen()
    );
    stage.press("<enter>");
    assert_eq!(composer(&stage), "");
    assert!(stage.line_of("Private").is_some(), "{}", stage.screen());
    let mut stage = Stage::furnished(80, 24);
    stage.write("/etc/hosts");
    stage.press("<enter>");
    assert_eq!(sent(&stage), ["/etc/hosts"]);
}
