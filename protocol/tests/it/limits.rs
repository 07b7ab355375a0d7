//! Every limit of `src/limit.rs` stands in a table here, with the test that holds what it limits at,
//! below and above it: a new limit without one fails. What has none yet stands in a table of its own,
//! which is to become shorter.

use std::{collections::BTreeSet, fs, path::Path};

/// A limit, the file of its test from the root of the project, the test.
const HELD: &[(&str, &str, &str)] = &[
    (
        "MESSAGE_BYTES",
        "protocol/src/validate/tests.rs",
        "message_text_at_and_above_the_limit",
    ),
    (
        "FRAME_BYTES",
        "server/tests/it/endings.rs",
        "large_frames_keep_the_socket_and_larger_ones_close_it",
    ),
    (
        "FRAME_BYTES_HARD",
        "server/tests/it/endings.rs",
        "large_frames_keep_the_socket_and_larger_ones_close_it",
    ),
    (
        "BODY_BYTES",
        "server/tests/it/limits.rs",
        "heads_and_bodies_have_limits_that_do_not_bite_below",
    ),
    (
        "HEADERS",
        "server/tests/it/limits.rs",
        "heads_and_bodies_have_limits_that_do_not_bite_below",
    ),
    (
        "HEAD_BYTES",
        "server/tests/it/limits.rs",
        "heads_and_bodies_have_limits_that_do_not_bite_below",
    ),
    (
        "USERNAME_CHARS",
        "protocol/src/validate/tests.rs",
        "usernames_at_below_and_above_the_limit",
    ),
    (
        "DISPLAY_NAME_CHARS",
        "protocol/src/validate/tests.rs",
        "display_names_at_and_above_the_limit",
    ),
    (
        "PASSWORD_BYTES",
        "protocol/src/validate/tests.rs",
        "passwords_at_below_and_above_the_limit",
    ),
    (
        "ROOM_NAME_CHARS",
        "protocol/src/validate/tests.rs",
        "room_names_at_and_above_the_limit",
    ),
    (
        "TOPIC_CHARS",
        "protocol/src/validate/tests.rs",
        "a_topic_may_be_empty",
    ),
    (
        "CATEGORY_CHARS",
        "protocol/src/validate/tests.rs",
        "categories_reasons_and_states_at_and_above_the_limit",
    ),
    (
        "REASON_CHARS",
        "protocol/src/validate/tests.rs",
        "categories_reasons_and_states_at_and_above_the_limit",
    ),
    (
        "STATUS_CHARS",
        "protocol/src/validate/tests.rs",
        "categories_reasons_and_states_at_and_above_the_limit",
    ),
    (
        "SLOW_MODE_S",
        "server/tests/it/moderation.rs",
        "slow_mode_asks_members_to_wait_and_moderators_not",
    ),
    (
        "SANCTION_S",
        "server/tests/it/moderation.rs",
        "who_is_muted_reads_and_does_not_write_until_it_is_over",
    ),
    (
        "ROOM_LINKS",
        "server/tests/it/links.rs",
        "links_keep_their_limits",
    ),
    (
        "LINK_S",
        "server/tests/it/links.rs",
        "links_keep_their_limits",
    ),
    (
        "LINK_USES",
        "server/tests/it/links.rs",
        "links_keep_their_limits",
    ),
    (
        "PAGE_MESSAGES",
        "server/tests/it/messages.rs",
        "history_is_paged_both_ways_without_holes",
    ),
    (
        "CATCH_UP_MESSAGES",
        "server/tests/it/resume.rs",
        "at_the_limit_all_messages_come",
    ),
    (
        "CATCH_UP_NEWEST",
        "server/tests/it/resume.rs",
        "far_behind_the_newest_come_and_the_changes_of_what_is_held",
    ),
    (
        "RESUME_ROOMS",
        "server/tests/it/resume.rs",
        "rooms_beyond_the_budget_come_as_heads_and_are_pulled",
    ),
    (
        "RECEIPT_MEMBERS",
        "server/tests/it/receipts.rs",
        "a_large_room_tells_counts_and_no_names",
    ),
    (
        "RECEIPT_PLACES",
        "server/tests/it/store/conformance/receipts.rs",
        "old_advances_are_forgotten",
    ),
    (
        "DELIVERED_ROOMS",
        "server/tests/it/receipts.rs",
        "too_many_rooms_in_one_frame_are_refused_and_strange_ones_passed_over",
    ),
    (
        "MENTIONS",
        "protocol/src/mention.rs",
        "a_list_of_everybody_is_cut",
    ),
    (
        "CALLED_MEMBERS",
        "server/tests/it/receipts.rs",
        "so_many_members_are_called_and_a_larger_room_is_not",
    ),
    (
        "EXPIRE_S",
        "protocol/src/expiry.rs",
        "lifetimes_at_below_and_above_the_limit",
    ),
    (
        "PRESENCE_S",
        "server/tests/it/presence.rs",
        "statuses_and_choices_keep_their_limits",
    ),
    (
        "CALL_ASKS_MEMBERS",
        "tui/tests/it/writing.rs",
        "calling_everybody_in_a_large_room_asks_first",
    ),
    (
        "EDITS",
        "server/tests/it/reactions.rs",
        "a_message_is_edited_so_often_and_no_more",
    ),
    (
        "REACTIONS",
        "server/tests/it/reactions.rs",
        "a_message_has_so_many_different_emoji_and_no_more",
    ),
    (
        "REACTION_USERS",
        "server/tests/it/store/conformance/reactions.rs",
        "a_row_names_the_first_and_counts_all",
    ),
    (
        "PINS",
        "server/tests/it/reactions.rs",
        "a_room_has_so_many_pins_and_no_more",
    ),
    (
        "FORWARD_ROOMS",
        "server/tests/it/reactions.rs",
        "forwarding_goes_to_some_rooms_at_a_time",
    ),
    (
        "OPEN_ROOMS",
        "client-core/src/account/intent.rs",
        "the_room_shown_longest_ago_gives_way",
    ),
    (
        "SESSIONS_PER_USER",
        "server/tests/it/accounts.rs",
        "past_the_cap_the_oldest_session_ends",
    ),
    (
        "MAX_SAFE_INTEGER",
        "server/tests/it/requests.rs",
        "ids_that_name_nothing",
    ),
    (
        "NEW_ACCOUNT_MS",
        "server/src/limits/tests.rs",
        "a_new_account_may_do_a_third_until_it_is_a_day_old",
    ),
    (
        "NEW_ACCOUNT_PART",
        "server/src/limits/tests.rs",
        "a_new_account_may_do_a_third_until_it_is_a_day_old",
    ),
    (
        "TYPING_EVERY_MS",
        "client-core/src/account/intent.rs",
        "typing_is_told_every_few_seconds_and_its_end_at_once",
    ),
    (
        "TYPING_TTL_MS",
        "client-core/src/account/live.rs",
        "typing_ends_by_saying_so_by_writing_and_by_itself",
    ),
    (
        "SEARCH_QUERY_CHARS",
        "protocol/tests/it/search.rs",
        "a_search_has_its_limits",
    ),
    (
        "SEARCH_CLAUSES",
        "protocol/tests/it/search.rs",
        "a_search_has_its_limits",
    ),
    (
        "SEARCH_HITS",
        "server/tests/it/search.rs",
        "a_search_that_makes_no_sense_is_refused_with_its_place",
    ),
    (
        "UTC_OFFSET_MINUTES",
        "server/tests/it/search.rs",
        "a_search_that_makes_no_sense_is_refused_with_its_place",
    ),
    (
        "BLOCKS",
        "server/tests/it/blocks.rs",
        "so_many_people_are_blocked_and_no_more",
    ),
    (
        "REPORT_WORDS_CHARS",
        "protocol/src/validate/tests.rs",
        "words_of_a_report_at_and_above_the_limit",
    ),
    (
        "REPORTS_PER_DAY",
        "server/tests/it/reports.rs",
        "so_many_are_reported_a_day_and_no_more",
    ),
    (
        "REPORT_CONTEXT",
        "server/tests/it/reports.rs",
        "what_is_reported_is_kept_with_what_stood_around_it",
    ),
    (
        "AUDIT_LINES",
        "server/tests/it/audit.rs",
        "the_log_is_read_in_pages_by_those_who_may",
    ),
    (
        "AUDIT_ACTION_CHARS",
        "server/tests/it/audit.rs",
        "the_log_is_read_in_pages_by_those_who_may",
    ),
    (
        "FILTER_CHARS",
        "protocol/src/validate/tests.rs",
        "the_text_of_a_filter_at_and_above_the_limit",
    ),
    (
        "FILTER_BYTES",
        "server/src/rules/filter/tests.rs",
        "a_pattern_is_as_large_as_it_may_be_and_no_larger",
    ),
    (
        "ROOM_FILTERS",
        "server/tests/it/filters.rs",
        "so_many_filters_there_are_and_no_more",
    ),
    (
        "SERVER_FILTERS",
        "server/tests/it/filters.rs",
        "so_many_filters_there_are_and_no_more",
    ),
    (
        "RAID_S",
        "server/tests/it/raid.rs",
        "the_doors_are_closed_for_a_while_and_open_by_themselves",
    ),
    (
        "DEACTIVATED_MS",
        "server/tests/it/erasure.rs",
        "a_deactivated_account_is_taken_up_by_signing_in_in_time",
    ),
    (
        "POLL_QUESTION_CHARS",
        "protocol/src/poll/tests.rs",
        "a_question_has_so_many_characters_in_one_line",
    ),
    (
        "POLL_OPTIONS",
        "protocol/src/poll/tests.rs",
        "a_poll_has_so_many_options_of_so_many_characters",
    ),
    (
        "POLL_OPTION_CHARS",
        "protocol/src/poll/tests.rs",
        "a_poll_has_so_many_options_of_so_many_characters",
    ),
    (
        "POLL_USERS",
        "protocol/src/poll/tests.rs",
        "a_row_names_the_first_who_chose_and_counts_all",
    ),
    (
        "POLL_AHEAD_MS",
        "server/tests/it/polls.rs",
        "a_poll_ends_within_a_year_and_closes_once",
    ),
    (
        "BALLOTS",
        "server/tests/it/polls.rs",
        "one_votes_so_often_and_no_more",
    ),
    (
        "OWN_VOTES",
        "server/tests/it/store/conformance/polls.rs",
        "the_newest_votes_of_ones_own_are_told",
    ),
    (
        "SCHEDULED_PER_USER",
        "server/tests/it/schedule.rs",
        "so_many_are_kept_and_what_is_no_time_is_refused",
    ),
    (
        "SCHEDULE_AHEAD_MS",
        "protocol/src/schedule/tests.rs",
        "the_wish_is_one_moment_from_now_to_the_limit",
    ),
    (
        "NOTE_CHARS",
        "protocol/src/validate/tests.rs",
        "a_note_may_be_empty_and_has_an_end",
    ),
    (
        "ANALYTICS_DAYS",
        "server/tests/it/analytics.rs",
        "days_have_an_end_and_zones_a_name",
    ),
    (
        "ANALYTICS_USERS",
        "server/tests/it/analytics.rs",
        "who_wrote_most_is_named_and_the_rest_is_counted",
    ),
    (
        "PERSONAL_EXPORT_EVERY_S",
        "server/tests/it/personal.rs",
        "once_in_an_hour_and_sooner_after_one_that_broke_off",
    ),
    (
        "PERSONAL_EXPORT_RETRY_S",
        "server/tests/it/personal.rs",
        "once_in_an_hour_and_sooner_after_one_that_broke_off",
    ),
    (
        "FOLLOWED_THREADS",
        "server/tests/it/threads.rs",
        "who_follows_as_many_threads_as_may_be_lets_go_of_the_quietest",
    ),
    (
        "THREAD_PAGE",
        "server/tests/it/threads.rs",
        "threads_and_replies_are_paged",
    ),
    (
        "DRAFT_BYTES",
        "protocol/src/validate/tests.rs",
        "a_draft_may_be_empty_and_has_an_end",
    ),
    (
        "DRAFTS_PER_USER",
        "server/tests/it/drafts.rs",
        "drafts_have_their_limits",
    ),
    (
        "DRAFT_ASIDES",
        "server/tests/it/drafts.rs",
        "drafts_have_their_limits",
    ),
    (
        "DRAFT_NAMES",
        "server/tests/it/drafts.rs",
        "drafts_have_their_limits",
    ),
    (
        "KEYWORDS",
        "protocol/src/attention/tests.rs",
        "keywords_are_kept_in_one_form_up_to_the_limit",
    ),
    (
        "KEYWORD_CHARS",
        "protocol/src/attention/tests.rs",
        "keywords_are_kept_in_one_form_up_to_the_limit",
    ),
    (
        "QUIET_SPANS",
        "protocol/src/attention/tests.rs",
        "hours_of_quiet_are_kept_in_one_form_up_to_the_limit",
    ),
];

