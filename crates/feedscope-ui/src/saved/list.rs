//! List of saved connections and recent URLs, with a field that searches it.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{Id, Key, Modifiers, Rect, RichText, ScrollArea, Sense, Ui, pos2, vec2};

use feedscope_core::url_text::{has_mask, masked};
use url::Url;

use super::SavedScene;
use super::listed::{Action, ListedConnection};
use super::typed::TypedSource;
use crate::command::{Command, PaneCommand, SavedCommand};
use crate::command_line::{in_one_line, take_pasted};
use crate::ids::PaneId;
use crate::ranking::{Ranked, rank};
use crate::scene::Scene;
use crate::theme::{Palette, font, size};
use crate::widgets::icon::{self, Icon};
use crate::widgets::sheet_scroll::Content;
use crate::widgets::text_field::form_field;
use crate::widgets::{
    cut, describe_option, focus_harmless, one_line, paint_left, paint_right, select_all, sheet,
    sheet_scroll,
};
use crate::words;

/// Width of the list in points, and the heights of its parts.
const WIDTH: f32 = 680.0;
const GROUP: f32 = 26.0;
const ITEM: f32 = 30.0;

/// State of the list while it is open.
#[derive(Default)]
pub(crate) struct ConnectionList {
    typed: String,
    /// Command line as it was pasted, with its line ends, which the field cannot contain.
    line: Option<String>,
    /// The whole text is selected in the next pass, so that typing replaces it.
    selects_text: bool,
    /// Selected entry, counted from the first one.
    selected: usize,
    /// The selected entry must be visible after this pass.
    scrolls: bool,
    /// Reason that the file was not changed, or that the typed text cannot be opened.
    problem: Option<String>,
    /// Connection whose removal the user has to confirm.
    removing: Option<String>,
    is_old: bool,
}

/// End of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SavedListOutcome {
    /// The list stays open.
    Stay,
    /// The list closes.
    Close,
    /// The form of this connection opens.
    Edit(String),
    /// The form that saves this URL opens.
    SaveUrl(String),
    /// The file at this path is opened.
    OpenFile(String),
    /// The connection of the focused pane is saved.
    SavePane,
}

impl ConnectionList {
    /// Shows the reason that the file was not changed.
    pub(crate) fn refuse(&mut self, problem: String) {
        self.problem = Some(problem);
    }

