//! Reading the log of what moderators did.

use erc_protocol::{ServerRole, api::audit::AuditPage, limit};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Person, Server, code};

async fn page(who: &Person, path: &str) -> AuditPage {
    let (status, body) = who.get(path).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    serde_json::from_value(body).unwrap()
}

fn actions(page: &AuditPage) -> Vec<&str> {
    page.entries
        .iter()
        .map(|line| line.action.as_str())
        .collect()
}

#[tokio::test]
async fn the_log_is_read_in_pages_by_those_who_may() {
    let server = Server::start().await;
    let boss = server.user_with("root", ServerRole::Admin).await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let sanction = async |what: &str, method: Method| {
        let path = format!("/chat/rooms/{room}/{what}/{}", bo.id);
        assert!(ada.ask(method, &path, None).await.0.is_success(), "{what}");
    };
    sanction("mutes", Method::PUT).await;
    sanction("mutes", Method::DELETE).await;
    sanction("bans", Method::PUT).await;
    let path = format!("/chat/rooms/{room}/audit");
    let all = page(&ada, &path).await;
    assert_eq!(
        actions(&all),
        ["member.ban", "member.unmute", "member.mute"]
    );
    let line = &all.entries[0];
    assert_eq!(
        (line.actor_name.as_deref(), line.user_name.as_deref()),
        (Some("ada"), Some("bo"))
    );
    assert_eq!(
        (line.room_name.as_deref(), all.has_more),
        (Some("den"), false)
    );

    let first = page(&ada, &format!("{path}?limit=2")).await;
    assert_eq!((actions(&first).len(), first.has_more), (2, true));
    let before = first.entries[1].id;
    let rest = page(&ada, &format!("{path}?limit=2&before={before}")).await;
    assert_eq!(actions(&rest), ["member.mute"]);
    let family = page(&ada, &format!("{path}?action=member")).await;
    assert_eq!(family.entries.len(), 3);
    let one = page(&ada, &format!("{path}?action=member.mute")).await;
    assert_eq!(actions(&one), ["member.mute"]);
    let nobody = page(&ada, &format!("{path}?actor_id={}", bo.id)).await;
    assert_eq!(nobody.entries, []);
    let to_bo = page(&boss, &format!("/server/audit?user_id={}", bo.id)).await;
    assert_eq!(to_bo.entries.len(), 3);

    // At, below and above the limits.
    for (limit, fits) in [
        (0, false),
        (1, true),
        (limit::AUDIT_LINES, true),
        (limit::AUDIT_LINES + 1, false),
    ] {
        let (status, body) = ada.get(&format!("{path}?limit={limit}")).await;
        assert_eq!(status == StatusCode::OK, fits, "{limit}: {body}");
    }
    for (count, fits) in [
        (limit::AUDIT_ACTION_CHARS - 1, true),
        (limit::AUDIT_ACTION_CHARS, true),
        (limit::AUDIT_ACTION_CHARS + 1, false),
    ] {
        let name = "a".repeat(count);
        let (status, body) = ada.get(&format!("{path}?action={name}")).await;
        assert_eq!(status == StatusCode::OK, fits, "{count}: {body}");
    }
    assert_eq!(
        code(&ada.get(&format!("{path}?action=%25")).await.1),
        "validation_failed"
    );
    // Who doesn't manage the room, or the server, reads nothing.
    let cy = server.user("cy").await;
    let member = format!("/chat/rooms/{room}/members/{}", cy.id);
    assert!(ada.post(&member, json!({})).await.0.is_success());
    assert_eq!(cy.get(&path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(ada.get("/server/audit").await.0, StatusCode::FORBIDDEN);
    assert_eq!(page(&boss, "/server/audit").await.entries.len(), 4);
}
