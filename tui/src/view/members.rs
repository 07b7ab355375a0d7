//! The members of the open room.

use erc_client_core::protocol::RoomRole;
use ratatui::layout::Rect;

use super::{
    paint::{Canvas, Piece},
    rooms::{presence, status},
};
use crate::{
    layout,
    state::{Chat, Focus, Loadable},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, rect: Rect, chat: &Chat) {
    let theme = canvas.theme();
    let Some(open) = &chat.open else { return };
    let members = match &open.members {
        Loadable::Loading => {
            canvas.line(rect, &[Piece::own(" reading members…", theme.dim())], &[]);
            return;
        }
        Loadable::Failed(reason) => {
            canvas.paragraph(rect, reason, theme.bad());
            return;
        }
        Loadable::Ready(members) if members.is_empty() => {
            canvas.line(
                rect,
                &[Piece::own(" nobody is known yet", theme.dim())],
                &[],
            );
            return;
        }
        Loadable::Ready(members) => members,
    };
    let first = layout::first_shown(open.member, usize::from(rect.height));
    for (n, (y, member)) in (rect.top()..rect.bottom())
        .zip(&members[first..])
        .enumerate()
    {
        let line = Rect {
            y,
            height: 1,
            ..rect
        };
        let mut left = vec![
            Piece::own(" ", theme.text()),
            presence(canvas, member.presence),
            Piece::own(" ", theme.text()),
            Piece::theirs(&member.name, theme.person(member.user_id)),
        ];
        if let Some(said) = &member.status {
            left.push(Piece::own(" ", theme.dim()));
            left.extend(status(said, theme.dim()));
        }
        let role = match member.role {
            RoomRole::Owner => "owner ",
            RoomRole::Admin => "admin ",
            RoomRole::Moderator => "moderator ",
            RoomRole::ReadOnly => "reads ",
            RoomRole::Member => "",
        };
        let muted = if member.muted_until.is_some() {
            "muted "
        } else {
            ""
        };
        let right = [
            Piece::own(muted, theme.warn()),
            Piece::own(role, theme.dim()),
        ];
        canvas.line(line, &left, &right);
        if chat.focus == Focus::Members && first + n == open.member {
            canvas.tint(line, theme.selected());
        }
    }
}
