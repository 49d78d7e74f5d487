//! Saved connections of the window: their file is watched, and connections are opened, saved and removed.
//!
//! The file is read and written on threads. Values that the user typed for variables stay in memory.

mod again;
pub(super) mod asking;
mod filled;
mod lacking;
mod messages;
mod new_message;
pub(super) mod of_feed;
mod saved;
mod saving;
mod typed;
mod typed_secrets;
mod view;
mod watch;

use std::path::Path;
use std::sync::Arc;
use std::thread;

use feedscope_core::url_text::masked_text;
use feedscope_files::command_line::{CommandLine, Program};
use feedscope_files::connections::{Edit, SavedConnection, SavedConnections, TrustedProjects};
use feedscope_files::curl::{self, Imported};
use feedscope_ui::{AskScene, AskSubject, CopyProgram, FeedId, PaneId};

use super::App;
use super::open_feed::missed_records;
use crate::automatic::Automatic;
use crate::cli::saved::{ConnectionSource, plan_of, use_of, variables_of};
use crate::complaint::complain;
use asking::asked;
use of_feed::OfFeed;
use saved::{FileChange, Link, OpenIn, OpenedLine, Planned, Written, value};

pub use saved::ConnectionsFile;
pub(super) use saved::WindowSavedConnections;

impl App {
    /// Reads the content of the file if it has changed, and the results of changes.
    pub(super) fn take_in_connections(&mut self) {
        let saved = &mut self.saved;
        if let Some(watch) = &saved.watch
            && let Some(news) = watch.news(saved.version)
        {
            saved.version = news.version;
            // Both kinds of news are shown in the list.
            match news.content {
                Ok(content) => {
                    for unknown in content.unknown() {
                        let path = content.path().display();
                        let (line, key) = (unknown.line, &unknown.key);
                        complain(
                            "connections",
                            &format!("{path}, line {line}: unknown key `{key}`"),
                        );
                    }
                    saved.content = content;
                    saved.scene.problem = None;
                }
                // The window continues with the content from before.
                Err(problem) => {
                    complain("connections", &problem);
                    saved.scene.problem = Some(problem);
                }
            }
            saved.rebuild_scene();
            for (pane, name) in std::mem::take(&mut saved.unread) {
                if let Some(connection) = self.saved.content.find(&name).cloned() {
                    self.show_as_saved(pane, &connection);
                }
            }
            for name in std::mem::take(&mut self.saved.first) {
                self.open_saved(&name, None, Vec::new(), false);
            }
        }
        let planned = std::mem::take(&mut *self.saved.planned.lock());
        for planned in planned {
            self.open_planned(planned);
        }
        let changes = std::mem::take(&mut *self.saved.changes.lock());
        for change in changes {
            self.take_in_change(change);
        }
    }

    /// Shows the effect of a change of the file, or the reason that there is none.
    fn take_in_change(&mut self, change: FileChange) {
        let Written {
            done,
            content,
            link,
            saved,
            message,
        } = match (change.result, change.about_message) {
            (Ok(written), _) => written,
            (Err(problem), Some(failure)) => {
                return self.show_notice(format!("{failure}: {problem}."));
            }
            (Err(problem), None) => return self.window.set_saved(Err(problem)),
        };
        // A version that was read meanwhile may be a newer one.
        if change.version == self.saved.version {
            self.saved.content = content;
            self.saved.rebuild_scene();
        } else if let Some(watch) = &self.saved.watch {
            // Until the file is read, a form that is opened would show the connection of before.
            watch.look_now();
        }
        if let Some(link) = link {
            self.link(link);
        }
        if let Some((id, connection)) = saved
            && let Some(feed) = self.feeds.iter_mut().find(|feed| feed.id == id)
        {
            feed.saved_as = Some(Box::new(connection));
        }
        if let Some(message) = message {
            self.take_in_message(message);
        }
        match change.about_message {
            Some(_) => self.window.report(done),
            None => self.window.set_saved(Ok(done)),
        }
    }

    /// Makes a feed the saved connection that was written from it. The feed stays connected and keeps its records.
    fn link(&mut self, link: Link) {
        self.saved.with_message = None;
        let Some(feed) = self.feeds.iter_mut().find(|feed| feed.id == link.feed) else {
            return;
        };
        feed.name = Some(link.name);
        let Some(player) = feed.player() else { return };
        let messages = player.messages();
        for (place, saved) in link.messages {
            if let Some((message, _)) = messages.get(place) {
                let mut message = Automatic::clone(message);
                message.saved = Some(saved);
                player.replace(place, message);
            }
        }
    }

