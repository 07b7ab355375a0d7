//! Routes that say what they are: whoever adds one says in a sentence what it does, and its types
//! say the rest. What is served and what `/openapi.json` tells are made of the same values, so that
//! neither has a route that the other lacks.
//!
//! ```ignore
//! Routes::of("Rooms").route(
//!     "/chat/rooms/{id}",
//!     get(one, "One room.").delete(delete, about("Deletes a room.").fails(&[ErrorCode::Forbidden])),
//! )
//! ```

use axum::handler::Handler;
use axum::routing::{self, MethodRouter};
use axum::{Extension, Router};
use erc_protocol::ErrorCode;

use super::openapi::Described;
use super::openapi::draft::Draft;
use crate::app::AppState;
use crate::limits::Kind;

/// Routes and what is told of them.
pub(super) struct Routes {
    group: &'static str,
    router: Router<AppState>,
    declared: Vec<Declared>,
}

/// One method of one route, as it is told.
#[derive(Clone, Copy)]
pub(super) struct Declared {
    pub(super) group: &'static str,
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    pub(super) about: About,
    pub(super) describe: fn(&mut Draft<'_>),
}

impl Declared {
    pub(super) fn cost(&self) -> Cost {
        let usual = if self.method == "get" {
            Kind::Read
        } else {
            Kind::Write
        };
        Cost(self.about.costs.unwrap_or(usual))
    }
}

impl Routes {
    /// None yet; those to come stand under this heading.
    pub(super) fn of(group: &'static str) -> Self {
        Self {
            group,
            router: Router::new(),
            declared: Vec::new(),
        }
    }

    pub(super) fn route(mut self, path: &'static str, methods: Methods) -> Self {
        let group = self.group;
        let declared = methods.declared.into_iter();
        self.declared.extend(declared.map(|declared| Declared {
            group,
            path,
            ..declared
        }));
        self.router = self.router.route(path, methods.router);
        self
    }

    /// Pages for browsers, which the description of the API leaves out.
    pub(super) fn page(mut self, path: &'static str, page: MethodRouter<AppState>) -> Self {
        self.router = self.router.route(path, page);
        self
    }

    pub(super) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.declared.extend(other.declared);
        self
    }

    /// What is served, and what is told of it.
    pub(super) fn into_parts(self) -> (Router<AppState>, Vec<Declared>) {
        (self.router, self.declared)
    }
}

/// What a person reads about one method of one route.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    /// One sentence; what follows an empty line is for those who want to know more.
    pub(super) text: &'static str,
    /// Errors beyond those that its types bring with them.
    pub(super) fails: &'static [ErrorCode],
    /// What is answered, if the type is a bare response: status, media type, when.
    pub(super) answers: &'static [(u16, &'static str, &'static str)],
    /// Parameters of the query that no type shows.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// What it is counted as; a read or a write if absent.
    pub(super) costs: Option<Kind>,
}

/// Says this of a method.
pub(super) const fn about(text: &'static str) -> About {
    About {
        text,
        fails: &[],
        answers: &[],
        query: &[],
        costs: None,
    }
}

impl About {
    /// It may also fail so.
    pub(super) const fn fails(mut self, codes: &'static [ErrorCode]) -> Self {
        self.fails = codes;
        self
    }

    /// What a handler that makes its own response answers.
    pub(super) const fn answers(
        mut self,
        answers: &'static [(u16, &'static str, &'static str)],
    ) -> Self {
        self.answers = answers;
        self
    }

    /// Text parameters of the query, with what they are for.
    pub(super) const fn query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }
}

impl About {
    /// It is counted as this, against the user's quota.
    pub(super) const fn costs(mut self, kind: Kind) -> Self {
        self.costs = Some(kind);
        self
    }
}

impl From<&'static str> for About {
    fn from(text: &'static str) -> Self {
        about(text)
    }
}

/// What a request is counted as; a request carries it to where its user is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost(pub(super) Kind);

/// The methods of one route.
pub(super) struct Methods {
    router: MethodRouter<AppState>,
    declared: Vec<Declared>,
}

macro_rules! methods {
    ($($name:ident),+) => {
        $(
            /// Answers this method so.
            pub(super) fn $name<H, T, U>(handler: H, about: impl Into<About>) -> Methods
            where
                H: Handler<T, AppState> + Described<U>,
                T: 'static,
            {
                let none = Methods {
                    router: MethodRouter::new(),
                    declared: Vec::new(),
                };
                none.$name(handler, about)
            }
        )+

        impl Methods {
            $(
                /// And this method so.
                pub(super) fn $name<H, T, U>(mut self, handler: H, about: impl Into<About>) -> Self
                where
                    H: Handler<T, AppState> + Described<U>,
                    T: 'static,
                {
                    let declared = Declared {
                        group: "",
                        path: "",
                        method: stringify!($name),
                        about: about.into(),
                        describe: H::describe,
                    };
                    let method = routing::$name(handler).layer(Extension(declared.cost()));
                    self.router = self.router.merge(method);
                    self.declared.push(declared);
                    self
                }
            )+
        }
    };
}

methods!(get, post, put, delete);
