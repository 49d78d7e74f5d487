//! URL field of a pane: the typed text, the list below it, and the connection to the URL in it.

use std::borrow::Cow;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Id, Key, Rect, Ui, pos2, vec2};
use feedscope_core::feed::FeedCommand;
use feedscope_core::url_text::{has_mask, parse_url};

use super::offered::{OfferedUrls, UrlChoice};
use super::readable_url;
use crate::command::{Command, PaneCommand, SavedCommand};
use crate::command_line::{in_one_line, program_of, take_pasted};
use crate::ids::PaneId;
use crate::scene::{FeedScene, Scene};
use crate::suggestions::{SuggestionKey, Suggestions};
use crate::theme::{Palette, font};
use crate::widgets::icon::Icon;
use crate::widgets::text_field::text_field;
use crate::widgets::{cursor_to_end, field_ground, icon_button, measured, select_all};
use crate::words;

/// State of a pane's URL field.
#[derive(Default)]
pub(crate) struct UrlField {
    /// Text in the field. It follows the feed's URL until the user edits it.
    pub(super) text: String,
    /// The user has edited the text, so that it does not follow the feed any more.
    pub(super) edited: bool,
    /// Command line as it was pasted, with its line ends, which the field cannot contain.
    line: Option<String>,
    /// The field takes the focus, so that a refused line can be corrected.
    takes_focus: bool,
    /// List of saved connections and URLs below the field.
    suggestions: Suggestions,
    /// Reason that the text is not a URL to connect to.
    pub(crate) problem: Option<String>,
}

impl UrlField {
    /// Shows the feed's own URL again.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Returns the command line in the field, if it contains one.
    pub(super) fn command_line(&self) -> Option<String> {
        let text = self.line.as_ref().unwrap_or(&self.text).trim();
        program_of(text).map(|_| text.to_owned())
    }

    /// Takes a command line from the clipboard, before the field replaces its line ends.
    fn take_pasted_line(&mut self, ui: &Ui, id: Id) {
        if let Some(text) = take_pasted(ui) {
            self.set(&in_one_line(&text));
            // The text before it was selected, and what is typed next would replace the line.
            cursor_to_end(ui, id, self.text.chars().count());
            self.line = Some(text);
        }
    }

    /// Leaves out the reason that the text cannot be opened, and a refused command line, which may contain secrets.
    pub(crate) fn forget_problem(&mut self) {
        if self.problem.take().is_some() && self.command_line().is_some() {
            self.reset();
        }
    }

    /// Shows a command line again that cannot be opened, with the reason.
    pub(crate) fn refuse_line(&mut self, line: String, problem: String) {
        self.set(&in_one_line(&line));
        self.line = Some(line);
        self.problem = Some(problem);
        self.takes_focus = true;
    }

    /// Returns true if the field is empty, and nothing has been typed since it was reset.
    pub(crate) fn is_untouched(&self) -> bool {
        self.text.is_empty() && !self.edited
    }

    /// Sets the text as if the user had typed it.
    pub(crate) fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.edited = true;
    }
}

/// Returns the ID of a pane's URL field, so that a shortcut can focus it.
pub(crate) fn url_id(pane: PaneId) -> Id {
    Id::unique(("url", pane))
}

/// Space between the text and the edge of the field, in points.
pub(super) const MARGIN: f32 = 9.0;

/// Side of the button that opens the list, in points.
const OPENER: f32 = 20.0;

/// Connects the pane to the URL in the field, or stores the reason that it is not a URL. In that case the field keeps the
/// focus.
pub(super) fn connect(
    ui: &Ui,
    pane: PaneId,
    feed: Option<&FeedScene>,
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) {
    if let Some(line) = field.command_line() {
        let open = SavedCommand::OpenLine {
            pane: Some(pane),
            line,
            values: Vec::new(),
        };
        commands.push(Command::Saved(open));
        field.reset();
        ui.memory_mut(|memory| memory.surrender_focus(url_id(pane)));
        return;
    }
    let refused = match parse_url(&field.text) {
        Ok(url) if has_mask(&url) && feed.is_none_or(|feed| feed.source.url() != Some(&url)) => {
            words::SECRET_IS_MASKED.to_owned()
        }
        Ok(url) => {
            // The same URL keeps the feed with its records; another one opens a new feed.
            match feed {
                Some(feed) if feed.source.url() == Some(&url) => {
                    commands.push(Command::Feed(feed.id, FeedCommand::Connect));
                }
                _ => commands.push(Command::Pane(PaneCommand::ConnectTo { pane, url })),
            }
            field.reset();
            ui.memory_mut(|memory| memory.surrender_focus(url_id(pane)));
            return;
        }
        Err(problem) => problem.to_string(),
    };
    field.problem = Some(refused);
    // The cursor stays where it was, because the mistake is corrected more often than the whole URL is replaced.
    ui.memory_mut(|memory| memory.request_focus(url_id(pane)));
}

