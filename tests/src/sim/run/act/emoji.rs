//! The community's own emoji, which come and go in the shell.

use erc_protocol::emoji as names;
use erc_server::ops::emoji;

use super::REQUEST;
use crate::sim::run::Sim;

impl Sim<'_> {
    /// Adds the emoji of a number with this picture, or takes it away.
    pub(super) async fn emoji(&mut self, node: usize, number: usize, picture: Option<u8>) {
        let node = node % self.nodes.len();
        let Some(app) = self.nodes[node].app() else {
            return;
        };
        let name = format!("parrot_{number}");
        let doing = async move {
            let Some(picture) = picture else {
                let list = emoji::list(&app).await?;
                let found = list.emoji.into_iter().find(|one| one.name == name);
                return match found {
                    Some(one) => emoji::remove(&app, None, one.id).await,
                    None => Ok(()),
                };
            };
            emoji::add(&app, None, &name, gif(picture).into())
                .await
                .map(drop)
        };
        // What takes longer goes on by itself, or dies with its node.
        let doing = tokio::spawn(doing);
        if let Ok(Ok(Ok(()))) = tokio::time::timeout(REQUEST, doing).await {
            self.tally.count("custom emoji");
        }
    }
}

/// Whether a reaction is with one of the community's own.
pub(super) fn is_custom(emoji: &str) -> bool {
    names::named(emoji).is_some()
}

/// The smallest picture, of one colour.
fn gif(colour: u8) -> Vec<u8> {
    let head = b"GIF89a\x01\0\x01\0\x80\0\0";
    let colours = [colour, 0, 0, 0, 0, 0];
    let picture = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
    [&head[..], &colours, picture].concat()
}