    /// Opens a saved connection, in `pane` or in a new one. The user is asked first for variables without a value, and to
    /// allow a project's file.
    pub fn open_saved(
        &mut self,
        name: &str,
        pane: Option<PaneId>,
        values: Vec<(String, String)>,
        is_allowed: bool,
    ) {
        let Some(connection) = self.saved.content.find(name).cloned() else {
            self.show_notice(format!("There is no saved connection `{name}`."));
            self.open_first_pane();
            return;
        };
        self.forget_refused();
        self.saved.keep_typed(&connection, values);
        let saved = &mut self.saved;
        let text = saved.content.text();
        let is_trusted = |trusted: &TrustedProjects| trusted.contains(text);
        let needs_trust =
            saved.file.is_project && !saved.file.trusted.as_ref().is_some_and(is_trusted);
        // Both questions are asked in one sheet.
        let variables = saved.missing(&connection);
        if !variables.is_empty() || (needs_trust && !is_allowed) {
            // The user may refuse, and needs a pane for another connection.
            let pane = pane.or_else(|| self.open_first_pane());
            self.window.ask(AskScene {
                subject: AskSubject::Saved(name.to_owned(), pane),
                title: format!("Open {name}"),
                url: masked_text(&connection.url),
                variables: asked(&connection, &variables),
                refusal: None,
                trust: needs_trust.then(|| use_of(&connection)),
            });
            return;
        }
        if needs_trust && let Some(trusted) = &saved.file.trusted {
            // A content that cannot be remembered has to be allowed again.
            trusted.allow(text).ok();
        }
        self.open_connection(connection, OpenIn::Pane(pane));
    }

    /// Opens these saved connections, each in a pane, as soon as their file has been read.
    pub fn open_saved_first(&mut self, names: Vec<String>) {
        self.saved.first = names;
    }

    /// Opens a command line of curl or websocat in a pane, or in a new one. The user is asked for its variables: a line may
    /// come from anywhere, so that it must not read the environment.
    pub(super) fn open_line(
        &mut self,
        pane: Option<PaneId>,
        line: String,
        values: Vec<(String, String)>,
    ) {
        let is_websocat = line.split_whitespace().next() == Some("websocat");
        let (program, parsed) = if is_websocat {
            ("websocat", curl::parse_websocat(&line))
        } else {
            ("curl", curl::parse(&line))
        };
        let Imported {
            mut connection,
            not_understood,
        } = match parsed {
            Ok(imported) => imported,
            Err(problem) => {
                let line = OpenedLine { program, line };
                return self.refuse_line(pane, line, &problem);
            }
        };
        // A sentence about an earlier line is no longer of use.
        let notice = &mut self.kept.notice;
        notice.take_if(|notice| notice.starts_with(LINE_REFUSED));
        for name in variables_of(&connection) {
            connection.rename_variable(&name, &format!("ask:{name}"));
        }
        self.saved.keep_typed(&connection, values);
        let variables = self.saved.missing(&connection);
        if !variables.is_empty() {
            return self.window.ask(AskScene {
                subject: AskSubject::Line(line, pane),
                title: format!("Open the line of {program}"),
                url: masked_text(&connection.url),
                variables: asked(&connection, &variables),
                refusal: None,
                trust: None,
            });
        }
        if !not_understood.is_empty() {
            let parts = not_understood.join(", ");
            self.show_notice(format!(
                "These parts of the {program} line have no effect: {parts}."
            ));
        }
        let line = OpenedLine { program, line };
        self.open_connection(connection, OpenIn::PaneOfLine(pane, line));
    }

    /// Shows a line that cannot be opened in the field of its pane, with the reason, so that it can be corrected.
    fn refuse_line(&mut self, pane: Option<PaneId>, refused: OpenedLine, problem: &str) {
        let OpenedLine { program, line } = refused;
        let problem = problem.trim_end_matches('.');
        let problem = format!("{LINE_REFUSED} {program} cannot be used: {problem}.");
        // A pane of a file has no field in which the line could be corrected, and another one may be closed.
        let has_field = |pane: &PaneId| {
            let is_open = self.panes.iter().any(|open| open.id == *pane);
            let feed = self.feed_of(*pane);
            is_open && feed.is_none_or(|feed| feed.live().is_some())
        };
        match pane.filter(has_field) {
            Some(pane) => self.window.refuse_line(pane, line, problem),
            None => self.show_notice(problem),
        }
    }

    /// Plans a connection on a thread, because its files are read there, and a keyring may ask for its password.
    fn open_connection(&mut self, connection: SavedConnection, place: OpenIn) {
        let (planned, wake) = (Arc::clone(&self.saved.planned), self.wake.waker());
        let (file, typed) = (self.saved.file.clone(), self.saved.typed_for(&connection));
        let work = move || {
            let lookup = |name: &str| value(&typed, name);
            let source = ConnectionSource {
                file: file.path.as_deref(),
                is_project: file.is_project,
                variable: &lookup,
                keyring: &crate::keyring::secret,
            };
            let plan = plan_of(&connection, &source);
            planned.lock().push(Planned {
                connection,
                place,
                plan,
            });
            wake();
        };
        let thread = thread::Builder::new().name("feedscope-open".to_owned());
        if let Err(error) = thread.spawn(work) {
            self.show_notice(format!("The connection cannot be opened: {error}."));
        }
    }

