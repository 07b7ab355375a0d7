use super::{NewPoll, Poll};
use crate::{Timestamp, UserId, limit};

fn new(count: usize) -> NewPoll {
    NewPoll {
        options: (0..count)
            .map(|number| format!("option {number}"))
            .collect(),
        ..NewPoll::default()
    }
}

#[test]
fn a_poll_has_so_many_options_of_so_many_characters() {
    let (least, most) = (*limit::POLL_OPTIONS.start(), *limit::POLL_OPTIONS.end());
    for (count, fits) in [
        (least - 1, false),
        (least, true),
        (most, true),
        (most + 1, false),
    ] {
        assert_eq!(Poll::new("Tea?", &new(count)).is_ok(), fits, "{count}");
    }
    let most = *limit::POLL_OPTION_CHARS.end();
    for (chars, fits) in [(0, false), (1, true), (most, true), (most + 1, false)] {
        let mut poll = new(2);
        poll.options[1] = "ü".repeat(chars);
        assert_eq!(Poll::new("Tea?", &poll).is_ok(), fits, "{chars}");
    }
    let mut poll = new(2);
    poll.options[1] = " option 0 ".to_owned();
    assert_eq!(Poll::new("Tea?", &poll).unwrap_err().0, "options");
}

#[test]
fn a_question_has_so_many_characters_in_one_line() {
    let most = *limit::POLL_QUESTION_CHARS.end();
    for (chars, fits) in [(0, false), (1, true), (most, true), (most + 1, false)] {
        let question = "ü".repeat(chars);
        assert_eq!(Poll::new(&question, &new(2)).is_ok(), fits, "{chars}");
    }
    assert_eq!(Poll::new("Tea\nor?", &new(2)).unwrap_err().0, "content");
}

#[test]
fn its_text_says_all_of_it() {
    let poll = Poll::new(" Tea? ", &new(2)).unwrap();
    assert_eq!(poll.text(), "Poll: Tea?\n1. option 0\n2. option 1");
}

#[test]
fn a_choice_is_of_the_options_and_of_one_unless_several_may_be_chosen() {
    let mut poll = Poll::new("Tea?", &new(3)).unwrap();
    assert_eq!(poll.valid_choice(&[]), Ok(vec![]));
    assert_eq!(poll.valid_choice(&[2]), Ok(vec![2]));
    assert_eq!(poll.valid_choice(&[2, 2]), Ok(vec![2]));
    assert!(poll.valid_choice(&[3]).is_err());
    assert!(poll.valid_choice(&[0, 1]).is_err());
    poll.multiple = true;
    assert_eq!(poll.valid_choice(&[2, 0, 2]), Ok(vec![0, 2]));
    assert!(poll.valid_choice(&[0, 3]).is_err());
}

#[test]
fn what_is_secret_is_not_counted_out_and_who_is_anonymous_is_not_named() {
    let votes = [
        (UserId(3), vec![0, 1]),
        (UserId(1), vec![1]),
        (UserId(2), vec![]),
    ];
    let told = |poll: &Poll| -> Vec<_> {
        let told = poll.options.iter();
        told.map(|one| (one.votes, one.users.len())).collect()
    };
    let mut poll = Poll::new("Tea?", &new(3)).unwrap();
    poll.multiple = true;
    poll.tally(&votes);
    assert_eq!(poll.voters, 2);
    assert_eq!(told(&poll), [(Some(1), 1), (Some(2), 2), (Some(0), 0)]);
    assert_eq!(poll.options[1].users, [UserId(3), UserId(1)]);
    poll.anonymous = true;
    poll.tally(&votes);
    assert_eq!(told(&poll), [(Some(1), 0), (Some(2), 0), (Some(0), 0)]);
    poll.hidden = true;
    poll.tally(&votes);
    assert_eq!((poll.voters, told(&poll)), (2, vec![(None, 0); 3]));
    poll.closed_at = Some(Timestamp(1));
    poll.tally(&votes);
    assert_eq!(told(&poll), [(Some(1), 0), (Some(2), 0), (Some(0), 0)]);
}

#[test]
fn a_row_names_the_first_who_chose_and_counts_all() {
    let crowd = limit::POLL_USERS + 2;
    let votes: Vec<_> = (0..crowd)
        .map(|number| (UserId(number.try_into().unwrap()), vec![0]))
        .collect();
    let mut poll = Poll::new("Tea?", &new(2)).unwrap();
    poll.tally(&votes[..limit::POLL_USERS]);
    assert_eq!(poll.options[0].users.len(), limit::POLL_USERS);
    poll.tally(&votes);
    assert_eq!(poll.options[0].users.len(), limit::POLL_USERS);
    assert_eq!(poll.options[0].votes, Some(crowd.try_into().unwrap()));
}

proptest::proptest! {
    #[test]
    fn counting_one_vote_comes_to_what_counting_them_all_does(
        // Most choose the first, so that there are more of them than are named.
        casts in proptest::collection::vec(
            (0..60_i64, proptest::sample::select(vec![0, 1, 1, 1, 1, 3, 5, 6, 7_u8])),
            0..300,
        ),
        anonymous: bool,
        hidden: bool,
    ) {
        let mut poll = Poll::new("Tea?", &NewPoll { anonymous, hidden, ..new(3) }).unwrap();
        poll.multiple = true;
        let mut votes: Vec<(UserId, Vec<u8>)> = Vec::new();
        let mut afresh = poll.clone();
        for (user, bits) in casts {
            let user = UserId(user);
            let after: Vec<u8> = (0..3).filter(|option| bits & (1 << option) != 0).collect();
            let place = votes.iter().position(|(one, _)| *one == user);
            let before = place.map_or_else(Vec::new, |place| votes.remove(place).1);
            votes.push((user, after.clone()));
            afresh.tally(&votes);
            if poll.recast(user, &before, &after) {
                proptest::prop_assert_eq!(&poll, &afresh);
            } else {
                proptest::prop_assert!(votes.len() > limit::POLL_USERS);
                poll = afresh.clone();
            }
        }
    }
}
