//! The first screen.

use erc_client_core::{
    SafeText,
    protocol::{auth::Registration, validate},
};

use crate::{
    command::{Command, Credentials, SignUpExtras},
    keymap::Action,
    state::{Loadable, Screen, SignInForm, State, sign_in::Field},
};

pub(super) fn act(state: &mut State, action: Action) -> bool {
    if action == Action::Close {
        return go_back(state);
    }
    let Screen::SignIn(form) = &mut state.screen else {
        return false;
    };
    if form.busy {
        // Only leaving is possible while the server is asked, and the keys do nothing else.
        return true;
    }
    let left = form.focus;
    match action {
        Action::NextField => step(form, 1),
        Action::PreviousField => step(form, -1),
        Action::SignUp => toggle_sign_up(form),
        Action::Submit => submit(state),
        _ => return false,
    }
    if left == Field::Server {
        ask_server(state);
    }
    true
}

fn step(form: &mut SignInForm, by: isize) {
    let fields = form.fields();
    let at = fields.iter().position(|f| *f == form.focus).unwrap_or(0);
    let count = isize::try_from(fields.len()).unwrap_or(1);
    let to = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
    form.focus = fields[usize::try_from(to).unwrap_or(0)];
}

fn toggle_sign_up(form: &mut SignInForm) {
    form.error = None;
    if !form.signing_up && form.registration() == Some(Registration::Closed) {
        form.error = Some(SafeText::line(
            "nobody signs up on this server: ask its admins",
        ));
        return;
    }
    form.signing_up = !form.signing_up;
    if !form.fields().contains(&form.focus) {
        form.focus = Field::Server;
    }
}

/// Asks the server who it is, unless it was asked.
fn ask_server(state: &mut State) {
    let Screen::SignIn(form) = &mut state.screen else {
        return;
    };
    let server = form.server.text().trim().to_owned();
    let asked = form.server_info.as_ref();
    if server.is_empty()
        || asked.is_some_and(|(s, i)| *s == server && !matches!(i, Loadable::Failed(_)))
    {
        return;
    }
    form.server_info = Some((server.clone(), Loadable::Loading));
    state.ask(Command::AskServer { server });
}

/// The typing paused: a server that was given from outside is asked, too.
pub(super) fn pause(state: &mut State) {
    let Screen::SignIn(form) = &state.screen else {
        return;
    };
    if form.focus != Field::Server && form.server_info.is_none() {
        ask_server(state);
    }
}

fn submit(state: &mut State) {
    let Screen::SignIn(form) = &mut state.screen else {
        return;
    };
    let fields = form.fields();
    let needed = |f: Field| !matches!(f, Field::DisplayName);
    // Enter in a field goes to the next one that is empty; with none left it signs in.
    let at = fields.iter().position(|f| *f == form.focus).unwrap_or(0);
    let after = fields[at + 1..].iter().chain(&fields[..=at]);
    if let Some(field) = after
        .copied()
        .find(|f| needed(*f) && form.input(*f).text().trim().is_empty())
    {
        form.focus = field;
        return;
    }
    let username = form.username.text().trim().to_owned();
    let password = form.password.text();
    if form.signing_up {
        let wrong = validate::username(&username)
            .err()
            .map(|e| (Field::Username, e))
            .or_else(|| {
                let e = validate::password(&password).err()?;
                Some((Field::Password, e))
            });
        if let Some((field, reason)) = wrong {
            form.focus = field;
            form.error = Some(SafeText::line(&reason));
            return;
        }
    }
    let given = |text: String| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let sign_up = form.signing_up.then(|| SignUpExtras {
        display_name: given(form.display_name.text()),
        invite: given(form.invite.text()),
    });
    form.busy = true;
    form.error = None;
    let credentials = Credentials {
        server: form.server.text().trim().to_owned(),
        username,
        password,
        sign_up,
    };
    state.ask(Command::SignIn(Box::new(credentials)));
}

fn go_back(state: &mut State) -> bool {
    match state.parked.take() {
        Some(chat) => {
            state.screen = Screen::Chat(chat);
            true
        }
        None => false,
    }
}

/// Shows the sign-in screen over the chat, for the same user.
pub(super) fn again(state: &mut State, reason: Option<SafeText>) {
    let (server, user) = state
        .account
        .as_ref()
        .map_or((String::new(), String::new()), |a| {
            (a.server_url.clone(), a.username.as_str().to_owned())
        });
    let mut form = SignInForm::new(&server, &user);
    form.may_leave = true;
    form.reason = reason;
    let before = std::mem::replace(&mut state.screen, Screen::SignIn(Box::new(form)));
    if let Screen::Chat(chat) = before {
        state.parked = Some(chat);
    }
}
