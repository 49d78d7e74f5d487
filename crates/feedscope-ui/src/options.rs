//! Options of a pane's feed as a form, and the properties of its open connection. Changes take effect when the user
//! accepts the form.

mod form;
mod payloads;
mod row;

use egui::style::ScrollAnimation;
use egui::{Align, Id, Key, Modifiers, Response, RichText, ScrollArea, Ui};
use feedscope_core::ConnectionState;
use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{FeedCommand, FeedSpec};
use feedscope_core::protocol::{Engine, EventStreamEngine, Protocol, WebSocketEngine};

use crate::command::{Command, PaneCommand};
use crate::focus_ring::{focus_answer, reveal_focus};
use crate::ids::PaneId;
use crate::lens::{FeedLens, ReadingTexts};
use crate::menu_focus;
use crate::scene::FeedScene;
use crate::theme::{Palette, font};
use crate::widgets::sheet_scroll::Content;
use crate::widgets::text_field::named_by;
use crate::widgets::{sheet, sheet_scroll};
use crate::words;
use form::OptionsForm;
use payloads::Payloads;
use row::row;

/// Height of the line for messages, in points.
const MESSAGE: f32 = 24.0;

/// Field of the form that gets the focus when the sheet is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionField {
    Headers,
    ResponseTimeout,
    LongestMessage,
    Proxy,
    Certificates,
    ClientCertificate,
    Format,
    AnyCertificate,
}

/// Sheet of a pane while it is open.
pub(crate) struct Options {
    form: OptionsForm,
    /// Form as it was opened.
    opened: OptionsForm,
    /// Fields about the payloads, as soon as the sheet is drawn.
    payloads: Option<Payloads>,
    /// The sheet asks the user about changes that closing it would drop.
    asks: bool,
    /// The question has just appeared, and its harmless answer gets the focus.
    asks_now: bool,
    /// Part of the form that had the focus last. It gets the focus again after the question.
    focused: Option<Id>,
    /// Sentence about the field that was refused last.
    problem: Option<String>,
    /// Field that gets the focus, if the sheet has just been opened.
    first: Option<OptionField>,
    /// Number of passes for which this field is still scrolled into sight: until the fields have their places.
    passes_to_first: u8,
    /// Largest height of the fields so far, in points. The sheet does not shrink, so that it does not move.
    fields_height: f32,
}

impl Options {
    /// Creates the sheet with the feed's present options. This field gets the focus.
    pub(crate) fn of(spec: &FeedSpec, first: OptionField) -> Self {
        let form = OptionsForm::of(spec);
        Self {
            opened: form.clone(),
            form,
            payloads: None,
            asks: false,
            asks_now: false,
            focused: None,
            problem: None,
            first: Some(first),
            passes_to_first: 3,
            fields_height: 0.0,
        }
    }

