//! Examples of everything, made from the schemas: what a field is called tells what could stand in
//! it. The examples of requests are read back, so that they would be taken.

use erc_protocol::ErrorCode;
use serde_json::{Map, Value, json};

/// How deep an example goes before a list is left empty.
const DEPTH: usize = 8;

/// Makes examples; holds the schemas that others refer to.
pub(super) struct Examples<'a>(pub(super) &'a Map<String, Value>);

impl Examples<'_> {
    /// An example of this schema, for a field or parameter of this name.
    pub(super) fn of(&self, name: &str, schema: &Value) -> Value {
        self.at(name, schema, DEPTH)
    }

    fn at(&self, name: &str, schema: &Value, depth: usize) -> Value {
        if let Some(one) = schema["examples"].get(0) {
            return one.clone();
        }
        if let Some(value) = known(name)
            && fits(&value, self.resolved(schema))
        {
            return value;
        }
        let schema = self.resolved(schema);
        if let Some(one) = schema["examples"].get(0) {
            return one.clone();
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(first) = schema["enum"].get(0) {
            return first.clone();
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(choices) = schema[choice].as_array() {
                let first = choices.iter().find(|one| one["type"] != "null");
                return first.map_or(Value::Null, |one| self.at(name, one, depth));
            }
        }
        match kind(schema) {
            "object" => self.object(schema, depth),
            "array" if depth > 0 && schema["items"].is_object() => {
                json!([self.at(name, &schema["items"], depth - 1)])
            }
            "array" => json!([]),
            "string" => match schema["format"].as_str() {
                Some("date-time") => "2024-01-01T12:00:00.000Z".into(),
                Some("uuid") => "0190163d-8694-739b-aea5-966c26f8ad91".into(),
                _ => "text".into(),
            },
            "integer" | "number" => 1.into(),
            "boolean" => false.into(),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let mut example = Map::new();
        let required = schema["required"].as_array();
        let is_required = |name: &str| {
            required.is_some_and(|names| names.iter().any(|one| one.as_str() == Some(name)))
        };
        let properties = schema["properties"].as_object();
        for (name, property) in properties.into_iter().flatten() {
            // What may be left out is, unless it says something.
            if is_required(name) || known(name).is_some() {
                example.insert(
                    name.clone(),
                    self.at(name, property, depth.saturating_sub(1)),
                );
            }
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            if let Value::Object(more) = self.at("", part, depth) {
                example.extend(more);
            }
        }
        example.into()
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next());
        name.and_then(|name| self.0.get(name)).unwrap_or(schema)
    }
}

/// The kind of a schema, null aside.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(one) => one,
        Value::Array(several) => several
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
            .unwrap_or(""),
        _ if schema["properties"].is_object() => "object",
        _ => "",
    }
}

fn fits(value: &Value, schema: &Value) -> bool {
    if let Some(any) = schema["anyOf"].as_array() {
        return any
            .iter()
            .any(|one| one["$ref"].is_string() || fits(value, one));
    }
    match kind(schema) {
        "string" => value.is_string() && schema["enum"].is_null() && schema["format"].is_null(),
        "integer" | "number" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        _ => false,
    }
}

/// What could stand in a field of this name.
fn known(name: &str) -> Option<Value> {
    Some(match name {
        "username" => "ada".into(),
        "password" => "correct horse battery".into(),
        "display_name" => "Ada Lovelace".into(),
        "sender_name" | "user_name" => "John Doe".into(),
        "device_name" => "Firefox on Linux".into(),
        "content" => "Hello world!".into(),
        "message_type" => "text".into(),
        "name" => "general".into(),
        "topic" => "Everything and nothing".into(),
        "server_name" => "ERC Youth".into(),
        "token_type" => "bearer".into(),
        "access_token" => "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl".into(),
        "refresh_token" => "v1.opaque".into(),
        "invite" | "code" => "3kq9-7wfx".into(),
        "chat_room_id" | "room_id" | "id" => 123.into(),
        "message_id" => 456.into(),
        "sender_id" | "user_id" | "created_by" => 789.into(),
        "seq" | "last_seq" | "read_seq" | "at_seq" => 42.into(),
        "rev" | "at_rev" => 57.into(),
        "expires_in" => 900.into(),
        "query" => "hello".into(),
        _ => return None,
    })
}

/// What such an error says, for example.
pub(super) const fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::MalformedJson => "not JSON: expected value at line 1 column 1",
        ErrorCode::MalformedRequest => "missing field `content`",
        ErrorCode::UnknownFrame => "no frame has this type",
        ErrorCode::InvalidToken => "the token is wrong or has expired",
        ErrorCode::InvalidCredentials => "user name or password is wrong",
        ErrorCode::SessionEnded => "the session was ended",
        ErrorCode::OriginNotAllowed => "this page may not use the server",
        ErrorCode::Forbidden => "that takes an admin of the room",
        ErrorCode::RegistrationClosed => "nobody signs up here by themselves",
        ErrorCode::InvalidInvite => "the invite is unknown, used up or too old",
        ErrorCode::NotFound => "there is no such room",
        ErrorCode::MethodNotAllowed => "this path doesn't take this method",
        ErrorCode::UsernameTaken => "the user name is taken",
        ErrorCode::ClientIdReused => "this client_id was used for something else",
        ErrorCode::EditConflict => "the message was changed meanwhile",
        ErrorCode::MessageDeleted => "the message was deleted",
        ErrorCode::TooLarge => "more than 16384 bytes",
        ErrorCode::UnsupportedMediaType => "the body is not JSON",
        ErrorCode::ValidationFailed => "name: 1 to 80 characters",
        ErrorCode::RateLimited => "too often; wait a moment",
        ErrorCode::Unavailable => "the server can't do this just now",
        _ => "the server failed; its log says why",
    }
}
