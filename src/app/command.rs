//! Execution of the user's commands: the one `match` over [`Command`].

use super::App;
use feedscope_core::feed::FeedCommand;
use feedscope_ui::Command;

impl App {
    /// Carries out one command. It is called after the pass has been drawn.
    pub(super) fn carry_out(&mut self, command: Command, ctx: &egui::Context) {
        match command {
            Command::Feed(id, FeedCommand::Connect | FeedCommand::RetryNow)
                if self.feed(id).is_some_and(|feed| feed.lacking.is_some()) =>
            {
                self.open_lacking(id);
            }
            Command::Feed(id, command) => {
                if let Some(feed) = self.feed(id) {
                    feed.handle.command(command);
                }
            }
            Command::ConnectTo { pane, url } => self.connect_to(pane, url),
            Command::ConnectWith { pane, spec } => self.connect_with(pane, *spec),
            Command::OpenPane(feed) => {
                self.open_pane(feed);
            }
            Command::ClosePane(pane) => self.close_pane(pane),
            Command::ReopenPane => self.reopen_pane(),
            Command::Clear(id) => {
                if let Some(feed) = self.feed(id) {
                    feed.store.clear();
                    // The network has no part in this change, so that the analyses are woken from here.
                    self.runner.waker()();
                }
            }
            Command::Demo(command) => self.carry_out_demo(command),
            Command::SetTheme(theme) => {
                self.window.set_theme(ctx, theme);
                self.kept.set_theme(theme);
            }
            Command::SetUtc(utc) => {
                self.window.set_utc(utc);
                self.kept.now.utc = utc;
                self.kept.save();
            }
            Command::KeepColumns(feed, columns) => self.keep_columns(feed, columns),
            Command::KeepFields(feed, fields) => self.keep_fields(feed, fields),
            Command::OpenSaved {
                name,
                pane,
                values,
                is_allowed,
            } => self.open_saved(&name, pane, values, is_allowed),
            Command::OpenLinks(urls) => self.open_accepted(urls),
            Command::OpenCurl { pane, line } => self.open_curl(pane, &line),
            Command::PrepareSave { feed, filter } => self.prepare_save(feed, filter),
            Command::SaveConnection {
                former,
                form,
                feed,
                writes_secrets,
            } => self.save_connection(former, &form, feed, writes_secrets),
            Command::DuplicateSaved(name) => self.duplicate_saved(&name),
            Command::DeleteSaved(name) => self.delete_saved(name),
            Command::CopyAs(feed, program) => self.copy_as(feed, program, ctx),
            Command::SendSaved(id, index) => {
                let now = self.clock.now().utc;
                if let Some(player) = self.feed(id).and_then(|feed| feed.player.as_ref()) {
                    player.send_by_hand(index, now);
                }
            }
            Command::SetAutomatic(id, index, is_on) => {
                if let Some(player) = self.feed(id).and_then(|feed| feed.player.as_ref()) {
                    player.set_on(index, is_on);
                }
            }
            Command::StopAutomatic => {
                for player in self.feeds.iter().filter_map(|feed| feed.player.as_ref()) {
                    player.stop();
                }
            }
            Command::SaveAs {
                feed,
                path,
                format,
                rows,
            } => self.save_as(feed, path, format, rows),
            Command::StopSaving(feed) => self.stop_saving(feed),
            Command::Record {
                feeds,
                path,
                from_now,
            } => self.record(&feeds, path, from_now),
            Command::StopRecording(feed) => self.stop_recording(feed),
            Command::DismissRecording(feed) => self.dismiss_recording(feed),
            Command::Replay(feed, action) => self.carry_out_replay(feed, action),
            Command::OpenFiles { pane, paths } => self.open_files(pane, paths),
            Command::Browse(purpose) => self.browse(purpose),
            Command::DismissNotice => self.kept.notice = None,
        }
        // Another pass shows the effect of the command at once.
        ctx.request_repaint();
    }
}
