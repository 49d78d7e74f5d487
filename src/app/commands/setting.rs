//! Commands about what the settings keep.

use feedscope_ui::SettingCommand;

use crate::app::App;

impl App {
    pub(super) fn carry_out_for_setting(&mut self, command: SettingCommand, ctx: &egui::Context) {
        match command {
            SettingCommand::Theme(theme) => {
                self.window.set_theme(ctx, theme);
                self.kept.set_theme(theme);
            }
            SettingCommand::Utc(utc) => {
                self.window.set_utc(utc);
                self.kept.now.utc = utc;
                self.kept.save();
            }
            SettingCommand::Columns(feed, columns) => self.keep_columns(feed, columns),
            SettingCommand::Fields(feed, fields) => self.keep_fields(feed, fields),
            SettingCommand::Latest(feed, paths) => self.keep_latest(feed, paths),
            SettingCommand::Measured(feed, fields) => self.keep_measured(feed, &fields),
            SettingCommand::DismissNotice => {
                // The sentence about waiting feeds is shown after the others.
                if self.kept.notice.take().is_none() {
                    self.waiting.clear();
                }
            }
        }
    }
}
