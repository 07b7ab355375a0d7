//! What an operator does in the shell.

use erc_protocol::{
    ErrorCode, History, RoomId, RoomKind, RoomRole, ServerRole,
    api::rooms::CreateRoomRequest,
    auth::{CreateInviteRequest, LoginRequest},
};
use erc_server::ops::operator::{accounts, invites, rooms};
use erc_server::ops::{accounts as own, repair, rooms as theirs, sessions};

use super::world::{ALL, World, code};

conformance!(with_people =>
    rooms_are_found_by_id_and_by_a_name_that_only_one_has,
    members_come_and_go_and_a_room_keeps_an_owner,
    an_archived_room_comes_back_and_a_deleted_one_does_not,
    what_is_done_in_the_shell_stands_in_the_audit_log_without_an_actor,
    nobody_is_put_into_a_direct_room,
    a_disabled_account_is_signed_out_and_kept_out,
    invites_are_listed_by_name_and_become_void,
);

const PASSWORD: &str = "correct horse battery";

async fn name_of(world: &World, who: usize) -> String {
    let mut tx = world.app.db.snapshot().await.unwrap();
    let row = tx.user(world.people[who].user).await.unwrap();
    row.unwrap().username
}

async fn role_of(world: &World, room: RoomId, who: usize) -> Option<RoomRole> {
    let all = rooms::members(&world.app, room).await.unwrap();
    let user = world.people[who].user;
    let mut mine = all.iter().filter(|member| member.user_id == user);
    mine.next().map(|member| member.role)
}

async fn rooms_are_found_by_id_and_by_a_name_that_only_one_has(world: &mut World) {
    let room = world.room(true, History::Shared, &[1]).await;
    let app = &world.app;
    for said in [&room.to_string(), "room", "#room"] {
        assert_eq!(rooms::find(app, said).await.unwrap().id, room, "{said}");
    }
    assert_eq!(code(rooms::find(app, "roo").await), ErrorCode::NotFound);
    let other = world.room(false, History::Shared, &[]).await;
    assert_eq!(code(rooms::find(app, "room").await), ErrorCode::Forbidden);
    let all = rooms::list(app).await.unwrap();
    let ids: Vec<_> = all.iter().map(|room| room.id).collect();
    assert_eq!(ids, [room, other]);
    let mut tx = app.db.snapshot().await.unwrap();
    assert_eq!(tx.all_rooms().await.unwrap().len(), 2);
}

async fn members_come_and_go_and_a_room_keeps_an_owner(world: &mut World) {
    let room = world.room(true, History::Shared, &[1]).await;
    let app = &world.app;
    let names = [
        name_of(world, 0).await,
        name_of(world, 1).await,
        name_of(world, 2).await,
    ];
    let added = rooms::add(app, room, &names[2], RoomRole::Moderator)
        .await
        .unwrap();
    assert_eq!(added.role, RoomRole::Moderator);
    // Adding again changes nothing.
    rooms::add(app, room, &names[2], RoomRole::ReadOnly)
        .await
        .unwrap();
    assert_eq!(role_of(world, room, 2).await, Some(RoomRole::Moderator));
    let refused = rooms::set_role(app, room, &names[0], RoomRole::Member).await;
    assert_eq!(code(refused), ErrorCode::Forbidden);
    assert_eq!(role_of(world, room, 0).await, Some(RoomRole::Owner));
    rooms::set_role(app, room, &names[1], RoomRole::Owner)
        .await
        .unwrap();
    rooms::set_role(app, room, &names[0], RoomRole::Member)
        .await
        .unwrap();
    rooms::remove(app, room, &names[1]).await.unwrap();
    assert_eq!(
        role_of(world, room, 2).await,
        Some(RoomRole::Owner),
        "the next in rank"
    );
    let refused = rooms::remove(app, room, &names[1]).await;
    assert_eq!(code(refused), ErrorCode::NotFound);
    assert_eq!(repair::check(&app.db).await.unwrap(), []);
}

async fn an_archived_room_comes_back_and_a_deleted_one_does_not(world: &mut World) {
    let room = world.room(false, History::Shared, &[1]).await;
    let app = &world.app;
    let archived = rooms::archive(app, room, true).await.unwrap();
    assert!(archived.settings.archived_at.is_some());
    let again = rooms::archive(app, room, true).await.unwrap();
    assert_eq!(archived, again, "nothing changed");
    let back = rooms::archive(app, room, false).await.unwrap();
    assert_eq!(back.settings.archived_at, None);
    assert!(back.rev > archived.rev);
    rooms::delete(app, room).await.unwrap();
    assert_eq!(
        code(rooms::archive(app, room, true).await),
        ErrorCode::NotFound
    );
    assert_eq!(rooms::list(app).await.unwrap(), []);
    assert_eq!(repair::check(&app.db).await.unwrap(), []);
}

