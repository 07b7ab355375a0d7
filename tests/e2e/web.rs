//! The server's own pages, in a real browser.

use erc_protocol::RoomId;
use erc_tests::{
    browser::Browser,
    rest::Person,
    server::{PASSWORD, TestServer},
};

const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";

/// Whether this machine is known to have no browser; otherwise a missing one is a failure.
fn is_left_out() -> bool {
    std::env::var_os("ERC_TEST_NO_BROWSER").is_some()
}

async fn ada_and_bo() -> (TestServer, Person, Person, RoomId) {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let bo = Person::sign_in(&server.url(), "bo").await;
    let room = ada.create_room("general").await;
    bo.join(room).await;
    (server, ada, bo, room)
}

/// Signs in with the keyboard alone.
async fn sign_in(page: &Browser, name: &str) {
    page.listen_for_complaints().await;
    page.is_so("document.activeElement.id === 'username'").await;
    page.keys(name).await;
    page.keys(TAB).await;
    page.keys(PASSWORD).await;
    page.keys(ENTER).await;
    page.is_so("document.getElementById('link').textContent === 'Connected'")
        .await;
}

/// The texts on the page, from top to bottom.
async fn messages(page: &Browser) -> Vec<String> {
    let texts = page
        .script("return [...document.querySelectorAll('#messages .text')].map((one) => one.textContent);")
        .await;
    serde_json::from_value(texts).unwrap_or_default()
}

#[tokio::test]
async fn two_people_talk_in_the_web_chat_with_the_keyboard_alone() {
    if is_left_out() {
        return;
    }
    let (server, ada, bo, room) = ada_and_bo().await;
    bo.send(room, "before you came").await;
    let url = format!("{}/static/chat.html", server.url());
    let page = Browser::open(&url, (1280, 800), 1).await;
    sign_in(&page, "ada").await;
    page.is_so("document.querySelector('#rooms .count').textContent === '1 unread'")
        .await;
    page.is_so("document.title === '(1) ERC Chat'").await;
    page.script("document.querySelector('#rooms button').focus();")
        .await;
    page.keys(ENTER).await;
    page.says("before you came").await;
    page.is_so("document.activeElement.id === 'text'").await;
    page.is_so("document.title === 'ERC Chat'").await;
    page.keys("hello <b>from</b> the web").await;
    page.keys(ENTER).await;
    page.is_so("document.getElementById('text').value === ''")
        .await;
    bo.send(room, "and from elsewhere").await;
    page.says("and from elsewhere").await;
    let expected = [
        "before you came",
        "hello <b>from</b> the web",
        "and from elsewhere",
    ];
    assert_eq!(messages(&page).await, expected);
    assert_eq!(ada.history(room).await.len(), 3);
    // Bo is there, types, and goes.
    let other = Browser::open(&url, (1280, 800), 1).await;
    sign_in(&other, "bo").await;
    page.is_so("document.querySelector('#members [data-state=online]:nth-child(2)')")
        .await;
    other
        .script("document.querySelector('#rooms button').click();")
        .await;
    other.is_so("document.activeElement.id === 'text'").await;
    other.keys("I am wri").await;
    page.says("bo is typing…").await;
    other.close().await;
    page.is_so("!document.getElementById('typing').textContent")
        .await;
    assert_eq!(page.complaints().await, Vec::<String>::new());
    page.close().await;
}

#[tokio::test]
async fn the_web_chat_gets_what_it_missed_and_sends_once_what_it_could_not() {
    if is_left_out() {
        return;
    }
    let (mut server, ada, bo, room) = ada_and_bo().await;
    let url = format!("{}/static/chat.html", server.url());
    let page = Browser::open(&url, (1280, 800), 1).await;
    sign_in(&page, "ada").await;
    page.script("document.querySelector('#rooms button').click();")
        .await;
    page.is_so("document.activeElement.id === 'text'").await;
    server.kill();
    page.says("Connecting…").await;
    page.keys("written on the train").await;
    page.keys(ENTER).await;
    page.says("Not sent").await;
    server.restart();
    bo.send(room, "while you were away").await;
    page.says("while you were away").await;
    page.keys(ENTER).await;
    page.is_so("document.getElementById('text').value === ''")
        .await;
    assert_eq!(
        messages(&page).await,
        ["while you were away", "written on the train"]
    );
    assert_eq!(ada.history(room).await.len(), 2);
    page.close().await;
}

