//! Links and files that the desktop passes on. A feed is opened only after the user has seen its address.

use url::Url;

use super::App;
use crate::plan::DesktopLink;

impl App {
    /// Opens the files, and asks before the feeds are opened.
    pub fn open_links(&mut self, links: Vec<DesktopLink>) {
        let (mut files, mut feeds, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for link in links {
            match link {
                DesktopLink::Feed(url) => feeds.push(url),
                DesktopLink::File(path) => files.push(path),
                DesktopLink::Refused(sentence) => refused.push(sentence),
            }
        }
        if files.is_empty() {
            self.open_pane(None);
        } else {
            self.open_files(None, files);
        }
        if !feeds.is_empty() {
            self.window.ask_links(feeds);
        }
        if !refused.is_empty() {
            self.show_notice(refused.join(" "));
        }
    }

    /// Opens the feeds of links that the user has accepted, each in a pane.
    pub(super) fn open_accepted(&mut self, urls: Vec<Url>) {
        for url in urls {
            let mut panes = self.panes.iter();
            let empty = panes.find(|pane| pane.feed.is_none()).map(|pane| pane.id);
            let pane = empty.unwrap_or_else(|| self.open_pane(None));
            self.connect_to(pane, url);
        }
    }
}