    /// Draws the list. `focused` is the pane for the chosen connection.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        scene: &Scene<'_>,
        focused: PaneId,
        commands: &mut Vec<Command>,
    ) -> SavedListOutcome {
        if let Some(name) = self.removing.clone() {
            self.confirm(ui, &name, commands);
            return SavedListOutcome::Stay;
        }
        // The keys act on the entries of this pass.
        let entries = self.entries(scene);
        self.move_selection(ui, entries.len());
        let screen = ui.ctx().content_rect();
        let width = WIDTH.min(screen.width() - 32.0);
        let mut chosen = None;
        let mut outcome = SavedListOutcome::Stay;
        let modal =
            sheet(ui, Id::unique("connection list"), "Saved connections").show(ui.ctx(), |ui| {
                ui.set_width(width - 32.0);
                ui.spacing_mut().item_spacing.y = 0.0;
                let found = entries.iter().filter(|(entry, _)| !entry.is_typed());
                let field = self.field(ui, scene, found.count());
                let height = (screen.height() - 200.0).clamp(90.0, 420.0);
                let area = ScrollArea::vertical()
                    .max_height(height)
                    .auto_shrink([false, true]);
                sheet_scroll::show(ui, area, Content::Entries, |ui| {
                    chosen = self.rows(ui, field, &entries);
                });
                // Without saved connections, the list contains only URLs.
                let is_new = scene.saved.connections.is_empty() && self.typed.trim().is_empty();
                if entries.is_empty() || is_new {
                    ui.add_space(8.0);
                    ui.label(
                        RichText::new(nothing(&self.typed, scene.saved)).color(Palette::of(ui).dim),
                    );
                    ui.add_space(8.0);
                }
                ui.separator();
                ui.add_space(6.0);
                ui.horizontal(|ui| {
                    let selected = entries.get(self.selected).map(|(entry, _)| entry);
                    let edits = match selected {
                        Some(ListedConnection::Recent(_) | ListedConnection::Example(_)) => "save",
                        Some(_) | None => "edit",
                    };
                    let hint = format!("Enter open here    Ctrl Enter in a new pane    F2 {edits}");
                    ui.label(
                        RichText::new(hint)
                            .font(font::small())
                            .color(Palette::of(ui).dim),
                    );
                    if scene
                        .feed_of(focused)
                        .is_some_and(|feed| feed.source.is_live())
                        && ui.button("Save this connection… (Ctrl S)").clicked()
                    {
                        outcome = SavedListOutcome::SavePane;
                    }
                });
            });
        let key = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        // Ctrl Enter comes first, because `consume_key` ignores no modifier that it does not name.
        let by_key = if key(Modifiers::COMMAND, Key::Enter) {
            Some(Action::OpenInNew)
        } else if key(Modifiers::NONE, Key::Enter) {
            Some(Action::Open)
        } else {
            key(Modifiers::NONE, Key::F2).then_some(Action::Edit)
        };
        let at_key = by_key.map(|action| (self.selected, action));
        if let Some((index, action)) = chosen.or(at_key) {
            match entries.get(index) {
                Some((entry, _)) => {
                    return self.run(entry, action, focused, commands);
                }
                // A typed URL without a hit is opened.
                None if action != Action::Edit && !self.typed.trim().is_empty() => {
                    match feedscope_core::url_text::parse_url(self.typed.trim()) {
                        Ok(url) if has_mask(&url) => self.ask_for_secret(),
                        Ok(url) => {
                            let pane = (action == Action::Open).then_some(focused);
                            commands.push(Command::Pane(connect(url, pane)));
                            return SavedListOutcome::Close;
                        }
                        Err(problem) => {
                            self.problem = Some(problem.to_string());
                            self.selects_text = true;
                        }
                    }
                }
                None => {}
            }
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        if escaped || modal.should_close() {
            return SavedListOutcome::Close;
        }
        outcome
    }

    /// Returns the entries that match, with the places of their matched letters.
    fn entries<'a>(&self, scene: &Scene<'a>) -> Vec<(ListedConnection<'a>, Vec<usize>)> {
        let saved: &'a SavedScene = scene.saved;
        let text = self.line.as_ref().unwrap_or(&self.typed);
        let typed = TypedSource::of(text).filter(|source| {
            let mut urls = scene.recent.iter().chain(scene.examples);
            // The list has this URL already.
            !matches!(source, TypedSource::Url(url) if urls.any(|known| known == url.as_str()))
        });
        let typed = typed.map(|source| {
            let name = source.name();
            (ListedConnection::Typed(source, name), Vec::new())
        });
        // A search also finds groups and URLs, but only matches of the name are marked.
        let texts: Vec<String> = saved
            .connections
            .iter()
            .map(|it| format!("{} {} {}", it.form.name, it.form.group, it.shown_url))
            .collect();
        let mut found = rank(&self.typed, texts.iter().map(String::as_str));
        if self.typed.trim().is_empty() {
            // The groups keep the order of the file; connections without a group come first.
            let mut groups: Vec<&str> = vec![""];
            for connection in &saved.connections {
                if !groups.contains(&connection.form.group.as_str()) {
                    groups.push(&connection.form.group);
                }
            }
            let place = |ranked: &Ranked| {
                let group = saved.connections[ranked.index].form.group.as_str();
                groups.iter().position(|it| *it == group)
            };
            found.sort_by_key(place);
        }
        let saved = found.into_iter().map(|Ranked { index, matched }| {
            let connection = &saved.connections[index];
            (ListedConnection::Saved(connection), matched)
        });
        let ranked = |urls: &[String]| rank(&self.typed, urls.iter().map(String::as_str));
        let recent = ranked(scene.recent).into_iter().map(|ranked| {
            let url = &scene.recent[ranked.index];
            (ListedConnection::Recent(url), ranked.matched)
        });
        let examples = ranked(scene.examples).into_iter().map(|ranked| {
            let url = &scene.examples[ranked.index];
            (ListedConnection::Example(url), ranked.matched)
        });
        let found = saved.chain(recent).chain(examples);
        typed.into_iter().chain(found).collect()
    }

    /// Selects the first entry of another text.
    fn changed(&mut self) {
        self.selected = 0;
        self.scrolls = true;
        self.problem = None;
    }

    fn move_selection(&mut self, ui: &Ui, count: usize) {
        let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let before = self.selected;
        if key(Key::ArrowDown) {
            self.selected += 1;
        }
        if key(Key::ArrowUp) {
            self.selected = self.selected.saturating_sub(1);
        }
        self.selected = self.selected.min(count.saturating_sub(1));
        self.scrolls |= before != self.selected;
    }

    /// Draws the field for the search, and the problem of the file. Returns the field's id.
    fn field(&mut self, ui: &mut Ui, scene: &Scene<'_>, count: usize) -> Id {
        let palette = Palette::of(ui);
        if let Some(line) = take_pasted(ui) {
            self.typed = in_one_line(&line);
            self.line = Some(line);
            self.changed();
        }
        let field = ui.horizontal(|ui| {
            let edit = form_field(&mut self.typed)
                .frame(egui::Frame::NONE)
                .font(font::words())
                .hint_text("Search saved connections, or type a URL")
                .desired_width(ui.available_width() - 80.0);
            let response = ui.add(edit).accessible_name("Search connections");
            if !std::mem::replace(&mut self.is_old, true) {
                response.request_focus();
            }
            if response.changed() {
                self.line = None;
                self.changed();
            }
            if std::mem::take(&mut self.selects_text) {
                select_all(ui, response.id, self.typed.chars().count());
            }
            let total = scene.saved.connections.len() + scene.recent.len() + scene.examples.len();
            let text = RichText::new(format!("{count} of {total}")).font(font::small());
            ui.label(text.color(palette.dim));
            response.id
        });
        ui.add_space(8.0);
        if let Some(problem) = self.problem.as_ref().or(scene.saved.problem.as_ref()) {
            ui.label(RichText::new(problem).color(palette.fail));
            ui.add_space(6.0);
        }
        ui.separator();
        field.inner
    }

    /// Draws the entries. Returns the entry that was clicked, and the action.
    ///
    /// The field of the search keeps the focus, and a screen reader announces the selected entry.
    fn rows(
        &mut self,
        ui: &mut Ui,
        field: Id,
        entries: &[(ListedConnection<'_>, Vec<usize>)],
    ) -> Option<(usize, Action)> {
        let mut chosen = None;
        let list = ui.unique_id();
        ui.ctx().accesskit_node_builder(list, |node| {
            node.set_role(Role::ListBox);
            node.set_label("Saved connections and recent URLs");
        });
        // A title is drawn above the first entry of its group.
        let mut title = String::new();
        for (index, (entry, matched)) in entries.iter().enumerate() {
            let own = entry.title();
            if own != title {
                let rect = ui.allocate_space(vec2(ui.available_width(), GROUP)).1;
                let palette = Palette::of(ui);
                let galley = cut(ui, &own, font::small(), palette.dim, rect.width());
                paint_left(ui, rect.left(), rect.center().y, galley);
                title = own;
            }
            let area = vec2(ui.available_width(), ITEM);
            let (rect, response) = ui.allocate_exact_size(area, Sense::click());
            let is_selected = index == self.selected;
            let name = entry.name();
            describe_option(&response, (index, entries.len()), is_selected, || {
                name.to_owned()
            });
            if is_selected {
                ui.ctx().accesskit_node_builder(field, |node| {
                    node.set_active_descendant(response.id.accesskit_id());
                });
            }
            // Enter opens the selected entry, wherever the pointer is.
            if response.hovered() && !is_selected {
                let raise = Palette::of(ui).raise;
                ui.painter().rect_filled(rect, size::RADIUS, raise);
            }
            paint_entry(ui, rect, entry, matched, is_selected);
            if is_selected && std::mem::take(&mut self.scrolls) {
                ui.scroll_to_rect(rect, None);
            }
            if response.clicked() {
                chosen = Some((index, Action::Open));
            }
            if !entry.actions().is_empty() {
                response.context_menu(|ui| {
                    for &(name, action) in entry.actions() {
                        if ui.button(name).clicked() {
                            chosen = Some((index, action));
                            ui.close();
                        }
                    }
                });
            }
        }
        chosen
    }

    /// Carries out an action.
    fn run(
        &mut self,
        entry: &ListedConnection<'_>,
        action: Action,
        focused: PaneId,
        commands: &mut Vec<Command>,
    ) -> SavedListOutcome {
        let pane = (action == Action::Open).then_some(focused);
        let name = entry.name().to_owned();
        match (entry, action) {
            (ListedConnection::Typed(source, _), Action::Open | Action::OpenInNew) => {
                match source.clone() {
                    TypedSource::Url(url) if has_mask(&url) => {
                        self.ask_for_secret();
                        return SavedListOutcome::Stay;
                    }
                    TypedSource::Url(url) => commands.push(Command::Pane(connect(url, pane))),
                    TypedSource::Line(line) => {
                        commands.push(Command::Saved(SavedCommand::OpenLine {
                            pane,
                            line,
                            values: Vec::new(),
                        }));
                    }
                    TypedSource::File(path) => return SavedListOutcome::OpenFile(path),
                }
                SavedListOutcome::Close
            }
            (ListedConnection::Typed(..), _) => {
                self.problem = Some(words::SAVED_AFTER_OPENING.to_owned());
                SavedListOutcome::Stay
            }
            (ListedConnection::Saved(_), Action::Open | Action::OpenInNew) => {
                commands.push(Command::Saved(SavedCommand::Open {
                    name,
                    pane,
                    values: Vec::new(),
                    is_allowed: false,
                }));
                SavedListOutcome::Close
            }
            (ListedConnection::Saved(_), Action::Edit) => SavedListOutcome::Edit(name),
            (ListedConnection::Saved(_), Action::Duplicate) => {
                commands.push(Command::Saved(SavedCommand::Duplicate(name)));
                SavedListOutcome::Stay
            }
            (ListedConnection::Saved(_), Action::Remove) => {
                self.removing = Some(name);
                SavedListOutcome::Stay
            }
            (
                ListedConnection::Recent(url) | ListedConnection::Example(url),
                Action::Open | Action::OpenInNew,
            ) => {
                // A URL with masked secrets must be completed by the user.
                if let Some(url) = feedscope_core::url_text::complete_url(url) {
                    commands.push(Command::Pane(connect(url, pane)));
                    return SavedListOutcome::Close;
                }
                self.typed = name;
                self.ask_for_secret();
                SavedListOutcome::Stay
            }
            (ListedConnection::Recent(url) | ListedConnection::Example(url), _) => {
                self.save_url((*url).to_owned())
            }
        }
    }

    /// Opens the form that saves a URL. One with a masked secret must be completed by the user first.
    fn save_url(&mut self, url: String) -> SavedListOutcome {
        if feedscope_core::url_text::complete_url(&url).is_some() {
            return SavedListOutcome::SaveUrl(url);
        }
        self.typed = url;
        self.ask_for_secret();
        SavedListOutcome::Stay
    }

    /// States that a mask in the text stands for a secret.
    fn ask_for_secret(&mut self) {
        self.problem = Some(words::SECRET_IS_MASKED.to_owned());
        self.selects_text = true;
        // A click on an entry has taken the focus from the field.
        self.is_old = false;
    }

    /// Draws the question before a connection is removed from the file.
    fn confirm(&mut self, ui: &Ui, name: &str, commands: &mut Vec<Command>) {
        let modal = sheet(
            ui,
            Id::unique("remove connection"),
            "Remove the connection?",
        )
        .show(ui.ctx(), |ui| {
            ui.set_width(380.0_f32.min(ui.ctx().content_rect().width() - 60.0));
            let title = format!("Delete {name}?");
            ui.label(RichText::new(title).font(font::title()));
            ui.label("Its table is removed from the file of connections. Open panes stay open.");
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let delete = ui.button(RichText::new("Delete").color(Palette::of(ui).fail));
                let keep = ui.button("Keep it");
                focus_harmless(ui, &keep, &delete);
                (delete.clicked(), keep.clicked())
            })
            .inner
        });
        let (deleted, kept) = modal.inner;
        if deleted {
            commands.push(Command::Saved(SavedCommand::Delete(name.to_owned())));
        }
        let escaped = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if deleted || kept || escaped || modal.should_close() {
            self.removing = None;
            // The letters typed next belong to the search again.
            self.is_old = false;
        }
    }
}