#[tokio::test]
async fn the_web_chat_fits_a_phone_and_a_large_zoom_and_names_its_controls() {
    if is_left_out() {
        return;
    }
    let (server, _, bo, room) = ada_and_bo().await;
    bo.send(room, &"averylongwordwithoutanyspace".repeat(20))
        .await;
    let url = format!("{}/static/chat.html", server.url());
    for (name, size, zoom) in [
        ("360", (360, 740), 1),
        ("1280", (1280, 800), 1),
        ("zoom", (1280, 800), 2),
    ] {
        let page = Browser::open(&url, size, zoom).await;
        sign_in(&page, "ada").await;
        page.script("document.querySelector('#rooms button').click();")
            .await;
        page.says("averylongword").await;
        page.picture(&format!("web-chat-{name}")).await;
        page.is_so("document.documentElement.scrollWidth <= innerWidth")
            .await;
        page.is_so("document.documentElement.scrollHeight <= innerHeight")
            .await;
        // Every control has a name, and is large enough for a finger.
        page.is_so(
            "[...document.querySelectorAll('button, input, textarea')].every((one) =>
               one.offsetParent === null ||
               ((one.innerText || one.ariaLabel || one.labels?.length) && one.offsetHeight >= 24))",
        )
        .await;
        page.close().await;
    }
}

#[tokio::test]
async fn the_description_is_browsed_searched_and_tried() {
    if is_left_out() {
        return;
    }
    let (server, ..) = ada_and_bo().await;
    let page = Browser::open(&format!("{}/docs", server.url()), (1280, 800), 1).await;
    page.listen_for_complaints().await;
    page.says("The rooms one is in").await;
    page.script("document.getElementById('username').focus();")
        .await;
    page.keys("ada").await;
    page.keys(TAB).await;
    page.keys(PASSWORD).await;
    page.keys(ENTER).await;
    page.says("Signed in as ada").await;
    page.script("document.getElementById('search').focus();")
        .await;
    page.keys("most recently active").await;
    page.is_so(
        "[...document.querySelectorAll('#list details')].filter((one) => !one.hidden).length === 1",
    )
    .await;
    page.script("const one = document.getElementById('get_chat_rooms'); one.open = true; one.querySelector('summary').focus();")
        .await;
    page.script("document.querySelector('#get_chat_rooms form button').focus();")
        .await;
    page.keys(ENTER).await;
    page.says("200 · GET /chat/rooms").await;
    page.says("\"name\": \"general\"").await;
    page.picture("web-docs").await;
    assert_eq!(page.complaints().await, Vec::<String>::new());
    page.close().await;
}

#[tokio::test]
async fn the_socket_page_says_and_shows_raw_frames() {
    if is_left_out() {
        return;
    }
    let (server, ada, ..) = ada_and_bo().await;
    let page = Browser::open(&format!("{}/chat/ws/test", server.url()), (1280, 800), 1).await;
    page.listen_for_complaints().await;
    page.script("document.getElementById('token').focus();")
        .await;
    page.keys(ada.token()).await;
    page.keys(ENTER).await;
    page.is_so("document.getElementById('state').textContent === 'connected'")
        .await;
    page.script("document.getElementById('send').focus();")
        .await;
    page.keys(ENTER).await;
    page.says("{\"type\":\"pong\"").await;
    page.script("document.getElementById('frame').value = 'no JSON';")
        .await;
    page.script("document.getElementById('send').focus();")
        .await;
    page.keys(ENTER).await;
    page.says("malformed_json").await;
    assert_eq!(page.focus().await, "send");
    assert_eq!(page.complaints().await, Vec::<String>::new());
    page.close().await;
}

#[tokio::test]
async fn a_link_opened_in_a_browser_says_where_it_leads() {
    if is_left_out() {
        return;
    }
    let (server, ada, _bo, room) = ada_and_bo().await;
    let link = ada.make_link(room).await;
    let url = format!("{}/join#{link}", server.url());
    let page = Browser::open(&url, (800, 600), 1).await;
    page.says("You are invited to general").await;
    page.says("2 members").await;
    let shown = page
        .script("return document.getElementById('link').value;")
        .await;
    assert_eq!(shown, url.as_str());
    page.script("location.hash = 'nosuchcode';").await;
    page.says("This link leads nowhere").await;
    page.close().await;
}