async fn what_is_done_in_the_shell_stands_in_the_audit_log_without_an_actor(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let name = name_of(world, 1).await;
    let app = &world.app;
    rooms::add(app, room, &name, RoomRole::Member)
        .await
        .unwrap();
    rooms::set_role(app, room, &name, RoomRole::Admin)
        .await
        .unwrap();
    rooms::remove(app, room, &name).await.unwrap();
    rooms::archive(app, room, true).await.unwrap();
    rooms::delete(app, room).await.unwrap();
    let mut tx = app.db.snapshot().await.unwrap();
    let lines = tx.audit_of_room(room, ALL).await.unwrap();
    let told: Vec<_> = lines.iter().map(|(action, ..)| action.as_str()).collect();
    assert_eq!(
        told,
        [
            "member.add",
            "member.role",
            "member.remove",
            "room.change",
            "room.delete"
        ]
    );
    assert!(lines.iter().all(|(_, actor, ..)| actor.is_none()));
    assert_eq!(lines[0].2, Some(world.people[1].user));
}

async fn nobody_is_put_into_a_direct_room(world: &mut World) {
    let request = CreateRoomRequest {
        name: String::new(),
        topic: String::new(),
        kind: RoomKind::Direct,
        is_private: true,
        history: None,
        member_ids: vec![world.people[1].user],
        client_id: None,
    };
    let app = &world.app;
    let receipt = theirs::create(app, world.people[0], request).await;
    let room = receipt.unwrap().await.unwrap().room.id;
    let [one, other] = [name_of(world, 1).await, name_of(world, 2).await];
    let added = rooms::add(app, room, &other, RoomRole::Member).await;
    assert_eq!(code(added), ErrorCode::Forbidden);
    let ranked = rooms::set_role(app, room, &one, RoomRole::Owner).await;
    assert_eq!(code(ranked), ErrorCode::Forbidden);
    assert_eq!(
        code(rooms::remove(app, room, &one).await),
        ErrorCode::Forbidden
    );
    assert_eq!(
        code(rooms::archive(app, room, true).await),
        ErrorCode::Forbidden
    );
    rooms::delete(app, room).await.unwrap();
}

async fn a_disabled_account_is_signed_out_and_kept_out(world: &mut World) {
    let app = &world.app;
    let user = own::add_user(app, "zoe", None, PASSWORD, ServerRole::Member)
        .await
        .unwrap();
    let login = || {
        sessions::login(
            app,
            LoginRequest {
                username: "zoe".into(),
                password: PASSWORD.into(),
                device_name: None,
            },
        )
    };
    let tokens = login().await.unwrap();
    assert_eq!(accounts::sessions_of(app, "zoe").await.unwrap().len(), 1);
    accounts::set_disabled(app, "zoe", true).await.unwrap();
    assert_eq!(code(login().await), ErrorCode::Forbidden);
    let refreshed = sessions::refresh(app, &tokens.refresh_token).await;
    assert_eq!(code(refreshed), ErrorCode::SessionEnded);
    let all = accounts::list(app).await.unwrap();
    let zoe = all.iter().find(|account| account.user.id == user.id);
    let zoe = zoe.unwrap();
    assert!(zoe.disabled_at.is_some());
    assert_eq!(zoe.sessions, 0);

    accounts::set_disabled(app, "zoe", false).await.unwrap();
    login().await.unwrap();
    assert_eq!(accounts::end_sessions(app, "zoe").await.unwrap(), 1);
    assert_eq!(accounts::end_sessions(app, "zoe").await.unwrap(), 0);
    let ranked = accounts::set_role(app, "zoe", ServerRole::Admin)
        .await
        .unwrap();
    assert_eq!(ranked.role, ServerRole::Admin);
    let unknown = accounts::set_role(app, "nobody", ServerRole::Admin).await;
    assert_eq!(code(unknown), ErrorCode::NotFound);
    let mut tx = app.db.begin().await.unwrap();
    tx.set_disabled(user.id, None).await.unwrap();
    assert_eq!(tx.all_accounts().await.unwrap().len(), 5);
}

async fn invites_are_listed_by_name_and_become_void(world: &mut World) {
    let app = &world.app;
    let make = async |uses| {
        let request = CreateInviteRequest {
            uses: Some(uses),
            valid_hours: Some(1),
        };
        let receipt = own::create_invite(app, None, &request).await;
        world.pass(1);
        receipt.unwrap().await.unwrap().code
    };
    let codes = [make(1).await, make(2).await, make(3).await];
    let listed = invites::list(app).await.unwrap();
    let uses: Vec<_> = listed.iter().map(|invite| invite.uses_left).collect();
    assert_eq!(uses, [3, 2, 1], "newest first");
    assert!(codes.iter().all(|code| !code.contains(&listed[0].name)));
    invites::revoke(app, &listed[0].name).await.unwrap();
    invites::revoke(app, &codes[0]).await.unwrap();
    let twice = invites::revoke(app, &codes[0]).await;
    assert_eq!(code(twice), ErrorCode::NotFound);
    assert_eq!(invites::list(app).await.unwrap(), [listed[1].clone()]);
    world.pass(3_600_000);
    assert_eq!(invites::list(app).await.unwrap(), [], "too old");
    let mut tx = app.db.begin().await.unwrap();
    assert_eq!(tx.invites(listed[1].created_at).await.unwrap().len(), 1);
    tx.delete_invite(b"no such").await.unwrap();
}