    /// Opens a connection whose plan is ready.
    fn open_planned(&mut self, planned: Planned) {
        let Planned {
            connection,
            place,
            plan,
        } = planned;
        let connection = &connection;
        let (plan, unknown) = match plan {
            Ok(planned) => planned,
            Err(problem) => {
                match place {
                    OpenIn::PaneOfLine(pane, line) => self.refuse_line(pane, line, &problem),
                    OpenIn::Pane(_) | OpenIn::PanesOf(_) => self.show_notice(format!(
                        "{} cannot be opened: {problem}.",
                        called(connection)
                    )),
                }
                self.open_first_pane();
                return;
            }
        };
        // The window has room for one sentence.
        let mut notes = Vec::new();
        if !unknown.is_empty() {
            notes.push(format!(
                "unknown keys have no effect: {}",
                unknown.join(", ")
            ));
        }
        if !notes.is_empty() {
            self.show_notice(format!("{}: {}.", called(connection), notes.join("; ")));
        }
        let pane = match place {
            OpenIn::Pane(pane) | OpenIn::PaneOfLine(pane, _) => {
                pane.unwrap_or_else(|| self.open_pane(None))
            }
            OpenIn::PanesOf(former) => return self.replace_asked(former, plan, connection),
        };
        let former = self.feed_of(pane).and_then(missed_records);
        let had_filter = !self.window.filter_of(pane).is_empty();
        self.connect_plan(plan, &[pane]);
        self.show_as_saved(pane, connection);
        if let Some(records) = former {
            self.window.report_replaced(records, had_filter);
        }
        if let Some(feed) = self.feed_of(pane).map(|feed| feed.id) {
            self.note_typed(feed, connection);
        }
    }

    /// Adds a copy of a saved connection under another name.
    pub(super) fn duplicate_saved(&mut self, name: &str) {
        let Some(mut copy) = self.saved.content.find(name).cloned() else {
            return;
        };
        let content = &self.saved.content;
        let mut names = (1_u32..).map(|number| match number {
            1 => format!("{name}-copy"),
            _ => format!("{name}-copy-{number}"),
        });
        let free = names.find(|name| content.find(name).is_none());
        copy.name = free.unwrap_or_default();
        let done = format!("Saved as {}", copy.name);
        self.change(None, move |path| {
            Written::of(done, SavedConnections::edit(path, Edit::Add(&copy)))
        });
    }

    /// Removes a saved connection from its file.
    pub(super) fn delete_saved(&mut self, name: String) {
        let done = format!("Deleted {name}");
        self.change(None, move |path| {
            Written::of(done, SavedConnections::edit(path, Edit::Remove(&name)))
        });
    }

    /// Changes the file on a thread. `about_message` is the beginning of the sentence about a message that was not
    /// changed; `None` if the change is about a connection.
    fn change(
        &mut self,
        about_message: Option<&'static str>,
        edit: impl FnOnce(&Path) -> Result<Written, String> + Send + 'static,
    ) {
        let version = self.saved.version;
        let ended = move |result| FileChange {
            result,
            about_message,
            version,
        };
        let Some(path) = self.saved.file.path.clone() else {
            let problem = "there is no folder for the file of connections".to_owned();
            return self.take_in_change(ended(Err(problem)));
        };
        let (changes, wake) = (Arc::clone(&self.saved.changes), self.wake.waker());
        let work = move || {
            let change = ended(edit(&path));
            changes.lock().push(change);
            wake();
        };
        let thread = thread::Builder::new().name("feedscope-save".to_owned());
        if let Err(error) = thread.spawn(work) {
            self.take_in_change(ended(Err(error.to_string())));
        }
    }

    /// Copies the connection of a feed as a command line. Secrets become variables.
    pub(super) fn copy_as(&mut self, id: FeedId, program: CopyProgram, ctx: &egui::Context) {
        let Some(feed) = self.feed(id) else { return };
        // A file has no connection.
        let Some(live) = feed.live() else {
            return;
        };
        let OfFeed {
            connection,
            replaced,
            left_out,
        } = OfFeed::new(live.spec(), &live.secrets);
        let program = match program {
            CopyProgram::Curl => Program::Curl,
            CopyProgram::Websocat => Program::Websocat,
            CopyProgram::Tail => Program::Tail,
        };
        // The line has the form of a Unix shell.
        let line = CommandLine::of(&connection, program);
        ctx.copy_text(line.line);
        let mut notes = Vec::new();
        if !replaced.is_empty() {
            let names = replaced.iter().map(|it| format!("${{{}}}", it.variable));
            let names: Vec<_> = names.collect();
            notes.push(format!("secrets are the variables {}", names.join(", ")));
        }
        let left_out: Vec<_> = line.left_out.into_iter().chain(left_out).collect();
        if !left_out.is_empty() {
            notes.push(format!("it does not express {}", left_out.join(", ")));
        }
        if !notes.is_empty() {
            self.show_notice(format!("The copied line: {}.", notes.join("; ")));
        }
    }

    /// Shows a sentence in the window until the user closes it.
    pub(super) fn show_notice(&mut self, sentence: String) {
        self.kept.notice = Some(sentence);
    }
}

/// Beginning of the sentence about a line that cannot be opened.
const LINE_REFUSED: &str = "The line of";

fn called(connection: &SavedConnection) -> String {
    match connection.name.as_str() {
        "" => "The connection".to_owned(),
        name => format!("The connection `{name}`"),
    }
}

#[cfg(test)]
mod tests;
