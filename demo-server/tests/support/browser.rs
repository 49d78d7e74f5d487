//! Real browser that is controlled over the DevTools protocol. It opens tabs, acts in them like a person, and collects
//! their events.
//!
//! This module depends on no particular page. It panics with a description if an action fails or takes too long.

#[path = "browser/devtools.rs"]
mod devtools;
#[path = "browser/program.rs"]
mod program;

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use devtools::DevTools;
use program::Program;

/// Longest time until a condition in a page is true, on a machine with much other load.
const WAIT_TIME: Duration = Duration::from_mins(1);

/// Running browser with its own profile. Dropping it ends it, also after a panic.
pub(crate) struct Browser {
    devtools: RefCell<DevTools>,
    program: Program,
}

impl Browser {
    /// Starts the browser that `FEEDSCOPE_BROWSER` names, or one that is installed. Returns `None` and prints a clear
    /// message if there is no browser.
    pub(crate) fn start() -> Option<Self> {
        let (program, url) = Program::start()?;
        Some(Self {
            devtools: RefCell::new(DevTools::connect(&url)),
            program,
        })
    }

    /// Opens a page in a new tab, in front of the others.
    pub(crate) fn open(&self, url: &str) -> Tab<'_> {
        let tab = self.blank_tab();
        tab.call("Page.navigate", &json!({ "url": url }));
        tab.wait("document.readyState === 'complete' && location.href !== 'about:blank'");
        tab
    }

    /// Opens a tab without a page. All its events are received from the start.
    pub(crate) fn blank_tab(&self) -> Tab<'_> {
        let text = |value: &Value| value.as_str().expect("an id").to_owned();
        let created = self.call(
            None,
            "Target.createTarget",
            &json!({ "url": "about:blank" }),
        );
        let target = text(&created["targetId"]);
        let attached = self.call(
            None,
            "Target.attachToTarget",
            &json!({ "targetId": target, "flatten": true }),
        );
        let tab = Tab {
            browser: self,
            session: text(&attached["sessionId"]),
            target,
        };
        for domain in ["Page", "Runtime", "Log", "Network", "Audits"] {
            tab.call(&format!("{domain}.enable"), &json!({}));
        }
        tab
    }

    fn call(&self, session: Option<&str>, method: &str, params: &Value) -> Value {
        let answer = self.devtools.borrow_mut().call(session, method, params);
        answer.unwrap_or_else(|error| panic!("{method} {params}: {error}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // An orderly close also ends the processes that the browser has started.
        let closing = self
            .devtools
            .get_mut()
            .call(None, "Browser.close", &json!({}));
        if closing.is_ok() {
            self.program.wait();
        }
    }
}

/// Tab of a browser.
pub(crate) struct Tab<'a> {
    browser: &'a Browser,
    target: String,
    session: String,
}

impl Tab<'_> {
    /// Calls a method of the DevTools protocol.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Value {
        self.browser.call(Some(&self.session), method, params)
    }

    /// Returns the value of an expression in the page. If it is a promise, its result is awaited.
    pub(crate) fn ask(&self, expression: &str) -> Value {
        let answer = self.call(
            "Runtime.evaluate",
            &json!({ "expression": expression, "awaitPromise": true, "returnByValue": true }),
        );
        if let Some(details) = answer.get("exceptionDetails") {
            panic!("{expression}: {details:#}");
        }
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true in the page. It is evaluated again after each change of the page.
    pub(crate) fn wait(&self, condition: &str) {
        let milliseconds = WAIT_TIME.as_millis();
        self.ask(&format!(
            "new Promise((resolve, reject) => {{
                const holds = () => ({condition});
                if (holds()) return resolve();
                const observer = new MutationObserver(() => {{
                    if (!holds()) return;
                    observer.disconnect();
                    resolve();
                }});
                observer.observe(document, {{ subtree: true, childList: true, characterData: true, attributes: true }});
                document.addEventListener('readystatechange', () => {{ if (holds()) resolve(); }});
                setTimeout(() => reject(new Error('not in time; the page says: ' + document.body.innerText)), {milliseconds});
            }})"
        ));
    }

    /// Clicks in the middle of an element. Fails if another element covers it.
    pub(crate) fn click(&self, selector: &str) {
        let place = self.ask(&format!(
            "(() => {{
                const element = document.querySelector({selector:?});
                element.scrollIntoView({{ block: 'nearest' }});
                const box = element.getBoundingClientRect();
                const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                return element.contains(document.elementFromPoint(x, y)) ? [x, y] : null;
            }})()"
        ));
        assert!(place.is_array(), "{selector} cannot be clicked");
        for kind in ["mousePressed", "mouseReleased"] {
            self.call(
                "Input.dispatchMouseEvent",
                &json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 }),
            );
        }
    }

    /// Types text into the element that has the focus.
    pub(crate) fn type_text(&self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// Presses a key that has a name, such as `Enter` or `Tab`.
    pub(crate) fn press(&self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            _ => panic!("no code known for the key {key}"),
        };
        let text = if key == "Enter" { "\r" } else { "" };
        let kind = if text.is_empty() {
            "rawKeyDown"
        } else {
            "keyDown"
        };
        for kind in [kind, "keyUp"] {
            self.call(
                "Input.dispatchKeyEvent",
                &json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text }),
            );
        }
    }

    /// Brings the tab to the front, like a click on it.
    pub(crate) fn show(&self) {
        self.call("Page.bringToFront", &json!({}));
    }

    /// Returns the events of one kind so far, in order.
    pub(crate) fn events(&self, method: &str) -> Vec<Value> {
        // Everything that was on its way arrives before the answer to this call.
        self.ask("0");
        let devtools = self.browser.devtools.borrow();
        let mine = devtools
            .events
            .iter()
            .filter(|event| event.session == self.session);
        mine.filter(|event| event.method == method)
            .map(|event| event.params.clone())
            .collect()
    }

    /// Waits until this number of events of one kind that `matches` accepts have arrived since the tab was opened.
    pub(crate) fn wait_for_events(
        &self,
        method: &str,
        count: usize,
        matches: impl Fn(&Value) -> bool,
    ) {
        let mut devtools = self.browser.devtools.borrow_mut();
        let deadline = Instant::now() + WAIT_TIME;
        let (mut seen, mut found) = (0, 0);
        loop {
            for event in &devtools.events[seen..] {
                let mine = event.session == self.session && event.method == method;
                found += usize::from(mine && matches(&event.params));
            }
            seen = devtools.events.len();
            if found >= count {
                return;
            }
            devtools
                .read(deadline)
                .unwrap_or_else(|error| panic!("{found} of {count} {method}: {error}"));
        }
    }

    /// Sets the size of the page in points, with one pixel for each point.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// Sets the color scheme that the system reports to the page, `light` or `dark`.
    pub(crate) fn prefer(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [feature] }),
        );
    }

    /// Writes a picture of the tab as a PNG.
    pub(crate) fn save_picture(&self, file: &Path) {
        let answer = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        let text = answer["data"].as_str().expect("a picture");
        let png = BASE64_STANDARD.decode(text).expect("base64");
        fs::write(file, png).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// Closes the tab at once, like a person.
    pub(crate) fn close(self) {
        let target = json!({ "targetId": self.target });
        self.browser.call(None, "Target.closeTarget", &target);
    }
}