    /// Draws the sheet. Returns true if it stays open.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        pane: PaneId,
        (feed, lens): (&FeedScene, Option<&FeedLens>),
        commands: &mut Vec<Command>,
    ) -> bool {
        // A file has no options.
        let Some(spec) = feed.source.spec() else {
            return false;
        };
        if self.payloads.is_none() {
            self.payloads = lens.map(Payloads::of);
        }
        let palette = Palette::of(ui);
        let screen = ui.ctx().content_rect();
        let has_asked = self.asks;
        // Title and buttons stay, and the fields between them scroll.
        let modal = sheet(
            ui,
            Id::unique(("options sheet", pane)),
            "Connection options",
        )
        .show(ui.ctx(), |ui| {
            ui.set_width(520.0_f32.min(screen.width() - 60.0));
            ui.label(RichText::new("Connection options").font(font::title()));
            ui.label(
                RichText::new(feed.address())
                    .font(font::mono())
                    .color(palette.dim),
            );
            let height = (screen.height() - 250.0).max(100.0);
            let fields = ScrollArea::vertical()
                .max_height(height)
                .auto_shrink([false, true]);
            let fields = sheet_scroll::show(ui, fields, Content::Fields, |ui| {
                ui.set_min_height(self.fields_height);
                self.fields(ui, pane, feed.source.protocol());
                in_use(ui, feed);
                reveal_focus(ui);
            });
            // The first pass measures the fields. Their sizes and places are not those that are drawn.
            if !ui.is_sizing_pass() {
                self.fields_height = self.fields_height.max(fields.content_size.y);
            }
            let buttons = ui.horizontal(|ui| {
                let accepted = ui
                    .button(RichText::new("Apply and connect").color(palette.open))
                    .clicked();
                (accepted, ui.button("Cancel").clicked())
            });
            let discards = self.message(ui);
            let (accepted, cancelled) = buttons.inner;
            (accepted, cancelled || discards)
        });
        let (accepted, cancelled) = modal.inner;
        let entered = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        if accepted || entered {
            // The sheet stays open with the sentence if a field is refused.
            match self.accept(spec) {
                Ok((changed, texts)) => {
                    // Another reading of the payloads alone needs no other connection, and neither do unchanged options.
                    if changed == *spec {
                        let is_live = feed.source.state().is_some_and(ConnectionState::is_live);
                        if texts.is_none() && !is_live {
                            commands.push(Command::Feed(feed.id, FeedCommand::Connect));
                        }
                    } else {
                        let spec = Box::new(changed);
                        commands.push(Command::Pane(PaneCommand::ConnectWith { pane, spec }));
                    }
                    if let Some(texts) = texts {
                        commands.push(Command::Pane(PaneCommand::Read { pane, texts }));
                    }
                    return false;
                }
                Err(problem) => {
                    self.problem = Some(problem);
                    // A click on the button has taken the focus from the field.
                    self.give_back_focus(ui);
                }
            }
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        let leaves = escaped || modal.should_close();
        let payloads = self.payloads.as_ref();
        let is_changed = self.form != self.opened || payloads.is_some_and(Payloads::are_changed);
        if leaves && is_changed {
            // A second Escape returns to the form, so that two quick ones lose nothing.
            self.asks = !self.asks;
            self.asks_now = self.asks;
        }
        self.keep_focus(ui, has_asked);
        !(cancelled || (leaves && !is_changed))
    }

    /// Gives the focus back to the form when the question is gone.
    fn keep_focus(&mut self, ui: &Ui, has_asked: bool) {
        match (has_asked, self.asks) {
            (false, false) => {
                self.focused = ui.memory(egui::Memory::focused).or(self.focused);
            }
            (true, false) => self.give_back_focus(ui),
            (_, true) => {}
        }
    }

    fn give_back_focus(&self, ui: &Ui) {
        if let Some(focused) = self.focused {
            ui.memory_mut(|memory| memory.request_focus(focused));
        }
    }

    /// Returns the connection that the fields describe, and the reading of its payloads if that has changed.
    fn accept(&mut self, spec: &FeedSpec) -> Result<(FeedSpec, Option<ReadingTexts>), String> {
        let changed = self.form.accept(spec)?;
        let payloads = self.payloads.as_mut().map(Payloads::accept);
        Ok((changed, payloads.transpose()?.flatten()))
    }

    /// Draws the line for the question about changes, or for the sentence about a refused field. It always has the same
    /// height. Returns true if the user discards the changes.
    fn message(&mut self, ui: &mut Ui) -> bool {
        let size = egui::vec2(ui.available_width(), MESSAGE);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let line = ui.allocate_ui_with_layout(size, layout, |ui| {
            ui.set_min_size(size);
            if self.asks {
                return self.ask(ui);
            }
            if let Some(problem) = &self.problem {
                let text = RichText::new(problem).color(Palette::of(ui).fail);
                ui.add(egui::Label::new(text).truncate());
            }
            false
        });
        line.inner
    }

    /// Asks about changes that closing the sheet would drop. Returns true if the user discards them.
    fn ask(&mut self, ui: &mut Ui) -> bool {
        let palette = Palette::of(ui);
        let text = RichText::new(words::CHANGES_NOT_APPLIED).color(palette.wait);
        let response = ui.label(text);
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(egui::accesskit::Role::Alert);
        });
        let discards = ui.button("Discard the changes").clicked();
        let keep = ui.button("Keep editing");
        if std::mem::take(&mut self.asks_now) {
            focus_answer(ui, &keep);
        }
        if keep.clicked() {
            self.asks = false;
        }
        discards
    }

    /// Draws the fields that the protocol has.
    fn fields(&mut self, ui: &mut Ui, pane: PaneId, protocol: Protocol) {
        let form = &mut self.form;
        egui::Grid::new(("options", pane))
            .num_columns(2)
            .spacing([16.0, 8.0])
            .show(ui, |ui| {
                let hint = "Authorization: Bearer …, one per line";
                let headers = row(ui, "Headers", hint, &mut form.headers, 3);
                let opened = OpenedAt(self.first);
                self.passes_to_first = self.passes_to_first.saturating_sub(1);
                self.first.take_if(|_first| self.passes_to_first == 0);
                opened.reach(OptionField::Headers, &headers);
                match protocol {
                    Protocol::EventStream => asked_for(ui, form),
                    Protocol::WebSocket => said(ui, form),
                }
                if let Some(payloads) = &mut self.payloads {
                    payloads.fields(ui, protocol);
                }
                limits(ui, form, protocol, opened);
                way(ui, form, opened);
                choices(ui, pane, form, protocol, opened);
            });
    }
}

