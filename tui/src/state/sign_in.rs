//! The first screen: which server, who, and the password.

use erc_client_core::{SafeText, protocol::auth::Registration, view::ServerInfo};

use super::{Input, Loadable};

/// The form.
#[derive(Debug)]
pub struct SignInForm {
    pub server: Input,
    pub username: Input,
    pub password: Input,
    pub display_name: Input,
    pub invite: Input,
    pub focus: Field,
    /// Signing up instead of signing in.
    pub signing_up: bool,
    /// What the server said about itself, and for which address it was asked.
    pub server_info: Option<(String, Loadable<ServerInfo>)>,
    /// Asked the server, no answer yet.
    pub busy: bool,
    pub error: Option<SafeText>,
    /// Why somebody who was signed in has to do so again.
    pub reason: Option<SafeText>,
    /// Esc goes back to the chat (its cache stays readable).
    pub may_leave: bool,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Server,
    Username,
    Password,
    DisplayName,
    Invite,
}

impl SignInForm {
    /// For this server and user, as far as they are known.
    pub fn new(server: &str, username: &str) -> Self {
        let focus = match (server.is_empty(), username.is_empty()) {
            (true, _) => Field::Server,
            (_, true) => Field::Username,
            _ => Field::Password,
        };
        Self {
            server: Input::line(server),
            username: Input::line(username),
            password: Input::secret(),
            display_name: Input::line(""),
            invite: Input::line(""),
            focus,
            signing_up: false,
            server_info: None,
            busy: false,
            error: None,
            reason: None,
            may_leave: false,
        }
    }

    /// The fields in their order.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = vec![Field::Server, Field::Username, Field::Password];
        if self.signing_up {
            fields.push(Field::DisplayName);
            if self.registration() == Some(Registration::Invite) {
                fields.push(Field::Invite);
            }
        }
        fields
    }

    /// Who may sign up, once the server has told.
    pub fn registration(&self) -> Option<Registration> {
        let (_, info) = self.server_info.as_ref()?;
        Some(info.ready()?.registration)
    }

    /// A field's input.
    pub fn input(&self, field: Field) -> &Input {
        match field {
            Field::Server => &self.server,
            Field::Username => &self.username,
            Field::Password => &self.password,
            Field::DisplayName => &self.display_name,
            Field::Invite => &self.invite,
        }
    }

    /// The input of the field that has the keyboard.
    pub fn focused(&mut self) -> &mut Input {
        match self.focus {
            Field::Server => &mut self.server,
            Field::Username => &mut self.username,
            Field::Password => &mut self.password,
            Field::DisplayName => &mut self.display_name,
            Field::Invite => &mut self.invite,
        }
    }
}
