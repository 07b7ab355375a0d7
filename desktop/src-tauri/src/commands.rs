//! What the page may ask for: a few lines each over client-core, grouped by what they are about.

mod attention;
mod compose;
mod emoji;
mod filters;
mod insight;
mod links;
mod messages;
mod moderation;
mod polls;
mod presence;
mod reports;
mod rooms;
mod safety;
mod schedule;
mod session;
mod threads;
mod timeline;

use tauri::{Runtime, ipc::Invoke};

use crate::error::CommandError;

/// The answer of every command.
type Answer<T> = Result<T, CommandError>;

/// Every command. Each is async, so that a disk read never holds up the window.
#[expect(clippy::too_many_lines, reason = "a list of all commands")]
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool {
    tauri::generate_handler![
        session::start,
        session::accounts,
        session::server_info,
        session::sign_in,
        session::sign_up,
        session::open_account,
        session::sign_out,
        session::reconnect_now,
        session::set_display_name,
        session::sessions,
        session::end_session,
        session::set_unread,
        presence::my_presence,
        presence::set_presence,
        presence::set_active,
        rooms::rooms,
        rooms::answer_request,
        rooms::directory,
        rooms::create_room,
        rooms::change_room,
        rooms::set_lifetime,
        rooms::delete_room,
        rooms::join_room,
        rooms::leave_room,
        rooms::direct_room,
        rooms::members,
        rooms::find_users,
        rooms::add_member,
        rooms::remove_member,
        links::links,
        links::make_link,
        links::revoke_link,
        links::preview_link,
        links::join_by_link,
        attention::attention,
        attention::set_attention,
        attention::set_level,
        attention::hush,
        schedule::scheduled,
        schedule::schedule,
        schedule::remind,
        schedule::reschedule,
        schedule::cancel_scheduled,
        moderation::set_role,
        moderation::mute,
        moderation::unmute,
        moderation::ban,
        moderation::unban,
        moderation::bans,
        filters::filters,
        filters::add_filter,
        filters::remove_filter,
        emoji::custom_emoji,
        emoji::add_emoji,
        emoji::remove_emoji,
        emoji::emoji_picture,
        reports::report,
        reports::reports_waiting,
        reports::reports,
        reports::take_report,
        reports::close_report,
        reports::audit,
        reports::raid_until,
        reports::set_raid,
        safety::block,
        safety::unblock,
        safety::blocks,
        safety::deactivate,
        safety::erase,
        insight::analytics,
        insight::analytics_csv,
        insight::export_room,
        insight::export_personal,
        insight::stop_export,
        timeline::open_room,
        timeline::close_room,
        timeline::timeline,
        timeline::fill,
        timeline::mark_read,
        timeline::typing,
        timeline::search,
        timeline::complete,
        timeline::search_everywhere,
        timeline::open_link,
        messages::react,
        messages::pin,
        messages::forward,
        messages::pins,
        messages::history,
        messages::reactions,
        messages::emoji,
        threads::open_thread,
        threads::thread,
        threads::fill_thread,
        threads::send_in_thread,
        threads::follow_thread,
        threads::mark_thread_read,
        threads::threads,
        threads::threads_of_room,
        threads::permalink,
        threads::thread_at,
        threads::find_message,
        polls::send_poll,
        polls::send_poll_in_thread,
        polls::vote,
        polls::close_poll,
        polls::votes,
        compose::send,
        compose::edit,
        compose::delete,
        compose::retry,
        compose::discard,
        compose::draft,
        compose::save_draft,
        compose::set_typing,
    ]
}
