//! `reactions`, and what a message's row tells of them.

use erc_protocol::{MessageId, Reaction, Rev, Timestamp, UserId, limit, reaction::Reacted};

use super::{Result, Tx, tx::on};

#[derive(sqlx::FromRow)]
struct ReactionRow {
    emoji: String,
    user_id: i64,
    display_name: String,
    at: i64,
}

impl Tx {
    /// Everybody's reactions to a message, in the order in which they came.
    pub async fn reactions(&mut self, message: MessageId) -> Result<Vec<Reacted>> {
        const SQL: &str = "SELECT r.emoji, r.user_id, u.display_name, r.at FROM reactions r \
                           JOIN users u ON u.id = r.user_id WHERE r.message_id = $1 \
                           ORDER BY r.rev";
        let rows: Vec<ReactionRow> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(message.0)
            .fetch_all(conn)
            .await)?;
        let rows = rows.into_iter().map(|row| Reacted {
            emoji: row.emoji,
            user_id: UserId(row.user_id),
            display_name: row.display_name,
            at: Timestamp(row.at),
        });
        Ok(rows.collect())
    }

    /// Adds a reaction, by the change that it makes, or takes it back.
    pub async fn set_reaction(
        &mut self,
        message: MessageId,
        user: UserId,
        emoji: &str,
        on: Option<(Rev, Timestamp)>,
    ) -> Result<()> {
        const ON: &str = "INSERT INTO reactions (message_id, emoji, user_id, rev, at) \
                          VALUES ($1, $2, $3, $4, $5)";
        const OFF: &str =
            "DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND user_id = $3";
        on!(self, |conn| {
            let mut query = sqlx::query(if on.is_some() { ON } else { OFF })
                .bind(message.0)
                .bind(emoji)
                .bind(user.0);
            if let Some((rev, now)) = on {
                query = query.bind(rev.0).bind(now.0);
            }
            query.execute(conn).await.map(|_| ())
        })?;
        Ok(())
    }

    /// Whether somebody reacted with this emoji.
    pub async fn has_reaction(
        &mut self,
        message: MessageId,
        user: UserId,
        emoji: &str,
    ) -> Result<bool> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM reactions WHERE message_id = $1 \
                           AND emoji = $2 AND user_id = $3";
        let count: i64 = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(message.0)
            .bind(emoji)
            .bind(user.0)
            .fetch_one(conn)
            .await)?;
        Ok(count > 0)
    }

    /// Writes what a message's row tells of its reactions.
    pub async fn write_reactions(
        &mut self,
        message: MessageId,
        reactions: &[Reaction],
        rev: Rev,
    ) -> Result<()> {
        const SQL: &str = "UPDATE messages SET reactions = $2, rev = $3 WHERE id = $1";
        let json = if reactions.is_empty() {
            String::new()
        } else {
            serde_json::to_string(reactions).unwrap_or_default()
        };
        on!(self, |conn| sqlx::query(SQL)
            .bind(message.0)
            .bind(&json)
            .bind(rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

/// What a row tells: emoji in the order in which each came first, with the first of their people.
#[must_use]
pub fn summary(all: &[Reacted]) -> Vec<Reaction> {
    let mut summary: Vec<Reaction> = Vec::new();
    for reacted in all {
        let place = summary.iter().position(|one| one.emoji == reacted.emoji);
        let place = place.unwrap_or_else(|| {
            summary.push(Reaction {
                emoji: reacted.emoji.clone(),
                count: 0,
                users: Vec::new(),
            });
            summary.len() - 1
        });
        let reaction = &mut summary[place];
        reaction.count += 1;
        if reaction.users.len() < limit::REACTION_USERS {
            reaction.users.push(reacted.user_id);
        }
    }
    summary
}