/// Limits that no test holds, and why.
const NOT_HELD: &[(&str, &str)] = &[
    ("ROOM_ROWS", "a cut of a list"),
    ("MEMBERS_PER_REQUEST", "to be tested on the server"),
    ("ROOM_MEMBERS", "10,000 members take a test long"),
    ("ROOMS_PER_USER", "2,000 rooms take a test long"),
    ("LINK_DEFAULT_S", "a default"),
    ("ANALYTICS_DAYS_DEFAULT", "a default"),
    ("PAGE_MESSAGES_DEFAULT", "a default"),
    ("SEARCH_HITS_DEFAULT", "a default"),
    ("AUDIT_LINES_DEFAULT", "a default"),
    ("REPORT_ROWS", "a cut of a list"),
    ("BATCH_ROWS", "to be tested on the server"),
    ("BATCH_MEMBERS", "to be tested on the server"),
    ("PRESENCE_MEMBERS", "to be tested on the server"),
    ("RECEIPTS_GATHER_MS", "a pace, and tests assert no times"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn every_limit_names_its_test() {
    let source = fs::read_to_string(root().join("protocol/src/limit.rs")).unwrap();
    let limits: BTreeSet<_> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    assert!(limits.len() > 40, "the limits were found");
    let tables = HELD.iter().map(|(name, ..)| *name);
    let named: Vec<_> = tables
        .chain(NOT_HELD.iter().map(|(name, _)| *name))
        .collect();
    let told: BTreeSet<_> = named.iter().copied().collect();
    assert_eq!(
        told.len(),
        named.len(),
        "a limit stands in the tables twice"
    );
    assert_eq!(
        limits, told,
        "limits on the left, those of the tables on the right"
    );
}

#[test]
fn every_test_of_a_limit_is_there() {
    for (limit, file, test) in HELD {
        let source = fs::read_to_string(root().join(file)).unwrap();
        let begins = format!("fn {test}(");
        assert!(source.contains(&begins), "{limit}: no {test} in {file}");
    }
}
