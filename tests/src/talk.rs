//! What people of a made-up community say to each other: short scenes with roles, drawn and cast
//! by a seeded generator.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

/// One message of a scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Index into the people who take part.
    pub who: usize,
    pub text: String,
    /// How many messages back the one is that this answers.
    pub answers: Option<usize>,
    /// What it is corrected to afterwards.
    pub corrected: Option<String>,
    /// Taken back afterwards.
    pub taken_back: bool,
}

/// Lines by role; `^` at the start answers the line before. `{day}`, `{hour}`, `{place}`, `{thing}`
/// are drawn once a scene.
const SCENES: &[&[(usize, &str)]] = &[
    &[
        (0, "Shall we meet on {day} at {hour}?"),
        (1, "^Fine with me"),
        (
            2,
            "^Could we do half an hour later? I come straight from work.",
        ),
        (0, "Half past then, at {place}."),
        (1, "👍"),
    ],
    &[
        (0, "Who has the key to {place}?"),
        (1, "I gave it to the caretaker on {day}."),
        (0, "^Thank you! Then I'll ask there."),
    ],
    &[
        (
            0,
            "I wrote the minutes of {day}. Please read them and tell me what is missing.",
        ),
        (
            1,
            "Read them. Under point three it should say that we vote again in spring.",
        ),
        (0, "^Good catch, added."),
        (2, "Also read, nothing to add."),
    ],
    &[
        (0, "Does anybody still have {thing}? We need it for {day}."),
        (1, "There should be one in the cellar of {place}."),
        (2, "No, that one broke last summer."),
        (1, "^Oh. Then I can lend you mine."),
        (0, "You are a treasure. I'll pick it up at {hour}."),
    ],
    &[
        (
            0,
            "The forecast for {day} looks bad. Do we go all the same?",
        ),
        (1, "There is no bad weather, there are only bad shoes."),
        (2, "^Says the one with the car."),
        (0, "We decide at {hour}. I'll write here."),
        (0, "It has cleared up. We go!"),
    ],
    &[
        (0, "How many are we for supper at {place}?"),
        (1, "Two of us"),
        (2, "One, and I eat no meat"),
        (3, "Three if the little one may come"),
        (0, "Of course she may. So six, I'll cook for eight."),
    ],
    &[
        (
            0,
            "New poster draft is up:\n- bigger title\n- {place} instead of the old address\n- the band's real name",
        ),
        (1, "^Much better than the first one"),
        (
            2,
            "Can the blue be a little darker? On my printer it comes out grey.",
        ),
        (0, "^Done. Last change before it goes to print on {day}."),
    ],
    &[
        (0, "Does the projector at {place} take HDMI?"),
        (1, "VGA only, but there is an adapter in the grey box."),
        (0, "^Found it, thanks"),
    ],
    &[
        (0, "Rehearsal on {day} moved to {hour}, everybody please."),
        (1, "^I'll be ten minutes late"),
        (2, "^Same here, the bus"),
        (0, "Then we begin with the quiet piece."),
        (3, "The quiet piece is the hard one 😬"),
    ],
    &[
        (0, "Has somebody translated the invitation yet?"),
        (1, "Français: fait. Türkçe: yarın hazır olur."),
        (2, "Українською теж готово"),
        (0, "Wonderful. Then they go out on {day}."),
    ],
    &[
        (
            0,
            "Found after the party: one glove, one umbrella, {thing}. All at {place}.",
        ),
        (1, "^The umbrella is mine! How did it get there?"),
        (2, "You gave it to the fiddler, dancing."),
        (1, "I remember nothing of the sort."),
    ],
    &[
        (
            0,
            "Trains on {day}: out at {hour}, back at nine in the evening.",
        ),
        (1, "Group ticket for five?"),
        (0, "^Yes, I buy it. Pay me when you can."),
        (2, "Paid"),
        (3, "Paid too"),
    ],
    &[
        (
            0,
            "Could somebody look after the stall on {day} for an hour?",
        ),
        (1, "I can from {hour}."),
        (
            0,
            "^Perfect, write yourself into the list at {place} please.",
        ),
    ],
    &[
        (
            0,
            "The council answered: we get {place} for the whole week!",
        ),
        (1, "No way"),
        (2, "^Yes way 🎉"),
        (3, "That is the best news this year."),
        (
            0,
            "Thank the ones who wrote the letters. That was half of you.",
        ),
    ],
    &[
        (0, "Question about {thing}: do we buy a new one or mend it?"),
        (1, "Mend. I know somebody."),
        (2, "^How much?"),
        (1, "^A cake, he said."),
        (2, "Then mend."),
    ],
    &[
        (
            0,
            "Please don't park in front of {place}, the neighbours have complained again.",
        ),
        (1, "Sorry, that was me on {day}. I'll apologise to them."),
        (0, "^Thank you, they'll like that."),
    ],
];

