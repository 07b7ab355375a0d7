//! Who is present on other nodes, as those say: a lease that each node renews for its own users.
//!
//! A node tells each change at once and, now and then, everybody in a roster; what a lost message
//! leaves wrong, the next roster sets right. A node that is not heard for long has nobody.

use std::collections::{HashMap, HashSet};

use erc_protocol::{PresenceState, UserId};
use tokio::time::{Duration, Instant};

use crate::bus::NodeId;

/// Users whose change waits to be shown, at most; further ones are seen when somebody looks anew.
const UNSAID: usize = 10_000;

/// The other nodes.
#[derive(Debug, Default)]
pub(super) struct Others {
    nodes: HashMap<NodeId, Roster>,
    /// Users whose presence changed in a way that nobody here was told.
    unsaid: HashSet<UserId>,
}

/// One node's users.
#[derive(Debug)]
struct Roster {
    heard: Instant,
    /// The newest round that a part came of.
    round: u64,
    /// How present, and the last round that says so.
    users: HashMap<UserId, (PresenceState, u64)>,
}

impl Others {
    /// The best of what they say of a user.
    pub(super) fn presence_of(&self, user: UserId) -> PresenceState {
        let states = self.nodes.values();
        states
            .filter_map(|node| node.users.get(&user).map(|(state, _)| *state))
            .max()
            .unwrap_or(PresenceState::Offline)
    }

    /// `true` if this node was not known.
    fn meet(&mut self, node: NodeId) -> (bool, &mut Roster) {
        let is_new = !self.nodes.contains_key(&node);
        let roster = self.nodes.entry(node).or_insert_with(|| Roster {
            heard: Instant::now(),
            round: 0,
            users: HashMap::new(),
        });
        roster.heard = Instant::now();
        (is_new, roster)
    }

    /// A node says how present a user is there; `true` if the node was not known.
    pub(super) fn set(&mut self, node: NodeId, user: UserId, state: PresenceState) -> bool {
        let before = self.presence_of(user);
        let (is_new, roster) = self.meet(node);
        if state == PresenceState::Offline {
            roster.users.remove(&user);
        } else {
            // A roster that was made before this was said doesn't undo it.
            roster.users.insert(user, (state, roster.round + 1));
        }
        self.note(user, before);
        is_new
    }

    /// The user's state is told by whoever asks; nobody else has to.
    pub(super) fn said(&mut self, user: UserId) {
        self.unsaid.remove(&user);
    }

    /// Wherever the user is, this is how present; for the time until those nodes say so.
    pub(super) fn expect(&mut self, user: UserId, state: PresenceState) {
        for roster in self.nodes.values_mut() {
            if let Some((known, _)) = roster.users.get_mut(&user) {
                *known = state;
            }
        }
    }

    /// A part of a node's roster; `true` if the node was not known.
    pub(super) fn roster(
        &mut self,
        node: NodeId,
        round: u64,
        users: &[(UserId, PresenceState)],
        is_last: bool,
    ) -> bool {
        let (is_new, roster) = self.meet(node);
        roster.round = roster.round.max(round);
        for (user, state) in users {
            let before = self.presence_of(*user);
            let (_, roster) = self.meet(node);
            let known = roster.users.entry(*user).or_insert((*state, round));
            *known = (*state, known.1.max(round));
            self.note(*user, before);
        }
        if is_last {
            let (_, roster) = self.meet(node);
            let gone: Vec<UserId> = roster
                .users
                .iter()
                .filter(|(_, (_, last))| *last < round)
                .map(|(user, _)| *user)
                .collect();
            for user in gone {
                self.set(node, user, PresenceState::Offline);
            }
        }
        is_new
    }

    /// The node is gone, and everybody on it.
    pub(super) fn forget(&mut self, node: NodeId) {
        let users = self.nodes.get(&node).map(|roster| {
            let users = roster.users.keys();
            users.copied().collect::<Vec<_>>()
        });
        for user in users.unwrap_or_default() {
            self.set(node, user, PresenceState::Offline);
        }
        self.nodes.remove(&node);
    }

    /// Nodes not heard for so long are gone.
    pub(super) fn forget_silent(&mut self, now: Instant, lease: Duration) {
        let silent: Vec<NodeId> = self
            .nodes
            .iter()
            .filter(|(_, roster)| now.duration_since(roster.heard) > lease)
            .map(|(node, _)| *node)
            .collect();
        for node in silent {
            tracing::info!(node = node.0, "another node is not heard any more");
            self.forget(node);
        }
    }

    /// Users whose change nobody was told, to be told now.
    pub(super) fn take_unsaid(&mut self) -> Vec<UserId> {
        self.unsaid.drain().collect()
    }

    fn note(&mut self, user: UserId, before: PresenceState) {
        if self.presence_of(user) != before && self.unsaid.len() < UNSAID {
            self.unsaid.insert(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId(1);
    const B: NodeId = NodeId(2);
    const ADA: UserId = UserId(1);
    const BEN: UserId = UserId(2);

    fn states(others: &Others) -> [PresenceState; 2] {
        [ADA, BEN].map(|user| others.presence_of(user))
    }

    #[test]
    fn the_best_of_all_nodes_counts() {
        let mut others = Others::default();
        assert!(others.set(A, ADA, PresenceState::Idle));
        assert!(others.set(B, ADA, PresenceState::Online));
        assert_eq!(others.presence_of(ADA), PresenceState::Online);
        others.take_unsaid();
        assert!(!others.set(A, ADA, PresenceState::Offline));
        assert!(others.take_unsaid().is_empty(), "nothing is different");
        others.forget(B);
        assert_eq!(others.presence_of(ADA), PresenceState::Offline);
        assert_eq!(others.take_unsaid(), [ADA]);
    }

    #[test]
    fn a_roster_sets_right_what_lost_messages_left_wrong() {
        let mut others = Others::default();
        others.set(A, ADA, PresenceState::Online);
        others.roster(A, 1, &[(BEN, PresenceState::Idle)], true);
        assert_eq!(
            states(&others),
            [PresenceState::Online, PresenceState::Idle],
            "what was just said is newer than the roster"
        );
        others.roster(A, 2, &[], false);
        others.roster(A, 2, &[(BEN, PresenceState::Online)], true);
        assert_eq!(
            states(&others),
            [PresenceState::Offline, PresenceState::Online]
        );
    }

    #[test]
    fn a_silent_node_has_nobody() {
        let mut others = Others::default();
        others.set(A, ADA, PresenceState::Online);
        others.set(B, BEN, PresenceState::Online);
        let heard = others.nodes[&B].heard + Duration::from_secs(10);
        if let Some(roster) = others.nodes.get_mut(&B) {
            roster.heard = heard;
        }
        others.forget_silent(heard, Duration::from_secs(9));
        assert_eq!(
            states(&others),
            [PresenceState::Offline, PresenceState::Online]
        );
    }
}
