//! Samples of one family of types.

use std::{collections::BTreeSet, fmt::Debug, fmt::Write as _};

use serde::{Serialize, de::DeserializeOwned};

/// The family's samples as one text: a title, then the JSON as it stands on the wire.
#[derive(Default)]
pub(super) struct Album {
    pub(super) text: String,
    pub(super) types: BTreeSet<String>,
}

impl Album {
    pub(super) fn add<T: Serialize + DeserializeOwned + PartialEq + Debug>(
        &mut self,
        what: &str,
        value: &T,
    ) {
        let json = serde_json::to_string_pretty(value).unwrap();
        let back: T = serde_json::from_str(&json).unwrap();
        assert_eq!(back, *value, "{what} reads back as something else");
        let name = std::any::type_name::<T>();
        self.types
            .insert(name.rsplit("::").next().unwrap().to_owned());
        self.put(what, &json);
    }

    pub(super) fn put(&mut self, what: &str, json: &str) {
        writeln!(self.text, "// {what}\n{json}\n").unwrap();
    }
}
