//! Links by which people come into a room: made, listed, taken back, followed.

use erc_protocol::{
    LinkId, Room, RoomId,
    api::links::{CreateLinkRequest, LinkCode, LinkList, LinkPreview, MadeLink, RoomLink},
};
use reqwest::Method;

use super::{
    Account,
    remote::{arrival, send},
};
use crate::{
    SafeText,
    error::Result,
    link,
    transport::rest::NOTHING,
    view::{LinkPreviewView, LinkView, MadeLinkView},
};

impl Account {
    /// Makes a link: for so many seconds (a week if absent), for so many people (any number if
    /// absent). Its text is never shown again.
    pub async fn make_link(
        &self,
        room: RoomId,
        seconds: Option<u32>,
        uses: Option<i64>,
    ) -> Result<MadeLinkView> {
        let path = format!("/chat/rooms/{room}/links");
        let request = CreateLinkRequest { seconds, uses };
        let api = &self.shared.api;
        let made: MadeLink = api.send(Method::POST, &path, Some(&request)).await?;
        Ok(MadeLinkView {
            text: SafeText::line(&link::make(api.rest.base(), &made.code)),
            link: view(&made.link),
        })
    }

    /// The links to a room that work, newest first; only one's own for who doesn't moderate there.
    pub async fn links(&self, room: RoomId) -> Result<Vec<LinkView>> {
        let path = format!("/chat/rooms/{room}/links");
        let list: LinkList = self.shared.api.get(&path, &[]).await?;
        Ok(list.links.iter().map(view).collect())
    }

    /// Takes a link back: nobody comes in by it from now on.
    pub async fn revoke_link(&self, room: RoomId, id: LinkId) -> Result<()> {
        let path = format!("/chat/rooms/{room}/links/{id}");
        send(&self.shared, Method::DELETE, &path, NOTHING).await
    }

    /// What a link leads to. Takes a link to this server, or its code.
    pub async fn preview_link(&self, pasted: &str) -> Result<LinkPreviewView> {
        let request = self.code(pasted)?;
        let api = &self.shared.api;
        let seen: LinkPreview = api
            .send(Method::POST, "/chat/links/preview", Some(&request))
            .await?;
        Ok(LinkPreviewView {
            room_id: seen.room_id,
            name: SafeText::line(&seen.name),
            topic: SafeText::line(&seen.topic),
            server_name: SafeText::line(&seen.server_name),
            member_count: seen.member_count,
        })
    }

    /// Comes into the room that a link leads to; returns when it is there.
    pub async fn join_by_link(&self, pasted: &str) -> Result<RoomId> {
        let request = self.code(pasted)?;
        let api = &self.shared.api;
        let room: Room = api
            .send(Method::POST, "/chat/links/join", Some(&request))
            .await?;
        arrival(&self.shared, room.id).await?;
        Ok(room.id)
    }

    fn code(&self, pasted: &str) -> Result<LinkCode> {
        let code = link::code_for(self.shared.api.rest.base(), pasted)?;
        Ok(LinkCode { code })
    }
}

fn view(link: &RoomLink) -> LinkView {
    LinkView {
        id: link.id,
        made_by: SafeText::line(&link.created_by_name),
        created_at: link.created_at,
        expires_at: link.expires_at,
        used: link.used,
        uses_left: link.uses_left,
    }
}