const DAYS: &[&str] = &[
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "the 12th",
    "the first weekend of March",
];
const HOURS: &[&str] = &[
    "six",
    "seven",
    "a quarter to eight",
    "10:30",
    "noon",
    "18:15",
];
const PLACES: &[&str] = &[
    "the old school",
    "the boathouse",
    "the library",
    "Ada's garden",
    "the church hall",
    "the station",
    "the community kitchen",
    "hut 3",
];
const THINGS: &[&str] = &[
    "the big coffee pot",
    "a long extension cord",
    "the blue tent",
    "the small amplifier",
    "a hand cart",
    "the first-aid box",
    "the good camera",
];

/// A scene played by `people`, who are at least two.
pub fn scene(random: &mut StdRng, people: usize) -> Vec<Said> {
    let pick = |from: &[&'static str], random: &mut StdRng| -> &'static str {
        from.choose(random).expect("the lists are not empty")
    };
    let lines = SCENES.choose(random).expect("there are scenes");
    let (day, hour) = (pick(DAYS, random), pick(HOURS, random));
    let (place, thing) = (pick(PLACES, random), pick(THINGS, random));
    let first = random.random_range(0..people);
    let mut said: Vec<Said> = lines
        .iter()
        .map(|(role, line)| {
            let (answers, line) = match line.strip_prefix('^') {
                Some(line) => (Some(1), line),
                None => (None, *line),
            };
            let mut text = line
                .replace("{day}", day)
                .replace("{hour}", hour)
                .replace("{place}", place)
                .replace("{thing}", thing);
            if let Some(first) = text.get(..1) {
                text = first.to_uppercase() + &text[1..];
            }
            Said {
                who: (first + role) % people,
                text,
                answers,
                corrected: None,
                taken_back: false,
            }
        })
        .collect();
    let at = random.random_range(0..said.len());
    if random.random_ratio(1, 6) {
        said[at].corrected = Some(format!("{} (see the list)", said[at].text));
    } else if random.random_ratio(1, 12)
        && let Some(last) = said.last_mut()
    {
        // The last one, which nobody answers.
        last.taken_back = true;
    }
    said
}

/// What a friendly person answers to this.
pub fn answer(random: &mut StdRng, to: &str) -> &'static str {
    let to = to.to_lowercase();
    let fitting: &[&str] = if to.contains('?') {
        &[
            "Good question. Let me ask around and come back to you.",
            "Yes, I think so!",
            "Probably not before the weekend.",
            "Ask Ada, she knows.",
        ]
    } else if ["hello", "hi ", "hey", "good morning", "hi!"]
        .iter()
        .any(|word| to.contains(word))
        || to.trim() == "hi"
    {
        &[
            "Hello! Nice that you are here.",
            "Hi! 👋",
            "Good to see you. How was your day?",
        ]
    } else if to.contains("thank") {
        &["You are welcome!", "Any time 🙂"]
    } else {
        &[
            "I see. Tell me more?",
            "Sounds good to me.",
            "Noted! I'll tell the others.",
            "Ha, that is what I thought too.",
        ]
    };
    fitting.choose(random).expect("there is always an answer")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_seed_always_tells_the_same_story() {
        let tell = |seed| {
            let mut random = StdRng::seed_from_u64(seed);
            (0..50)
                .flat_map(|_| scene(&mut random, 5))
                .collect::<Vec<_>>()
        };
        assert_eq!(tell(7), tell(7));
        assert_ne!(tell(7), tell(8));
    }

    #[test]
    fn what_is_said_is_what_a_server_takes() {
        let mut random = StdRng::seed_from_u64(1);
        for _ in 0..500 {
            for (at, said) in scene(&mut random, 4).iter().enumerate() {
                assert!(said.who < 4);
                assert!(!said.text.contains(['{', '}', '^']), "{}", said.text);
                assert!(said.answers.is_none_or(|back| back <= at));
                for text in [Some(&said.text), said.corrected.as_ref()]
                    .into_iter()
                    .flatten()
                {
                    assert_eq!(
                        erc_protocol::validate::content(text).as_ref(),
                        Ok(text),
                        "kept as it is"
                    );
                }
            }
        }
    }
}