/// Draws the URL field. Returns true if Enter was pressed in it.
pub(super) fn url_field(
    ui: &mut Ui,
    rect: Rect,
    (pane, scene): (PaneId, &Scene<'_>),
    feed: Option<&FeedScene>,
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) -> bool {
    let id = url_id(pane);
    if std::mem::take(&mut field.takes_focus) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let focused = ui.memory(|memory| memory.has_focus(id));
    if let Some(feed) = feed
        && !field.edited
    {
        field.text = shown_url(feed);
    }
    field_ground(ui, rect, focused);
    let palette = Palette::of(ui);
    let (dim, text) = (palette.dim, palette.text);
    let mut inner = rect.shrink2(vec2(MARGIN, 0.0));
    // The text has priority over the button that opens the list.
    let opener = (rect.width() >= readable_url(ui) + OPENER).then(|| {
        inner.set_right(rect.right() - OPENER - 6.0);
        let right = pos2(rect.right() - 3.0, rect.center().y);
        Rect::from_min_size(right - vec2(OPENER, OPENER / 2.0), vec2(OPENER, OPENER))
    });
    // Without the focus, a long URL is shortened; with it, all of it can be edited.
    let mut layouter = |ui: &Ui, buffer: &dyn egui::TextBuffer, _width: f32| {
        let shown = buffer.as_str();
        let shown = if focused {
            Cow::Borrowed(shown)
        } else {
            shortened(ui, shown, inner.width())
        };
        let is_cut = matches!(shown, Cow::Owned(_));
        ui.painter().layout_job(url_job(&shown, is_cut, dim, text))
    };
    if focused {
        field.take_pasted_line(ui, id);
    }
    let typed = if field.edited {
        field.text.as_str()
    } else {
        ""
    };
    let is_asked = ui.input(|input| input.key_pressed(Key::ArrowDown));
    let offered = (focused && (is_asked || field.suggestions.is_open())).then(|| {
        let shown = feed.map(shown_url).unwrap_or_default();
        OfferedUrls::new(scene, typed, &shown)
    });
    let key = if let Some(offered) = &offered {
        // An empty list has an entry that states this.
        let count = offered.shown.len().max(1);
        field.suggestions.keys(ui, &field.text, count)
    } else if focused {
        field.suggestions.close();
        SuggestionKey::None
    } else {
        field.suggestions.leave();
        SuggestionKey::None
    };
    // Enter is taken before the field sees it, because egui would take the focus from the field. It stays there if the
    // text is no URL.
    let accepted =
        focused && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let edit = text_field(&mut field.text, id, inner)
        .font(font::mono())
        .hint_text(
            egui::RichText::new("http(s):// for events, ws(s):// for WebSocket").color(palette.dim),
        )
        .layouter(&mut layouter);
    let response = ui.place(inner, edit).accessible_name("URL");
    if response.gained_focus() {
        // A URL in an address bar is replaced more often than corrected, so that all of it is selected.
        select_all(ui, id, field.text.chars().count());
    }
    if response.changed() {
        field.line = None;
        field.edited = true;
        field.problem = None;
    }
    if focused && ui.input(|input| input.key_pressed(Key::Escape)) {
        field.reset();
        response.surrender_focus();
    }
    // The list comes after the field, which loses the focus by a click outside of it.
    if let Some(offered) = &offered {
        suggest(ui, (id, rect), pane, (offered, key), field, commands);
    }
    if let Some(rect) = opener {
        let opener = Id::unique(("url suggestions", pane));
        let name = "Recent and saved URLs";
        if icon_button(ui, rect, opener, Icon::Unfolded, name).clicked() {
            ui.memory_mut(|memory| memory.request_focus(id));
            field.suggestions.open();
        }
    }
    accepted
}

/// Draws the list of saved connections and URLs below the field, and carries out the choice.
fn suggest(
    ui: &Ui,
    (id, rect): (Id, Rect),
    pane: PaneId,
    (offered, key): (&OfferedUrls, SuggestionKey),
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) {
    let name = "Saved connections and URLs";
    let empty = "No saved connection and no recent URL matches";
    let clicked = field
        .suggestions
        .show(ui, (id, rect), name, &offered.shown, empty);
    let accepted = match key {
        SuggestionKey::Accepted(index) => Some(index),
        SuggestionKey::None => clicked,
    };
    match accepted.and_then(|index| offered.choose(index, pane)) {
        Some(UrlChoice::Run(command)) => {
            commands.push(command);
            field.reset();
            ui.memory_mut(|memory| memory.surrender_focus(id));
        }
        Some(UrlChoice::Complete(url)) => {
            field.suggestions.close();
            field.set(&url);
            cursor_to_end(ui, id, field.text.chars().count());
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        None => {}
    }
}

/// Returns the URL with its secrets masked.
fn shown_url(feed: &FeedScene) -> String {
    feed.source
        .url()
        .map(feedscope_core::url_text::masked)
        .unwrap_or_default()
}

/// Shortens a URL that does not fit into its field.
fn shortened<'a>(ui: &Ui, url: &'a str, width: f32) -> Cow<'a, str> {
    // All characters of this font have the same width.
    let sign = measured(ui, "0", font::mono());
    cut_url(url, (width / sign).floor().max(1.0) as usize)
}