/// Field that gets the focus in this pass.
#[derive(Clone, Copy)]
struct OpenedAt(Option<OptionField>);

impl OpenedAt {
    /// Gives the focus to a field if the sheet is opened at it, and scrolls to it.
    fn reach(self, field: OptionField, response: &Response) {
        if self.0 == Some(field) {
            response.request_focus();
            response.scroll_to_me_animation(Some(Align::Center), ScrollAnimation::none());
        }
    }
}

/// Draws the fields for an event stream's request.
fn asked_for(ui: &mut Ui, form: &mut OptionsForm) {
    let last_event_id = &mut form.last_event_id;
    row(
        ui,
        "Last event ID",
        "resume after this ID",
        last_event_id,
        1,
    );
    // As curl, a request with a body is a POST unless the method says otherwise.
    let method = if form.body.trim().is_empty() {
        "GET"
    } else {
        "POST"
    };
    row(ui, "Method", method, &mut form.method, 1);
    row(ui, "Body", "sent with the request", &mut form.body, 2);
    ui.label("");
    ui.checkbox(&mut form.resend, words::RESEND)
        .on_hover_text(words::RESEND_HINT);
    ui.end_row();
}

/// Draws the fields for the messages that a WebSocket sends automatically.
fn said(ui: &mut Ui, form: &mut OptionsForm) {
    let hint = "comma-separated";
    row(ui, "Subprotocols", hint, &mut form.subprotocols, 1);
    let hint = "one message per line, sent on every connection";
    row(ui, "Send on connect", hint, &mut form.send_on_connect, 2);
    row(ui, "Ping every (s)", "0 is off", &mut form.keepalive, 1);
}

/// Draws the fields for timeouts and limits.
fn limits(ui: &mut Ui, form: &mut OptionsForm, protocol: Protocol, opened: OpenedAt) {
    row(ui, "Connect timeout, s", "15", &mut form.connect_timeout, 1);
    let hint = match protocol {
        Protocol::EventStream => "no limit",
        Protocol::WebSocket => "15",
    };
    let response_timeout = &mut form.response_timeout;
    let response = row(ui, "Response timeout, s", hint, response_timeout, 1);
    opened.reach(OptionField::ResponseTimeout, &response);
    let response = row(ui, "Maximum message size", "64M", &mut form.max_message, 1);
    opened.reach(OptionField::LongestMessage, &response);
    let hint = "default: 512M, or the settings";
    row(ui, "Memory for records", hint, &mut form.budget, 1);
    let hint = "default: none, or the settings";
    row(ui, "Older records on disk", hint, &mut form.disk_history, 1);
    let max_reconnects = &mut form.max_reconnects;
    row(ui, "Maximum reconnects", "no limit", max_reconnects, 1);
}

/// Draws the fields for the route to the server and for certificates.
fn way(ui: &mut Ui, form: &mut OptionsForm, opened: OpenedAt) {
    let hint = "http://… or socks5://…";
    let response = row(ui, "Proxy", hint, &mut form.proxy, 1);
    opened.reach(OptionField::Proxy, &response);
    let hint = "HOST:PORT:ADDRESS, one per line";
    row(ui, "Host addresses (resolve)", hint, &mut form.resolve, 2);
    row(ui, "Unix socket", "a path", &mut form.unix_socket, 1);
    let hint = "PEM, added to the system's";
    let response = row(ui, "CA certificates, file", hint, &mut form.ca_file, 1);
    opened.reach(OptionField::Certificates, &response);
    let certificate = &mut form.client_certificate;
    let response = row(ui, "Client certificate, file", "PEM", certificate, 1);
    opened.reach(OptionField::ClientCertificate, &response);
    let hint = "PEM, if it is not in the same file";
    row(ui, "Client key, file", hint, &mut form.client_key, 1);
}

