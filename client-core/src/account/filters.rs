//! Word filters of a room, or of the server: asked of the server.

use erc_protocol::{
    Filter, FilterId, RoomId,
    filter::{FilterAction, FilterKind, FilterList, FilterRequest},
    validate,
};
use reqwest::Method;

use super::{Account, remote::send};
use crate::{
    SafeText,
    error::{Error, Result},
    transport::rest::NOTHING,
    view::FilterView,
};

fn path(room: Option<RoomId>) -> String {
    match room {
        Some(room) => format!("/chat/rooms/{room}/filters"),
        None => "/server/filters".to_owned(),
    }
}

impl Account {
    /// What a room, or the server, doesn't take, in the order in which it was said.
    pub async fn filters(&self, room: Option<RoomId>) -> Result<Vec<FilterView>> {
        let list: FilterList = self.shared.api.get(&path(room), &[]).await?;
        Ok(list.filters.iter().map(view).collect())
    }

    /// Adds a filter; of a text that is there already, changes what it does.
    pub async fn add_filter(
        &self,
        room: Option<RoomId>,
        kind: FilterKind,
        text: &str,
        action: FilterAction,
    ) -> Result<()> {
        let request = FilterRequest {
            kind,
            text: validate::filter(text).map_err(Error::Invalid)?,
            action,
        };
        let path = path(room);
        let _: Filter = self
            .shared
            .api
            .send(Method::POST, &path, Some(&request))
            .await?;
        Ok(())
    }

    /// Takes a filter away.
    pub async fn remove_filter(&self, room: Option<RoomId>, id: FilterId) -> Result<()> {
        let path = format!("{}/{id}", path(room));
        send(&self.shared, Method::DELETE, &path, NOTHING).await
    }
}

fn view(filter: &Filter) -> FilterView {
    FilterView {
        id: filter.id,
        kind: filter.kind,
        text: SafeText::line(&filter.text),
        action: filter.action,
        by: SafeText::line(&filter.created_by_name),
    }
}