/// Cuts a URL to this number of characters. The scheme is left out first, and then the middle. The host stays if it leaves
/// room for the end of the path, because both distinguish feeds.
fn cut_url(url: &str, fitting: usize) -> Cow<'_, str> {
    if url.chars().count() <= fitting {
        return Cow::Borrowed(url);
    }
    let url = url.find("://").map_or(url, |at| &url[at + 3..]);
    let signs = url.chars().count();
    if signs <= fitting {
        return Cow::Owned(url.to_owned());
    }
    let head = url.find('/').map_or(signs, |at| url[..=at].chars().count());
    // One character is the ellipsis.
    let room = fitting.saturating_sub(1);
    let head = if head <= room * 2 / 3 { head } else { room / 2 };
    let mut cut: String = url.chars().take(head).collect();
    cut.push('…');
    cut.extend(url.chars().skip(signs - (room - head)));
    Cow::Owned(cut)
}

/// Lays out a URL with a dim scheme and host, so that the path stands out. A cut URL may have no scheme.
fn url_job(text: &str, is_cut: bool, dim: Color32, bright: Color32) -> LayoutJob {
    let after_scheme = text.find("://").map_or(0, |at| at + 3);
    let path = text[after_scheme..]
        .find('/')
        .map_or(text.len(), |at| after_scheme + at);
    // A text without a scheme is still being typed and stays bright.
    let split = if after_scheme > 0 || is_cut { path } else { 0 };
    let mut job = LayoutJob::default();
    job.wrap.max_rows = 1;
    job.wrap.max_width = f32::INFINITY;
    job.append(&text[..split], 0.0, TextFormat::simple(font::mono(), dim));
    job.append(
        &text[split..],
        0.0,
        TextFormat::simple(font::mono(), bright),
    );
    job
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_url_is_cut_between_its_host_and_its_end() {
        let url = "http://127.0.0.1:9101/anthropic/search?rate=15";
        for (fitting, expected) in [
            (46, url),
            (45, "127.0.0.1:9101/anthropic/search?rate=15"),
            (39, "127.0.0.1:9101/anthropic/search?rate=15"),
            (34, "127.0.0.1:9101/…pic/search?rate=15"),
            (27, "127.0.0.1:9101/…rch?rate=15"),
            (20, "127.0.0.1…ch?rate=15"),
            (1, "…"),
        ] {
            let cut = cut_url(url, fitting);
            assert_eq!(cut, expected, "{fitting}");
            assert!(cut.chars().count() <= fitting);
        }
        assert_eq!(cut_url("wss://größe.example", 9), "größ…mple");
    }
}
