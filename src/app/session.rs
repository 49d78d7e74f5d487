//! Session: the panes, feeds and place of the window, saved while it is open and restored at the next start.
//!
//! It contains no secret: values that look like secrets are variables, for which the user is asked again. The place of
//! the window is a file of its own, because a window that shows only the demo has a place but nothing to restore.

mod files;
mod place;
mod restore;
mod saved;
mod saver;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use feedscope_core::ConnectionState;
use feedscope_core::connection::without_remarks;
use feedscope_core::record::Secrets;
use feedscope_core::url_text::is_secret_name;
use feedscope_files::connections::{OptionValue, SavedConnection, UsedVariables, variable_name};
use feedscope_files::session::SessionWriter;
use feedscope_ui::{PaneSession, ReadingTexts, TimeForm};

use super::connections::of_feed::OfFeed;
use super::open_feed::{LiveFeed, OpenFeed, OpenSource};
use super::{App, KeptSettings};
use crate::complaint::complain;
use saved::{SavedFeed, SavedPane, SessionSource};

pub use files::SessionFiles;
pub(super) use place::WindowPlace;
pub use saved::Session;
pub(super) use saver::Saver;

/// Time between two looks at the state, so that a pass costs nothing.
const INTERVAL: Duration = Duration::from_secs(1);

/// Maximum number of sent texts of a pane, and of their bytes.
const MOST_SENT: usize = 50;
const MOST_SENT_BYTES: usize = 16 << 10;

impl KeptSettings {
    /// Loads the session of the last window, if there is one to restore. A problem becomes the notice.
    pub(super) fn load_session(&mut self) -> Option<Session> {
        if !self.restores_session() {
            return None;
        }
        let (session, problem) = self.session.load();
        self.notice = self.notice.take().or(problem);
        session
    }

    /// Returns true unless the settings turn the session off.
    pub(super) fn restores_session(&self) -> bool {
        self.now.restore_session != Some(false)
    }
}

impl App {
    /// Saves the session if it has changed, at most once in an interval. Called at the end of each pass.
    pub(super) fn save_session_soon(&mut self, ctx: &egui::Context) {
        if self.saver.writer.is_none() {
            return;
        }
        let now = self.clock.now().moment;
        let left = self
            .saver
            .looked_at
            .map_or(Duration::ZERO, |at| INTERVAL.saturating_sub(now.since(at)));
        if left.is_zero() {
            self.saver.looked_at = Some(now);
            self.save_session();
        } else if ctx.input(|input| !input.events.is_empty()) {
            // The pass that shows the user's change may be the last one for a long time.
            ctx.request_repaint_after(left);
        }
    }

    /// Hands the session over for writing, if it has changed.
    pub(super) fn save_session(&mut self) {
        if let Some(problem) = self
            .saver
            .writer
            .as_ref()
            .and_then(SessionWriter::take_problem)
        {
            complain("session", &problem);
            self.kept.notice = Some(problem);
        }
        if !self.kept.restores_session() {
            return;
        }
        let session = self.session();
        // A window of the demo alone does not replace a session.
        if session.has_own_feed() && session != self.saver.session {
            self.saver.write(self.saver.session_path.as_ref(), &session);
            self.saver.session = session;
        }
    }

    /// Saves the place of the window, if it has changed.
    pub(super) fn save_place(&mut self, place: WindowPlace) {
        if place != self.saver.place {
            self.saver.write(self.saver.place_path.as_ref(), &place);
            self.saver.place = place;
        }
    }

    /// Writes what is left, and ends the saving.
    pub(super) fn end_session(&mut self) {
        self.save_session();
        self.saver.writer = None;
    }

    /// Returns the state that the next start restores.
    fn session(&self) -> Session {
        let mut window = self.window.session();
        let mut feeds: Vec<(&OpenFeed, SavedFeed)> = Vec::new();
        let mut panes = Vec::new();
        let mut variables = SessionVariables {
            used: self.used_variables(),
            typed: BTreeMap::new(),
        };
        for pane in &self.panes {
            let feed = self.feed_of(pane.id);
            if let (Some(feed), Some(view)) = (feed, window.views.get_mut(&pane.id.0)) {
                let none = Secrets::default();
                keep_harmless(view, feed.live().map_or(&none, |live| &live.secrets));
            }
            // Several panes may show one feed, which is saved once.
            let place = feed.map(|feed| {
                let known = feeds.iter().position(|(known, _)| known.id == feed.id);
                known.unwrap_or_else(|| {
                    feeds.push((feed, self.saved_feed(feed, &mut variables)));
                    feeds.len() - 1
                })
            });
            panes.push(SavedPane {
                id: pane.id.0,
                feed: place,
            });
        }
        Session {
            feeds: feeds.into_iter().map(|(_, saved)| saved).collect(),
            panes,
            window,
            ..Session::default()
        }
    }