/// Returns the command that connects a pane, or a new one, to a URL.
fn connect(url: Url, pane: Option<PaneId>) -> PaneCommand {
    match pane {
        Some(pane) => PaneCommand::ConnectTo { pane, url },
        None => PaneCommand::OpenLinks(vec![url]),
    }
}

/// Returns the sentence of an empty list.
fn nothing(typed: &str, saved: &SavedScene) -> String {
    if !typed.trim().is_empty() {
        return match feedscope_core::url_text::parse_url(typed.trim()) {
            Ok(url) => format!("Nothing matches. Enter opens {} as a URL.", masked(&url)),
            Err(_) => "Nothing matches.".to_owned(),
        };
    }
    format!(
        "There are no saved connections yet. Ctrl S saves that of a pane to {}.",
        saved.file
    )
}

/// Paints an entry: its name with the matched letters, its URL and its variables.
fn paint_entry(ui: &Ui, rect: Rect, entry: &ListedConnection<'_>, matched: &[usize], lit: bool) {
    let palette = Palette::of(ui);
    if lit {
        ui.painter()
            .rect_filled(rect, size::RADIUS, palette.selection);
    }
    let y = rect.center().y;
    let shape = match entry {
        ListedConnection::Saved(_) => Icon::Dot,
        ListedConnection::Recent(_) | ListedConnection::Example(_) => Icon::Ring,
        ListedConnection::Typed(..) => Icon::Chevron,
    };
    let icon_at = pos2(rect.left() + 10.0, y);
    icon::paint(ui.painter(), shape, icon_at, palette.dim_in_row(lit));
    // Variables take their room first, because they decide if the connection can be opened.
    let mut right = rect.right() - 8.0;
    if let ListedConnection::Saved(saved) = entry {
        for (name, is_available) in saved.variables.iter().rev() {
            let (text, color) = if *is_available {
                (format!("${{{name}}}"), palette.dim_in_row(lit))
            } else {
                (format!("${{{name}}} asked once"), palette.wait)
            };
            let galley = cut(ui, &text, font::mono(), color, 220.0);
            let width = galley.size().x;
            if right - width < rect.center().x {
                break;
            }
            paint_right(ui, right, y, galley);
            right -= width + 12.0;
        }
    }
    let mut job = LayoutJob::default();
    for (place, sign) in entry.name().chars().enumerate() {
        let is_matched = matched.contains(&place);
        let (font, color) = if is_matched {
            (font::heading(), palette.open)
        } else {
            (font::words(), palette.text)
        };
        job.append(
            sign.encode_utf8(&mut [0; 4]),
            0.0,
            TextFormat::simple(font, color),
        );
    }
    let left = rect.left() + 22.0;
    job.wrap = one_line(right - left);
    let galley = ui.painter().layout_job(job);
    let end = left + galley.size().x + 12.0;
    paint_left(ui, left, y, galley);
    if let ListedConnection::Saved(saved) = entry {
        let room = right - end - 12.0;
        if room > 40.0 {
            let color = palette.dim_in_row(lit);
            paint_left(
                ui,
                end,
                y,
                cut(ui, &saved.shown_url, font::mono(), color, room),
            );
        }
    }
}