/// Draws the options that are selected instead of typed.
fn choices(
    ui: &mut Ui,
    pane: PaneId,
    form: &mut OptionsForm,
    protocol: Protocol,
    opened: OpenedAt,
) {
    ui.label("Reconnect");
    ui.horizontal(|ui| {
        for (policy, name, hint) in [
            (
                ReconnectPolicy::Persistent,
                "Always",
                "Also after refusals and server errors",
            ),
            (
                ReconnectPolicy::Browser,
                "Browser",
                "The HTML standard to the letter",
            ),
            (ReconnectPolicy::Never, "Never", "One connection only"),
        ] {
            ui.radio_value(&mut form.policy, policy, name)
                .on_hover_text(hint);
        }
    });
    ui.end_row();
    match protocol {
        Protocol::EventStream => engine(
            ui,
            pane,
            &mut form.event_stream_engine,
            EventStreamEngine::ALL,
        ),
        Protocol::WebSocket => {
            engine(ui, pane, &mut form.web_socket_engine, WebSocketEngine::ALL);
        }
    }
    if protocol == Protocol::EventStream {
        let label = ui.label("Format");
        let combo = egui::ComboBox::from_id_salt(("format", pane))
            .selected_text(form.format.name())
            .show_ui(ui, |ui| {
                for (format, hint) in words::FORMATS {
                    choice(ui, &mut form.format, format, format.name()).on_hover_text(hint);
                }
            })
            .response;
        let format = named_by(combo, &label, "Format");
        opened.reach(OptionField::Format, &format);
        ui.end_row();
    }
    ui.label("");
    ui.checkbox(&mut form.compression, "Ask for compression");
    ui.end_row();
    ui.label("");
    let any = ui.checkbox(&mut form.insecure, "Accept any certificate (insecure)");
    opened.reach(OptionField::AnyCertificate, &any);
    ui.end_row();
}

/// Draws the engines of a protocol, one of which is chosen.
fn engine<E: Copy + PartialEq + Into<Engine>>(
    ui: &mut Ui,
    pane: PaneId,
    chosen: &mut E,
    engines: impl IntoIterator<Item = E>,
) {
    let name = |engine: E| engine.into().name();
    let label = ui.label("Engine");
    let combo = egui::ComboBox::from_id_salt(("engine", pane))
        .selected_text(name(*chosen))
        .show_ui(ui, |ui| {
            for engine in engines {
                choice(ui, chosen, engine, name(engine));
            }
        })
        .response;
    named_by(combo, &label, "Engine");
    ui.end_row();
}

/// Draws an entry of a list of values, one of which is chosen.
fn choice<V: PartialEq>(ui: &mut Ui, chosen: &mut V, value: V, name: &str) -> Response {
    let is_present = *chosen == value;
    let entry = ui.selectable_label(is_present, name);
    if is_present {
        menu_focus::begin_at(ui, entry.id);
    }
    if entry.clicked() {
        *chosen = value;
        // By itself, egui closes the list only at a click of the mouse.
        ui.close();
    }
    entry
}

/// Draws the properties that the open connection has negotiated.
fn in_use(ui: &mut Ui, feed: &FeedScene) {
    let status = feed.source.status();
    let Some(status) = status.filter(|status| !status.negotiated.is_empty()) else {
        return;
    };
    let palette = Palette::of(ui);
    ui.add_space(8.0);
    ui.label(RichText::new("In use now").font(font::strong_label()));
    egui::Grid::new(("in use", feed.id))
        .num_columns(2)
        .spacing([16.0, 4.0])
        .show(ui, |ui| {
            let mut row = |name: &str, value: &str| {
                ui.label(RichText::new(name).color(palette.dim));
                ui.label(RichText::new(value).font(font::mono()));
                ui.end_row();
            };
            for (name, value) in &status.negotiated {
                row(name, value);
            }
            for (name, value) in status.wire.iter().flat_map(words::wire_facts) {
                row(name, &value);
            }
        });
}