    fn saved_feed(&self, feed: &OpenFeed, variables: &mut SessionVariables) -> SavedFeed {
        let source = match &feed.source {
            OpenSource::File(source) => {
                let mut opened = self.opened_files.iter();
                let found = opened.find_map(|files| files.place_of(feed.id));
                let (paths, place) = match found {
                    Some((paths, place)) => (paths.to_vec(), place),
                    None => (vec![PathBuf::from(&source.file.path)], 0),
                };
                // The next start may be in another folder.
                let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
                SessionSource::Files {
                    paths: paths.into_iter().map(absolute).collect(),
                    place,
                }
            }
            OpenSource::Live(live) if self.is_of_demo(&live.spec().url) => {
                let url = &live.spec().url;
                SessionSource::Demo {
                    path: url.path().to_owned(),
                    is_web_socket: crate::plan::is_web_socket(url),
                }
            }
            OpenSource::Live(live) => {
                // Secrets are variables in the result, so that the session contains none.
                let of_feed = OfFeed::among(live.spec(), &live.secrets, &mut variables.used);
                let mut connection = of_feed.connection;
                hide_secret_texts(&mut connection, &mut variables.used);
                // A saved connection is that of its file.
                if feed.name.is_none() {
                    variables.tell_apart(live, &mut connection);
                }
                connection.name = feed.name.clone().unwrap_or_default();
                SessionSource::Connection(Box::new(connection))
            }
        };
        let failure = feed.live().and_then(|live| {
            let status = &live.source.status;
            match status.state {
                ConnectionState::Failed => {
                    let reason = status.reason.as_deref()?;
                    Some(kept_reason(live, reason))
                }
                // The feed has not been connected since the start.
                ConnectionState::Idle => live.failed_before.clone(),
                _ => None,
            }
        });
        let (choice, fields) = self.window.columns_of(feed.id);
        let ReadingTexts {
            received,
            sent,
            lens,
            schema,
        } = self.window.reading_of(feed.id).texts();
        SavedFeed {
            source,
            is_connected: feed
                .live()
                .is_some_and(|live| live.source.status.state.is_live()),
            failure,
            columns: super::kept::shown_names(choice),
            fields,
            latest: self.window.latest_of(feed.id),
            measures: super::measured::paths_of(&self.window.measured_of(feed.id)),
            time_since_above: choice.time_form == TimeForm::SinceAbove,
            reading: [received, sent, lens],
            schema,
        }
    }
}

/// Variables of the feeds of a session.
struct SessionVariables {
    /// Variables of all feeds and saved connections.
    used: UsedVariables,
    /// Values that the user typed for the variables of feeds so far.
    typed: BTreeMap<String, String>,
}

impl SessionVariables {
    /// Gives a variable another name if another feed has the same one with another typed value. Earlier versions wrote one
    /// name for all servers.
    fn tell_apart(&mut self, live: &LiveFeed, connection: &mut SavedConnection) {
        let names = live.asked.iter().flat_map(|asked| &asked.variables);
        for name in names {
            let Some(value) = live.secrets.value_of(name) else {
                continue;
            };
            let known = self.typed.entry(name.clone());
            let known = known.or_insert_with(|| value.clone().into_owned());
            if *known != value {
                let new = self.used.name_for(name, &value);
                connection.rename_variable(name, &new);
            }
        }
    }
}

/// Removes the texts of a view that may contain a secret, and the sent ones beyond the limits.
fn keep_harmless(view: &mut PaneSession, secrets: &Secrets) {
    let is_harmless = |text: &String| secrets.mask_text(text) == text.as_str() && !has_secret(text);
    if !is_harmless(&view.draft) || view.draft.len() > MOST_SENT_BYTES {
        view.draft.clear();
    }
    view.plot.only.take_if(|value| !is_harmless(value));
    view.sent.retain(is_harmless);
    view.rules.retain(is_harmless);
    for mark in &mut view.marks {
        if !is_harmless(&mark.note) {
            mark.note.clear();
        }
    }
    let mut bytes = 0;
    // The newest messages are kept, up to both limits.
    let newest = view.sent.iter().rev().take(MOST_SENT);
    let fits = |text: &&String| {
        bytes += text.len();
        bytes <= MOST_SENT_BYTES
    };
    let count = newest.take_while(fits).count();
    view.sent.drain(..view.sent.len() - count);
}

