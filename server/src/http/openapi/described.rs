//! What the types of a handler tell: its arguments what it takes, its result what it answers.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use schemars::JsonSchema;

use super::draft::Draft;
use crate::app::AppState;
use crate::http::ApiError;

/// An argument of a handler.
pub(in crate::http) trait Part {
    fn describe(draft: &mut Draft<'_>);
}

/// What a handler answers.
pub(in crate::http) trait Reply {
    fn describe(draft: &mut Draft<'_>);
}

/// A handler; `T` are its arguments.
pub(in crate::http) trait Described<T> {
    fn describe(draft: &mut Draft<'_>);
}

macro_rules! described {
    ($($argument:ident),*) => {
        impl<F, Fut, R, $($argument),*> Described<($($argument,)*)> for F
        where
            F: FnOnce($($argument),*) -> Fut,
            Fut: Future<Output = R>,
            R: Reply,
            $($argument: Part,)*
        {
            fn describe(draft: &mut Draft<'_>) {
                $($argument::describe(draft);)*
                R::describe(draft);
            }
        }
    };
}

described!();
described!(A);
described!(A, B);
described!(A, B, C);
described!(A, B, C, D);
described!(A, B, C, D, E);

impl Part for State<AppState> {
    fn describe(_: &mut Draft<'_>) {}
}

/// What says how the answer is to be written; [`super::super::route::About`] tells it.
impl Part for HeaderMap {
    fn describe(_: &mut Draft<'_>) {}
}

/// The handler looks into it itself, and [`super::super::route::About`] says for what.
impl Part for Request {
    fn describe(_: &mut Draft<'_>) {}
}

impl<R: Reply> Reply for Result<R, ApiError> {
    fn describe(draft: &mut Draft<'_>) {
        R::describe(draft);
    }
}

impl<T: JsonSchema> Reply for Json<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers::<T>(200);
    }
}

/// Something was made.
impl<T: JsonSchema> Reply for (StatusCode, Json<T>) {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers::<T>(201);
    }
}

/// It is done, and there is nothing to say.
impl Reply for StatusCode {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers_nothing(204);
    }
}

/// As [`super::super::route::About::answers`] says.
impl Reply for Response {
    fn describe(_: &mut Draft<'_>) {}
}