/// Returns the reason of a failure as the session keeps it: without secrets of the feed, and without the words of the server.
fn kept_reason(live: &LiveFeed, reason: &str) -> String {
    // Values that have no variable yet get one, as in the connection.
    let replaced = OfFeed::new(live.spec(), &live.secrets).replaced;
    let own = Secrets::new(replaced.into_iter().map(|it| (it.variable, it.value)));
    let reason = without_remarks(reason);
    let masked = live.secrets.mask_text(reason);
    own.mask_text(&masked).into_owned()
}

/// Puts variables in place of the messages and bodies that contain a secret, so that the user is asked for them again.
fn hide_secret_texts(connection: &mut SavedConnection, used: &mut UsedVariables) {
    let name = variable_name("MESSAGE", &connection.url);
    let mut hide = |text: &mut String| {
        if has_secret(text) {
            *text = format!("${{{}}}", used.name_for(&name, text));
        }
    };
    for option in &mut connection.options {
        match &mut option.value {
            OptionValue::Flag(_) => {}
            OptionValue::One(text) => hide(text),
            OptionValue::Many(texts) => texts.iter_mut().for_each(&mut hide),
        }
    }
}

/// Returns true if the name of a key in a JSON text announces a secret.
fn has_secret(text: &str) -> bool {
    fn in_value(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Object(fields) => fields
                .iter()
                .any(|(name, value)| is_secret_name(name) || in_value(value)),
            serde_json::Value::Array(items) => items.iter().any(in_value),
            _ => false,
        }
    }
    serde_json::from_str(text).is_ok_and(|value| in_value(&value))
}

#[cfg(test)]
mod tests {
    use feedscope_files::connections::SavedOption;
    use feedscope_ui::KeptMark;

    use super::*;

    #[test]
    fn sent_texts_with_secrets_are_left_out() {
        let secrets = Secrets::new([("TOKEN".to_owned(), "t0ken".to_owned())]);
        let sent = [
            "hello",
            "login t0ken",
            r#"{"op":"auth","args":[{"apiKey":"x"}]}"#,
            r#"{"op":"subscribe"}"#,
        ];
        let mut view = PaneSession {
            sent: sent.map(str::to_owned).to_vec(),
            ..PaneSession::default()
        };
        let note = |note: &str| KeptMark {
            row: 1,
            utc_micros: 2,
            note: note.to_owned(),
        };
        view.rules = ["size:>1", "t0ken"].map(str::to_owned).to_vec();
        view.marks = vec![note("spike"), note("with t0ken")];
        keep_harmless(&mut view, &secrets);
        assert_eq!(view.sent, ["hello", r#"{"op":"subscribe"}"#]);
        assert_eq!(view.rules, ["size:>1"]);
        // A text that is being written is kept in the same way.
        for (draft, kept) in [("hello", "hello"), ("login t0ken", "")] {
            draft.clone_into(&mut view.draft);
            keep_harmless(&mut view, &secrets);
            assert_eq!(view.draft, kept);
        }
        // The mark stays without its note.
        assert_eq!(view.marks, [note("spike"), note("")]);
    }

    #[test]
    fn messages_with_secrets_become_variables() {
        let texts = [
            r#"{"op":"auth","token":"t0ken"}"#,
            r#"{"op":"subscribe"}"#,
            r#"{"op":"auth","token":"other"}"#,
        ];
        let mut connection = SavedConnection {
            url: "wss://a.test:1/".to_owned(),
            options: vec![SavedOption {
                name: "send-on-connect".to_owned(),
                value: OptionValue::Many(texts.map(str::to_owned).to_vec()),
            }],
            ..SavedConnection::default()
        };
        hide_secret_texts(&mut connection, &mut UsedVariables::default());
        let expected = ["${MESSAGE_A_TEST_1}", texts[1], "${MESSAGE_A_TEST_1_2}"];
        let expected = expected.map(str::to_owned).to_vec();
        assert_eq!(connection.options[0].value, OptionValue::Many(expected));
    }

    #[test]
    fn the_newest_sent_texts_are_kept_within_the_limits() {
        let mut view = PaneSession {
            sent: (0..MOST_SENT + 5)
                .map(|number| number.to_string())
                .collect(),
            ..PaneSession::default()
        };
        keep_harmless(&mut view, &Secrets::default());
        assert_eq!((view.sent.len(), view.sent[0].as_str()), (MOST_SENT, "5"));
        view.sent.push("x".repeat(MOST_SENT_BYTES - 1));
        keep_harmless(&mut view, &Secrets::default());
        assert_eq!(view.sent.len(), 1);
    }
}
